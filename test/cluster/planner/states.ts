/** Random clusters, and random demands on them. */
import fc from "fast-check";
import type { JsonObject } from "../../../src/cluster/objects";
import type { DemandItem } from "../../../src/planner/ask/demand";
import { parseDemand } from "../../../src/planner/ask/demand";
import type { Arrangement } from "../../../src/planner/ask/pods";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { gpuNode, quotaKey, team, using } from "../../planner/clusters";

export interface State {
  /** Created in this order. */
  readonly objects: readonly KubernetesObject[];
  /** Created after all others, and placed or not by kube-scheduler. */
  readonly pods: readonly KubernetesObject[];
  readonly items: readonly DemandItem[];
  readonly namespace: string;
  readonly arrangement: Arrangement;
}

/** Two GPU models, each whole or in parts, one GPU a node. */
const NODES = [
  { instanceType: "p5.4xlarge", layout: "all-balanced" },
  { instanceType: "p5.4xlarge", layout: "all-1g.10gb" },
  { instanceType: "p5.4xlarge", layout: "all-3g.40gb" },
  { instanceType: "g7e.2xlarge", layout: "all-balanced" },
  { instanceType: "g7e.2xlarge", layout: "all-2g.48gb" },
];

const NODE_SPECS: readonly JsonObject[] = [
  ...Array.from({ length: 6 }, () => ({})),
  { unschedulable: true },
  { taints: [{ key: "team", value: "b", effect: "NoSchedule" }] },
];

const [SMALL, MEDIUM, LARGE] = ["mig-small.nvidia.com", "mig-medium.nvidia.com", "mig-large.nvidia.com"] as const;
const PARENT = "gpu.nvidia.com/parentUUID";
const exactly = (deviceClassName: string, count = 1) => ({ name: "slice", exactly: { deviceClassName, count } });
const CLAIMS: readonly JsonObject[] = [
  ...[SMALL, MEDIUM, LARGE].map((deviceClass) => ({ requests: [exactly(deviceClass)] })),
  { requests: [exactly(SMALL, 2)], constraints: [{ matchAttribute: PARENT }] },
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
  { requests: [exactly("gpu.nvidia.com")] },
];

const DEMANDS = ["small", "medium", "large", "1g.10gb", "2g.20gb", "3g.40gb", "7g.80gb", "1g.24gb", "2g.48gb", "gpu"];

/** @param name what every name of the state begins with. */
export function states(name: string): fc.Arbitrary<State> {
  const node = fc.record({ sort: fc.constantFrom(...NODES), spec: fc.constantFrom(...NODE_SPECS), pods: fc.constantFrom("2", "5", "50") });
  const holder = fc.record({ devices: fc.constantFrom(...CLAIMS), users: fc.constantFrom(1, 1, 1, 2, 0) });
  const item = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...DEMANDS)).map(([count, wanted]) => `${String(count)}x${wanted}`);
  const hard = fc.constantFrom({}, {}, { [quotaKey(SMALL)]: "2", [quotaKey(LARGE)]: "1" }, { pods: "3" }, { [quotaKey(MEDIUM)]: "0" });
  return fc
    .record({
      nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
      holders: fc.array(holder, { maxLength: 6 }),
      demand: fc.array(item, { minLength: 1, maxLength: 2 }),
      arrangement: fc.constantFrom<Arrangement>("separate", "separate", "together"),
      hard,
    })
    .map(({ nodes, holders, demand, arrangement, hard: limits }) => {
      const reading = parseDemand(demand.join(","));
      const items = reading.type === "demand" ? reading.items : [];
      const hasWhole = items.some(({ wanted }) => wanted.type === "gpu");
      return {
        items,
        namespace: name,
        arrangement: hasWhole ? "separate" : arrangement,
        objects: [
          ...nodes.flatMap(({ sort, spec, pods }, index) =>
            gpuNode(`${name}-${String(index)}`, {
              ...sort,
              pool: `${name}-${sort.instanceType}-${sort.layout}`,
              spec,
              allocatable: { pods },
            }),
          ),
          ...team(name, limits).filter(({ kind }) => kind !== "ResourceQuota" || Object.keys(limits).length > 0),
          ...holders.map(({ devices }, index) => ({
            apiVersion: "resource.k8s.io/v1",
            kind: "ResourceClaim",
            metadata: { name: `held-${String(index)}`, namespace: name },
            spec: { devices },
          })),
        ] as unknown as readonly KubernetesObject[],
        pods: holders.flatMap(({ users }, index) =>
          Array.from({ length: users }, (_, user) => ({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: `holder-${String(index)}-${String(user)}`, namespace: name },
            spec: { ...holderSpec(index), tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
          })),
        ),
      };
    });
}

function holderSpec(index: number): JsonObject {
  const spec = using({ resourceClaimName: `held-${String(index)}` });
  return { ...spec, containers: [{ name: "main", image: "none", resources: { claims: [{ name: "slice" }] } }] };
}
