/** What the rehearsal says of the dev stack, against what a real control plane makes of it. */
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { eventsOf } from "../../../src/live/events";
import { waitFor } from "../../../src/live/wait";
import {
  devicesOf,
  gpuNodes,
  heldByPod,
  podsNamed,
  publishedDevices,
  startCluster,
  waitForDevices,
  waitForRunning,
} from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { deployment, namespace, pod, template } from "../../harness/fleet/manifests";
import type { PodOptions } from "../../harness/fleet/manifests";
import { installOperators } from "../../../src/fleet/operators/operators";
import { schedulingFailure } from "../../../src/live/scheduling";
import { readRehearsed, reasonOf } from "../../harness/fleet/reasons";
import { rehearse } from "../../harness/fleet/rehearsed";

const LAB = "lab";
/** A namespace of nobody's team: without quota, so that only the hardware sets a limit. */
const LAB_OBJECTS = [namespace(LAB), template("large", LAB, "mig-large.nvidia.com")];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  const { api, fleet, recording, nodes } = cluster;
  await applyStack(
    api,
    registeredObjects(recording).map(({ object }) => object),
  );
  await installOperators(api);
  await fleet.join(nodes.nodes);
  await waitForDevices(api, 32);
  await cluster.apply(LAB_OBJECTS);
});
afterAll(() => cluster.stop());

/** What a test has created; removed at its end, with pods and claims. */
const extra: KubernetesObject[] = [];
async function create(objects: readonly KubernetesObject[]): Promise<void> {
  extra.push(...objects);
  await cluster.apply(objects);
}
afterEach(async () => {
  const { api } = cluster;
  const removed = extra.splice(0);
  await Promise.all(removed.map((object) => api.delete(object)));
  const names = removed.map(({ metadata }) => String(metadata["name"]));
  const left = async () =>
    (await Promise.all(["/api/v1/pods", "/apis/resource.k8s.io/v1/resourceclaims"].map((path) => api.list(path))))
      .flat()
      .map(({ metadata }) => String(metadata["name"]))
      .filter((name) => names.some((prefix) => name.startsWith(prefix)));
  await waitFor("the end of what the test created", async () => (await left()).length === 0, {
    describe: async () => (await left()).join(),
  });
});

/** So many pods that are on no node: controllers make pods in batches, so that the last ones may take their time. */
async function pendingPods(space: string, prefix: string, count: number): Promise<readonly KubernetesObject[]> {
  const pending = async () => (await podsNamed(cluster.api, space, prefix)).filter(({ spec }) => spec.nodeName === undefined);
  await waitFor(`${count} pending pods ${space}/${prefix}*`, async () => (await pending()).length === count);
  return pending();
}

describe("the dev stack", () => {
  test("has as many devices of each profile as the rehearsal shows", async () => {
    const count = (profiles: readonly (string | undefined)[]) =>
      profiles.reduce<Record<string, number>>((counts, profile = "") => ({ ...counts, [profile]: (counts[profile] ?? 0) + 1 }), {});
    const published = [...(await publishedDevices(cluster.api)).values()].map(({ attributes }) => attributes["profile"]?.string);
    const rehearsed = gpuNodes(cluster.nodes)
      .flatMap(devicesOf)
      .map(({ attributes }) => attributes["profile"]?.string);
    expect(count(published)).toEqual(count(rehearsed));
    expect(published).toHaveLength(32);
  });

  test("places every pod where the rehearsal places it, with devices of the same profiles", async () => {
    const { api } = cluster;
    const { placed, pending } = rehearse(cluster);
    expect(pending).toEqual({});
    for (const [owner, expected] of Object.entries(placed).filter(([, [first]]) => (first?.profiles.length ?? 0) > 0)) {
      await waitForRunning(api, "mig-test", owner, expected.length);
      const devices = await publishedDevices(api);
      const held = await heldByPod(api, "mig-test");
      const seen = (await podsNamed(api, "mig-test", owner)).map(({ metadata, spec }) => ({
        nodeName: String(spec.nodeName),
        profiles: (held[String(metadata["name"])] ?? []).map((device) => devices.get(device)?.attributes["profile"]?.string),
      }));
      expect(seen).toEqual(expected);
    }
  });

  test("its partition gate opens", async () => {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "partition-gate", namespace: "partition-gate" } };
    const conditions = async () => JSON.stringify((await cluster.api.find(job))?.["status"]?.conditions);
    await waitFor("the gate", async () => (await conditions())?.includes('"Complete"') ?? false, { describe: conditions });
  });
});

describe("beyond what there is", () => {
  test("a team's quota: the claim is not made, no condition says so, an event does; the rehearsal gives the same figures", async () => {
    const { api } = cluster;
    const many = deployment(4, { name: "many", namespace: "mig-test", claims: [{ resourceClaimTemplateName: "mig-large-template" }] });
    await create([many]);
    await waitForRunning(api, "mig-test", "many", 3);
    const [rest] = await pendingPods("mig-test", "many", 1);
    if (rest === undefined) {
      throw new Error("no pod is pending");
    }
    const rehearsed = rehearse(cluster, [many]);
    expect(rehearsed.placed["many"]).toHaveLength(3);
    expect(rehearsed.pending["many"]?.map(readRehearsed)).toEqual([await reasonOf(api, rest)]);
    expect(await reasonOf(api, rest)).toEqual({ type: "quota", quota: "team", deviceClass: "mig-large.nvidia.com", limit: 4, used: 4 });
    expect(schedulingFailure((await api.find(rest)) ?? rest)).toBeUndefined();
    expect((await eventsOf(api, rest)).map(({ reason }) => reason as string)).not.toContain("FailedScheduling");
  });

  test("a team's CPUs: the pod is not made, an event of its ReplicaSet says so; the rehearsal makes as many pods and gives the same figures", async () => {
    const { api } = cluster;
    const hungry = deployment(3, {
      name: "hungry",
      namespace: "mig-test",
      claims: [{ resourceClaimTemplateName: "mig-small-template" }],
      cpu: "25",
    });
    const { placed, pending } = rehearse(cluster, [hungry]);
    await create([hungry]);
    await waitForRunning(api, "mig-test", "hungry", placed["hungry"]?.length ?? 0);
    const refusal = async () => {
      const events = await api.list("/api/v1/namespaces/mig-test/events", "fieldSelector=reason%3DFailedCreate");
      return /requested: requests\.cpu=(\S+), used: requests\.cpu=(\S+), limited: requests\.cpu=(\S+)/.exec(
        String(events.at(-1)?.["message"]),
      );
    };
    await waitFor("the refusal", async () => (await refusal()) !== null);
    const [, asked = "", used = "", limit = ""] = (await refusal()) ?? [];
    expect(pending["hungry"]).toEqual([`quota "team" allows ${limit} requests.cpu, ${used} used, ${asked} more asked for`]);
    expect(await podsNamed(api, "mig-test", "hungry")).toHaveLength(2);
  });

  test.each<[string, Partial<PodOptions>]>([
    ["with a selector for GPU nodes", { nodeSelector: { "node-role": "gpu" } }],
    ["free to run anywhere", {}],
  ])("the hardware's end, pods %s: as many run as in the rehearsal, the rest is pending for the same reason", async (_, options) => {
    const { api } = cluster;
    const fill = deployment(9, { name: "fill", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }], ...options });
    const { placed, pending } = rehearse(cluster, [...LAB_OBJECTS, fill]);
    await create([fill]);
    await waitForRunning(api, LAB, "fill", placed["fill"]?.length ?? 0);
    const left = await pendingPods(LAB, "fill", 2);
    expect(await Promise.all(left.map((each) => reasonOf(api, each)))).toEqual(pending["fill"]?.map(readRehearsed));
  });

  test("a pending pod takes the device of one that goes", async () => {
    const { api } = cluster;
    const name = (index: number) => `next-${index}`;
    const pods = Array.from({ length: 8 }, (_, index) =>
      pod({ name: name(index), namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }] }),
    );
    await create(pods);
    await waitForRunning(api, LAB, "next", 7);
    const before = await heldByPod(api, LAB);
    const [waiting] = await pendingPods(LAB, "next", 1);
    const leaving = pods.find(({ metadata }) => metadata["name"] !== waiting?.metadata["name"]);
    if (waiting === undefined || leaving === undefined) {
      throw new Error("no pod is pending");
    }
    await api.delete(leaving);
    await waitFor("the next holder", async () => (await api.find(waiting))?.["status"]?.phase === "Running");
    const after = await heldByPod(api, LAB);
    expect(after[String(waiting.metadata["name"])]).toEqual(before[String(leaving.metadata["name"])]);
  });
});

describe("what can never be placed", () => {
  const odd = (name: string, ...claim: [deviceClass: string, expression?: string]) => [
    template(name, LAB, ...claim),
    pod({ name, namespace: LAB, claims: [{ resourceClaimTemplateName: name }] }),
  ];
  test.each<[string, string, readonly KubernetesObject[]]>([
    ["an unknown class", "class", odd("no-class", "mig-larg.nvidia.com")],
    ["an unknown template", "template", [pod({ name: "no-template", namespace: LAB, claims: [{ resourceClaimTemplateName: "lost" }] })]],
    [
      "an attribute that no device has",
      "schedulerError",
      odd("no-attribute", "mig.nvidia.com", "device.attributes['gpu.nvidia.com'].speed == 'high'"),
    ],
    [
      "a domain that no device has",
      "schedulerError",
      odd("no-domain", "mig.nvidia.com", "device.attributes['example.com'].speed == 'high'"),
    ],
    ["an attribute of another type", "nodes", odd("wrong-type", "mig.nvidia.com", "device.attributes['gpu.nvidia.com'].profile == 3")],
    ["a profile of another GPU", "nodes", odd("no-profile", "mig.nvidia.com", "device.attributes['gpu.nvidia.com'].profile == '2g.35gb'")],
    [
      "more CPU than any node has",
      "nodes",
      [pod({ name: "greedy", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }], cpu: "97" })],
    ],
    [
      "more CPU than a system node has, and a claim that only another node could satisfy",
      "nodes",
      [
        template("huge", LAB, "mig.nvidia.com", "device.attributes['gpu.nvidia.com'].profile == '7g.40gb'"),
        pod({ name: "both", namespace: LAB, claims: [{ resourceClaimTemplateName: "huge" }], cpu: "8" }),
      ],
    ],
    [
      "no toleration of the GPU nodes' taint",
      "nodes",
      [pod({ name: "shy", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }], isTolerant: false })],
    ],
  ])("%s is told alike", async (_, kind, objects) => {
    const { api } = cluster;
    const last = objects.at(-1);
    if (last === undefined) {
      throw new Error("nothing to create");
    }
    const { pending } = rehearse(cluster, [...LAB_OBJECTS, ...objects]);
    await create(objects);
    const created = await api.find(last);
    const reason = created && (await reasonOf(api, created));
    expect(pending[String(last.metadata["name"])]?.map(readRehearsed)).toEqual([reason]);
    expect([reason?.type, reason?.type === "missing" && reason.what]).toContain(kind);
  });

  test("an unknown claim is told by the rehearsal only: the cluster has neither a condition nor an event for it", async () => {
    const { api } = cluster;
    const [lost, witness] = [
      pod({ name: "lost", namespace: LAB, claims: [{ resourceClaimName: "mine" }] }),
      pod({ name: "witness", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }] }),
    ];
    const { pending } = rehearse(cluster, [...LAB_OBJECTS, lost]);
    expect(pending["lost"]).toEqual([expect.stringMatching(/^ResourceClaim lab\/mine does not exist/)]);
    // Once a later pod is placed, the scheduler has had its chance with the earlier one.
    await create([lost, witness]);
    await waitForRunning(api, LAB, "witness", 1);
    const created = await api.find(lost);
    expect(created && schedulingFailure(created)).toBeUndefined();
    expect(created && (await eventsOf(api, created))).toEqual([]);
  });
});
