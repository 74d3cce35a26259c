/**
 * `npm run bench:scheduler`: kube-scheduler itself against our model of it, on the same nodes, claims and pods. It starts a control plane for every row.
 *
 * kube-scheduler's time is from the creation of the first pod until the last is bound: it includes the API server, the controller that makes claims from
 * templates, and the writing of allocations. The model's is from reading the slices to the last allocation.
 */
import { performance } from "node:perf_hooks";
import { schedulePods } from "../../src/dra/allocator";
import { publishSlices } from "../../src/dra/devices";
import { catalogueTierClasses, TIERS } from "../../src/dra/tiers";
import { findInstanceType } from "../../src/hardware/instance-types";
import { resolveLayout } from "../../src/hardware/layouts";
import { findRelease } from "../../src/releases/find";
import type { KubernetesObject } from "../../src/live/api/api-server";
import type { ClientRate } from "../../src/control-plane/arguments";
import { startControlPlane } from "../harness/control-plane/start";
import { Bed } from "../cluster/differential/bed";
import { podOf, stateOf } from "../cluster/differential/model";
import { LABEL, NAME } from "../cluster/differential/scenario";
import type { Scenario } from "../cluster/differential/scenario";
import { RULES } from "../support/rules";

const SIZES = [
  { nodes: 20, pods: 320 },
  { nodes: 200, pods: 500 },
] as const;
const RATES: readonly ClientRate[] = ["default", "unlimited"];
/** At the client rate with which a cluster's scheduler and controllers run. */
const TARGET_RATIO = 1000;
/** The first ones are slower: the code is compiled as it runs. */
const RUNS = 20;

const API = "resource.k8s.io/v1";
/** Of 20 pods: one asks for three devices of one GPU, the others for one device each. */
const MIX = ["colocated", ..."small ".repeat(11).trim().split(" "), ...Array<string>(4).fill("medium"), ...Array<string>(4).fill("large")];

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const lines: string[] = [];
  let lowest = Infinity;
  for (const { nodes, pods } of SIZES) {
    const scenario = scenarioOf(nodes, pods);
    const ours = modelRate(scenario);
    for (const rate of RATES) {
      const theirs = await realRate(scenario, rate);
      lowest = rate === "default" ? Math.min(lowest, ours / theirs) : lowest;
      lines.push(
        `${String(nodes)} x p4d.24xlarge, all-balanced, ${String(pods)} pods: kube-scheduler ${theirs.toFixed(1)} pods a second ` +
          `(client rate ${rate}), the model ${whole(ours)}: ${whole(ours / theirs)} times`,
      );
    }
  }
  return {
    name: "scheduler",
    lines: [
      ...lines,
      `target: at least ${whole(TARGET_RATIO)} times at the default client rate: ${lowest >= TARGET_RATIO ? "met" : "MISSED"}`,
    ],
  };
}

/** Pods a second, from the creation of the first until every one is bound. */
async function realRate(scenario: Scenario, clientRate: ClientRate): Promise<number> {
  const controlPlane = await startControlPlane({ clientRate });
  const bed = new Bed(controlPlane.api);
  try {
    const refusals = await bed.create(scenario);
    if (refusals.size > 0) {
      throw new Error([...refusals.values()].join("\n"));
    }
    await bed.settle(false);
    const start = performance.now();
    await bed.bindAll(scenario.pods);
    return scenario.pods.length / ((performance.now() - start) / 1000);
  } finally {
    await bed.close();
    await controlPlane.stop();
  }
}

/** Pods a second, the best of some runs. */
function modelRate(scenario: Scenario): number {
  const state = stateOf({ scenario, liveClaims: [], running: [] });
  const pods = scenario.pods.map(podOf);
  const rates = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    const results = schedulePods(state, pods, RULES);
    const seconds = (performance.now() - start) / 1000;
    if (results.some(({ type }) => type !== "placed")) {
      throw new Error("every pod has a place");
    }
    return pods.length / seconds;
  });
  return Math.max(...rates);
}

function scenarioOf(nodes: number, pods: number): Scenario {
  const names = Array.from({ length: nodes }, (_, index) => `${NAME}-node-${String(index)}`);
  const template = (name: string, requests: unknown, constraints: unknown = []): KubernetesObject => ({
    apiVersion: API,
    kind: "ResourceClaimTemplate",
    metadata: { name, namespace: NAME },
    spec: { spec: { devices: { requests, constraints } } },
  });
  const requestOf = ({ name, className }: (typeof TIERS)[number]) => ({ name, exactly: { deviceClassName: className } });
  return {
    objects: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: NAME } },
      ...names.flatMap(nodeWithSlices),
      ...catalogueTierClasses().map(({ name, selectors }) => ({
        apiVersion: API,
        kind: "DeviceClass",
        metadata: { name },
        spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
      })),
      ...TIERS.map((tier) => template(tier.name, [requestOf(tier)])),
      template("colocated", TIERS.map(requestOf), [{ matchAttribute: "gpu.nvidia.com/parentUUID" }]),
    ],
    pods: Array.from({ length: pods }, (_, index) => podFor(`pod-${String(index)}`, MIX[index % MIX.length] ?? "small")),
  };
}

function nodeWithSlices(name: string): readonly KubernetesObject[] {
  const type = findInstanceType("p4d.24xlarge");
  const release = findRelease("1.34");
  const resolved = type?.gpus.type === "mig" ? resolveLayout("all-balanced", type.gpus.model, type.gpus.count) : undefined;
  if (type === undefined || release === undefined || resolved?.type !== "legal") {
    throw new Error("no p4d.24xlarge, no all-balanced or no release 1.34");
  }
  const { cpuMillis, memoryMiB, pods } = type.allocatable;
  const allocatable = { cpu: `${String(cpuMillis)}m`, memory: `${String(memoryMiB)}Mi`, pods: String(pods) };
  const slices = publishSlices(name, resolved.layout, release) as unknown as readonly KubernetesObject[];
  return [{ apiVersion: "v1", kind: "Node", metadata: { name, labels: { [LABEL]: NAME } }, status: { allocatable } }, ...slices];
}

function podFor(name: string, resourceClaimTemplateName: string): KubernetesObject {
  const resources = { requests: { cpu: "1", memory: "4Gi" }, claims: [{ name: "gpu" }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: NAME },
    spec: {
      containers: [{ name: "main", image: "none", resources }],
      nodeSelector: { [LABEL]: NAME },
      resourceClaims: [{ name: "gpu", resourceClaimTemplateName }],
    },
  };
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
