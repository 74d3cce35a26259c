/** Claim templates and device classes over their life on a real control plane: what a change of them does to pods and claims that are there. */
import { tierDeviceClass } from "../../src/dra/tiers";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import type { KubernetesObject } from "../../src/live/api/api-server";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { startControlPlane } from "../harness/control-plane/start";
import { Heartbeats } from "../../src/fleet/nodes/heartbeats";
import { verdictOf } from "./refuser";
import { podsPossible } from "../../src/fleet/settled";
import { applyStack, stackObjects } from "../support/stack-objects";
import { POD_SPEC } from "./tenants/requests";
import { waitFor } from "../../src/live/wait";

const TEAM = "mig-test";
const CLAIMS = `/apis/resource.k8s.io/v1/namespaces/${TEAM}/resourceclaims`;

let cluster: ControlPlane;
let heartbeats: Heartbeats;
let objects: readonly KubernetesObject[];
beforeAll(async () => {
  cluster = await startControlPlane({ clientRate: "unlimited" });
  heartbeats = new Heartbeats(cluster.api);
  objects = await stackObjects({ fashionMnist: { type: "none" } });
  await applyStack(cluster.api, objects);
  await podsPossible(cluster.api, TEAM);
});
afterAll(() => {
  heartbeats.stop();
  return cluster.stop();
});

function template(name = "mig-small-template"): KubernetesObject {
  return objects.find(({ kind, metadata }) => kind === "ResourceClaimTemplate" && metadata["name"] === name) as KubernetesObject;
}

/** The small template, asking for another tier. */
function changedTemplate(): KubernetesObject {
  return { ...template(), spec: template("mig-medium-template")["spec"] as unknown };
}

const pod = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: TEAM }, spec: POD_SPEC });

async function claimOf(name: string): Promise<KubernetesObject | undefined> {
  const claims = await cluster.api.list(CLAIMS);
  return claims.find(({ metadata }) =>
    (metadata["ownerReferences"] as readonly { readonly name: string }[] | undefined)?.some((owner) => owner.name === name),
  );
}

/** The claim that the controllers make for a pod. */
async function madeClaim(name: string): Promise<KubernetesObject> {
  await waitFor(`the claim of ${name}`, async () => (await claimOf(name)) !== undefined);
  return (await claimOf(name)) as KubernetesObject;
}

const classOf = (claim: KubernetesObject) => claim["spec"].devices.requests[0].exactly.deviceClassName as string;

describe("a claim template", () => {
  // Otherwise they would be the first to get the slices of a node.
  afterAll(() => cluster.api.deleteAll(`/api/v1/namespaces/${TEAM}/pods`));

  test("can have its metadata changed, and its spec not", async () => {
    const labelled = { ...template(), metadata: { ...template().metadata, labels: { team: TEAM } } };
    expect(verdictOf(await cluster.api.tryApply(labelled, { dryRun: true })).type).toBe("admitted");
    expect(verdictOf(await cluster.api.tryApply(changedTemplate(), { dryRun: true }))).toMatchObject({
      by: "validation",
      message: expect.stringContaining("field is immutable") as string,
    });
  });

  test("that is replaced serves new pods; those that are there keep their claims", async () => {
    await cluster.api.create(pod("before"));
    const before = await madeClaim("before");

    await cluster.api.delete(template());
    await cluster.api.create(pod("between"));
    await waitFor("a word about the template that is missing", async () => {
      const events = await cluster.api.list(`/api/v1/namespaces/${TEAM}/events`);
      return events.some(({ reason, involvedObject }) => reason === "FailedResourceClaimCreation" && involvedObject.name === "between");
    });
    await cluster.api.apply(changedTemplate());
    await cluster.api.create(pod("after"));

    expect(classOf(await madeClaim("after"))).toBe("mig-medium.nvidia.com");
    expect(classOf(await madeClaim("between"))).toBe("mig-medium.nvidia.com");
    const now = await madeClaim("before");
    expect({ uid: now.metadata["uid"] as string, spec: now["spec"] as unknown }).toEqual({
      uid: before.metadata["uid"],
      spec: before["spec"],
    });
  });
});

describe("a tier's device class", () => {
  const SMALL = "mig-small.nvidia.com";
  const deviceClass = () => objects.find(({ kind, metadata }) => kind === "DeviceClass" && metadata["name"] === SMALL) as KubernetesObject;

  /** A node with two free slices of 1g.5gb. */
  async function makeNode(): Promise<void> {
    const taints = [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }];
    const room = { cpu: "8", memory: "64Gi", pods: "110", "ephemeral-storage": "100Gi" };
    const status = { capacity: room, allocatable: room };
    await cluster.api.create({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: { taints }, status });
    await heartbeats.begin("node-1");
    const attributes = { type: { string: "mig" }, profile: { string: "1g.5gb" } };
    await cluster.api.create({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name: "node-1-gpu" },
      spec: {
        driver: "gpu.nvidia.com",
        nodeName: "node-1",
        pool: { name: "node-1", generation: 1, resourceSliceCount: 1 },
        devices: ["slice-0", "slice-1"].map((name) => ({ name, attributes })),
      },
    });
  }

  const allocationOf = (claim: KubernetesObject | undefined) => claim?.["status"]?.allocation as object | undefined;

  test("can be changed in place: claims keep their devices, and new ones get what it says now", async () => {
    await makeNode();
    await cluster.api.apply({ ...template(), metadata: { name: "small", namespace: TEAM } });
    const small = { ...POD_SPEC, resourceClaims: [{ name: "slice", resourceClaimTemplateName: "small" }] };
    const smallPod = (name: string) => ({ ...pod(name), spec: small });
    await cluster.api.create(smallPod("holder"));
    await waitFor("a slice for the pod", async () => allocationOf(await claimOf("holder")) !== undefined);
    const held = allocationOf(await claimOf("holder"));

    const other = GPU_MODELS.filter(({ name }) => name === "H200 141GB");
    const selectors = tierDeviceClass("small", other).selectors.map((expression) => ({ cel: { expression } }));
    await cluster.api.apply({ ...deviceClass(), spec: { selectors } });
    await cluster.api.create(smallPod("newcomer"));
    await waitFor("the scheduler's word on the new pod", async () => {
      const found = await cluster.api.find(smallPod("newcomer"));
      const conditions = (found?.["status"]?.conditions ?? []) as readonly { readonly type: string; readonly message?: string }[];
      return conditions.some(({ type, message = "" }) => type === "PodScheduled" && message.includes("cannot allocate all claims"));
    });
    expect(allocationOf(await claimOf("holder"))).toEqual(held);

    // The class as it was: the pod that waited is placed, without being made anew.
    await cluster.api.apply(deviceClass());
    await waitFor("a slice for the pod that waited", async () => allocationOf(await claimOf("newcomer")) !== undefined);
  });
});
