/** What a pod of higher priority gets by ending others (README.md, "What it is not"): CPU, also of pods that hold slices; never a slice. */
import { publishSlices } from "../../../src/dra/devices";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import { podsPossible } from "../../../src/fleet/settled";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { startControlPlane } from "../../harness/control-plane/start";
import type { ControlPlane } from "../../harness/control-plane/start";
import { testedRelease } from "../../support/tested-release";
import { PodWatch } from "../differential/pod-watch";

const NODE = "node-1";
const CLASS = "large";
const ENDED = "PreemptionByScheduler";

let cluster: ControlPlane;
let watch: PodWatch;
let heartbeats: Heartbeats;

beforeAll(async () => {
  cluster = await startControlPlane();
  const { api } = cluster;
  heartbeats = new Heartbeats(api);
  watch = new PodWatch(api);
  const model = findGpuModel("A100-SXM4-40GB");
  const resolved = model && resolveLayout("all-balanced", model, 1);
  if (resolved?.type !== "legal") {
    throw new Error("all-balanced is legal on an A100");
  }
  const allocatable = { cpu: "4", memory: "16Gi", pods: "20" };
  await api.create({ apiVersion: "v1", kind: "Node", metadata: { name: NODE }, status: { allocatable, capacity: allocatable } });
  for (const slice of publishSlices(NODE, resolved.layout, testedRelease())) {
    await api.create(slice);
  }
  await heartbeats.begin(NODE);
  // One GPU has one slice of this class.
  const selectors = [{ cel: { expression: "device.attributes['gpu.nvidia.com'].profile == '3g.20gb'" } }];
  await api.create({ apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: CLASS }, spec: { selectors } });
  const exactly = { deviceClassName: CLASS };
  await api.create({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name: CLASS, namespace: "default" },
    spec: { spec: { devices: { requests: [{ name: "slice", exactly }] } } },
  });
  await api.create({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "high" },
    value: 1000,
  } as KubernetesObject);
  await podsPossible(api, "default");
});
afterAll(async () => {
  watch.stop();
  heartbeats.stop();
  await cluster.stop();
});

interface Wanted {
  readonly cpu: string;
  readonly slice?: true;
  readonly priorityClassName?: string;
}

async function create(name: string, { cpu, slice, priorityClassName }: Wanted): Promise<KubernetesObject> {
  const pod: KubernetesObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...(slice === undefined ? {} : { resourceClaims: [{ name: "slice", resourceClaimTemplateName: CLASS }] }),
      containers: [
        {
          name: "main",
          image: "registry.example.com/app:1",
          resources: { requests: { cpu }, ...(slice === undefined ? {} : { claims: [{ name: "slice" }] }) },
        },
      ],
    },
  };
  await cluster.api.create(pod);
  return pod;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

const conditionsOf = ({ status }: KubernetesObject): readonly Condition[] => (status?.["conditions"] ?? []) as readonly Condition[];
const endedBy = (pod: KubernetesObject) => conditionsOf(pod).find(({ type }) => type === "DisruptionTarget")?.reason;

test("a pod that needs a slice does not end the one that has it, and one that needs CPU does", async () => {
  const holder = await create("holder", { cpu: "3", slice: true });
  await watch.until(holder.metadata, ({ spec }) => (spec["nodeName"] === undefined ? undefined : true));

  const wantsSlice = await create("wants-slice", { cpu: "500m", slice: true, priorityClassName: "high" });
  const refused = await watch.until(wantsSlice.metadata, (pod) => conditionsOf(pod).find(({ status }) => status === "False")?.message);
  expect(refused).toContain("cannot allocate all claims");
  expect(refused).toContain("Preemption is not helpful for scheduling");

  const wantsCpu = await create("wants-cpu", { cpu: "2", priorityClassName: "high" });
  expect(await watch.until(holder.metadata, endedBy)).toBe(ENDED);
  await watch.until(wantsCpu.metadata, ({ status }) => (status?.["nominatedNodeName"] === NODE ? true : undefined));
});
