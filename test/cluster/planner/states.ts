/**
 * Random clusters, and random demands on them. Half of the demands have room and nothing in the way; each of the others has an obstacle of one sort, so that every
 * sort of way out comes up.
 */
import fc from "fast-check";
import type { JsonObject } from "../../../src/cluster/objects";
import { tierProfile } from "../../../src/dra/tiers";
import { findInstanceType } from "../../../src/hardware/instance-types";
import { resolveLayout } from "../../../src/hardware/layouts";
import { WHOLE_GPU, devicesPerNode } from "../../../src/hardware/node-devices";
import type { GpuModel } from "../../../src/hardware/types";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import type { DemandItem } from "../../../src/planner/ask/demand";
import { parseDemand } from "../../../src/planner/ask/demand";
import type { Arrangement } from "../../../src/planner/ask/pods";
import { claim, gpuNode, pod, quotaKey, team, using } from "../../planner/clusters";
import { testedRelease } from "../../support/tested-release";

export interface State {
  /** Created in this order. What has a status is given it afterwards. */
  readonly objects: readonly KubernetesObject[];
  /** Created after all others, and placed or not by kube-scheduler. */
  readonly pods: readonly KubernetesObject[];
  readonly items: readonly DemandItem[];
  readonly namespace: string;
  readonly arrangement: Arrangement;
}

/** What keeps a demand out that would have room otherwise. */
type Obstacle =
  | "none"
  | "quota"
  | "quotaOfPending"
  | "idleClaims"
  | "cordonedNodes"
  | "taintedNodes"
  | "otherLayout"
  | "fullNodes"
  | "fewPods"
  | "anything";

/** The obstacles of the states, one after the other. */
const OBSTACLES: readonly Obstacle[] = [
  ...(["none", "quota", "none", "idleClaims", "none", "otherLayout", "none", "cordonedNodes"] as const),
  ...(["none", "quotaOfPending", "none", "fullNodes", "none", "taintedNodes", "none", "anything"] as const),
  ...(["none", "fewPods"] as const),
];

/** Nodes of one, two and eight GPUs, of three models. */
const SORTS: readonly { readonly instanceType: string; readonly layouts: readonly string[] }[] = [
  { instanceType: "p5.4xlarge", layouts: ["all-balanced", "all-1g.10gb", "all-2g.20gb", "all-3g.40gb", "all-disabled"] },
  { instanceType: "g7e.2xlarge", layouts: ["all-balanced", "all-2g.48gb", "all-1g.24gb.gfx"] },
  { instanceType: "g7e.12xlarge", layouts: ["all-balanced", "all-2g.48gb"] },
  { instanceType: "p4d.24xlarge", layouts: ["all-balanced"] },
];

interface NodeSort {
  readonly instanceType: string;
  readonly layout: string;
}

const [SMALL, MEDIUM, LARGE] = ["mig-small.nvidia.com", "mig-medium.nvidia.com", "mig-large.nvidia.com"] as const;
const [GPU, MIG] = ["gpu.nvidia.com", "mig.nvidia.com"] as const;
const PARENT = "gpu.nvidia.com/parentUUID";
const exactly = (deviceClassName: string, more: JsonObject = {}) => ({ name: "slice", exactly: { deviceClassName, ...more } });

/** What claims ask for that hold something, or wait for it. */
const CLAIMS: readonly JsonObject[] = [
  ...[SMALL, MEDIUM, LARGE].map((deviceClass) => ({ requests: [exactly(deviceClass)] })),
  { requests: [exactly(SMALL, { count: 2 })], constraints: [{ matchAttribute: PARENT }] },
  {
    requests: [
      {
        name: "slice",
        firstAvailable: [
          { name: "large", deviceClassName: LARGE },
          { name: "small", deviceClassName: SMALL, count: 2 },
        ],
      },
    ],
  },
  {
    requests: [exactly(MEDIUM), { ...exactly(SMALL), name: "beside" }],
    constraints: [{ matchAttribute: PARENT, requests: ["slice", "beside"] }],
  },
  { requests: [exactly(GPU)] },
];

const DEMANDS = ["small", "medium", "large", "1g.5gb", "1g.10gb", "2g.20gb", "3g.40gb", "7g.80gb", "1g.24gb", "2g.48gb", "gpu"];

/** @param name what every name of the state begins with. @param index which obstacle it has. */
export function states(name: string, index: number): fc.Arbitrary<State> {
  const obstacle = OBSTACLES[index % OBSTACLES.length] ?? "none";
  const sort = fc
    .constantFrom(...SORTS, ...SORTS.slice(0, 2))
    .chain(({ instanceType, layouts }) => fc.constantFrom(...layouts).map((layout): NodeSort => ({ instanceType, layout })));
  const holder = fc.record({ devices: fc.constantFrom(...CLAIMS), users: fc.constantFrom(1, 1, 1, 2, 0), made: fc.boolean() });
  return fc.array(sort, { minLength: 1, maxLength: 3 }).chain((nodes) =>
    fc
      .record({
        demand: demandOf(obstacle === "anything" ? anyItem : itemOn(nodes)),
        apart: fc.constantFrom(false, false, comparesValues()),
        holders: fc.array(holder, { maxLength: obstacle === "anything" ? 6 : 2 }),
        pick: fc.nat(),
      })
      .map((drawn) => stateOf(name, obstacle, nodes, drawn)),
  );
}

interface Drawn {
  readonly demand: { readonly text: string; readonly together: boolean };
  readonly apart: boolean;
  readonly holders: readonly Holder[];
  /** Decides what else there is to decide. */
  readonly pick: number;
}

interface Holder {
  readonly devices: JsonObject;
  readonly users: number;
  /** From a template, one for each pod. */
  readonly made: boolean;
}

const anyItem = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...DEMANDS))
  .map(([count, wanted]) => `${String(count)}x${wanted}`);

/** Slices that the nodes have: by profile or tier, or GPUs that are not divided. */
function itemOn(nodes: readonly NodeSort[]): fc.Arbitrary<string> {
  return fc
    .constantFrom(...nodes)
    .map(contentsOf)
    .chain(({ model, profiles }) =>
      fc
        .constantFrom(...Object.entries(profiles))
        .chain(([profile, most]) =>
          fc
            .tuple(fc.integer({ min: 1, max: Math.min(4, most) }), fc.constantFrom(...namesOf(profile, model)))
            .map(([count, wanted]) => `${String(count)}x${wanted}`),
        ),
    );
}

function demandOf(item: fc.Arbitrary<string>): fc.Arbitrary<Drawn["demand"]> {
  const text = fc.array(item, { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
  return fc.record({ text, together: fc.constantFrom(false, false, true) });
}

function contentsOf({ instanceType, layout }: NodeSort): { readonly model: GpuModel; readonly profiles: Readonly<Record<string, number>> } {
  const gpus = findInstanceType(instanceType)?.gpus;
  const resolved = gpus?.type === "mig" ? resolveLayout(layout, gpus.model, gpus.count) : undefined;
  if (resolved?.type !== "legal") {
    throw new Error(`${instanceType} cannot have layout ${layout}`);
  }
  return { model: resolved.layout.model, profiles: devicesPerNode(resolved.layout) };
}

function namesOf(profile: string, model: GpuModel): readonly string[] {
  return profile === WHOLE_GPU
    ? ["gpu"]
    : [profile, ...(["small", "medium", "large"] as const).filter((tier) => tierProfile(tier, model)?.name === profile)];
}

function comparesValues(): boolean {
  const { scheduler, claimApi } = testedRelease().kubernetes;
  return scheduler.distinctValues && !claimApi.dropped.includes("distinctAttribute");
}

function stateOf(name: string, obstacle: Obstacle, drawnNodes: readonly NodeSort[], { demand, apart, holders, pick }: Drawn): State {
  const reading = parseDemand(demand.text);
  const items = reading.type === "demand" ? reading.items : [];
  const asked = items.reduce((sum, { count }) => sum + count, 0);
  const isWhole = items.some(({ wanted }) => wanted.type === "gpu");
  const nodes = obstacle === "otherLayout" ? drawnNodes.map((node) => ({ ...node, layout: otherLayout(node, pick) })) : drawnNodes;
  const made = nodes.flatMap((node, index) =>
    gpuNode(`${name}-${String(index)}`, {
      ...node,
      pool: `${name}-${node.instanceType}-${node.layout}`,
      spec: CLOSED[obstacle] ?? {},
      allocatable: { pods: obstacle === "fewPods" ? "2" : "50" },
    }),
  );
  const hard = quotaOf(obstacle, asked, pick);
  const used = obstacle === "otherLayout" || obstacle in CLOSED ? [] : obstacle === "fullNodes" ? nodes.map(allOf) : holders;
  return {
    items,
    namespace: name,
    arrangement: isWhole ? "separate" : demand.together ? "together" : apart ? "apart" : "separate",
    objects: [
      ...made,
      ...team(name, hard).filter(({ kind }) => kind !== "ResourceQuota" || Object.keys(hard).length > 0),
      ...used.map(({ devices, made: isTemplate }, index) => ({
        apiVersion: "resource.k8s.io/v1",
        kind: isTemplate ? "ResourceClaimTemplate" : "ResourceClaim",
        metadata: { name: `held-${String(index)}`, namespace: name },
        spec: isTemplate ? { spec: { devices } } : { devices },
      })),
      ...(obstacle === "idleClaims" ? idleClaims(name, made) : []),
      ...(obstacle === "quotaOfPending" ? [waitingTemplate(name)] : []),
    ] as unknown as readonly KubernetesObject[],
    pods: [
      ...used.flatMap(({ users, made: isTemplate }, index) =>
        Array.from({ length: users }, (_, user) =>
          podUsing(name, `holder-${String(index)}-${String(user)}`, {
            [isTemplate ? "resourceClaimTemplateName" : "resourceClaimName"]: `held-${String(index)}`,
          }),
        ),
      ),
      ...(obstacle === "quotaOfPending"
        ? Array.from({ length: 1 + (pick % 2) }, (_, index) =>
            podUsing(name, `waiting-${String(index)}`, { resourceClaimTemplateName: "waiting" }, { nodeSelector: { team: "nowhere" } }),
          )
        : []),
    ] as unknown as readonly KubernetesObject[],
  };
}

const CLOSED: Readonly<Partial<Record<Obstacle, JsonObject>>> = {
  cordonedNodes: { unschedulable: true },
  taintedNodes: { taints: [{ key: "team", value: "b", effect: "NoSchedule" }] },
};

/** A layout of the same GPUs that has none of the profiles. */
function otherLayout(node: NodeSort, pick: number): string {
  const profiles = new Set(Object.keys(contentsOf(node).profiles));
  const layouts = SORTS.filter(({ instanceType }) => instanceType === node.instanceType).flatMap(({ layouts: all }) => all);
  const others = layouts.filter(
    (layout) => !Object.keys(contentsOf({ ...node, layout }).profiles).some((profile) => profiles.has(profile)),
  );
  return others[pick % Math.max(1, others.length)] ?? node.layout;
}

/** Pods of holders count too, so that some quotas leave less room than they seem to. */
function quotaOf(obstacle: Obstacle, asked: number, pick: number): Readonly<Record<string, string>> {
  switch (obstacle) {
    case "quota": {
      const less = String(Math.max(0, asked - 1 - (pick % 2)));
      return pick % 3 === 0 ? { pods: less } : Object.fromEntries([SMALL, MEDIUM, LARGE, GPU, MIG].map((name) => [quotaKey(name), less]));
    }
    case "quotaOfPending":
      return { pods: String(asked + 1), ...(pick % 2 === 0 ? { [quotaKey(SMALL)]: String(asked) } : {}) };
    case "anything":
      return [{}, { [quotaKey(SMALL)]: "2", [quotaKey(LARGE)]: "1" }, { pods: "4" }, { [quotaKey(MEDIUM)]: "0" }][pick % 4] ?? {};
    default:
      return {};
  }
}

/** A holder of every device of a node. */
function allOf(node: NodeSort): Holder {
  const isWhole = WHOLE_GPU in contentsOf(node).profiles;
  return { devices: { requests: [exactly(isWhole ? GPU : MIG, { allocationMode: "All" })] }, users: 1, made: false };
}

/** Claims that hold every device of the nodes, GPU by GPU, although no pod uses them. */
function idleClaims(name: string, objects: readonly JsonObject[]): readonly JsonObject[] {
  const slices = objects.filter(({ kind }) => kind === "ResourceSlice") as unknown as readonly {
    readonly spec: { readonly nodeName: string; readonly devices: readonly { readonly name: string }[] };
  }[];
  return slices.flatMap(({ spec: { nodeName, devices } }) => {
    const gpus = new Map<string, string[]>();
    for (const { name: device } of devices) {
      const gpu = /^gpu-\d+/.exec(device)?.[0] ?? device;
      gpus.set(gpu, [...(gpus.get(gpu) ?? []), device]);
    }
    return [...gpus].map(([gpu, own]): JsonObject => {
      const isWhole = own.length === 1 && own[0] === gpu;
      return {
        ...claim(name, `idle-${nodeName}-${gpu}`, GPU, {
          spec: { devices: { requests: [exactly(isWhole ? GPU : MIG, { count: own.length })] } },
        }),
        metadata: { name: `idle-${nodeName}-${gpu}`, namespace: name, finalizers: ["resource.kubernetes.io/delete-protection"] },
        status: {
          allocation: {
            devices: { results: own.map((device) => ({ request: "slice", driver: "gpu.nvidia.com", pool: nodeName, device })) },
            nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }] },
          },
        },
      };
    });
  });
}

function waitingTemplate(namespace: string): JsonObject {
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name: "waiting", namespace },
    spec: { spec: { devices: { requests: [exactly(SMALL)] } } },
  };
}

function podUsing(namespace: string, name: string, source: Readonly<Record<string, string>>, more: JsonObject = {}): JsonObject {
  return pod(namespace, name, {
    ...using(source),
    containers: [{ name: "main", image: "none", resources: { claims: [{ name: "slice" }] } }],
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
    ...more,
  });
}
