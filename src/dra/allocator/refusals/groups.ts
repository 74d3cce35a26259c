import type { Demand, NodeGroup, NodeRefusal } from "./refusals";

/** The refusals of all nodes, those with the same reason together, those about devices first. */
export function groupRefusals(refusals: readonly { readonly nodeName: string; readonly refusal: NodeRefusal }[]): readonly NodeGroup[] {
  const groups = new Map<string, NodeGroup>();
  for (const { nodeName, refusal } of refusals) {
    const key = groupKey(refusal);
    const group = groups.get(key);
    groups.set(key, group === undefined ? { nodes: [nodeName], refusal } : merge(group, nodeName, refusal));
  }
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

function rank({ refusal }: NodeGroup): number {
  const aboutDevices = ["devices", "together", "constraints", "gaveUp"];
  return aboutDevices.includes(refusal.type) ? aboutDevices.indexOf(refusal.type) : aboutDevices.length;
}

/** Nodes that lack devices for the same requests are one group; for everything else the reason has to be the very same. */
function groupKey(refusal: NodeRefusal): string {
  return refusal.type === "devices" || refusal.type === "together"
    ? JSON.stringify([refusal.type, refusal.demands.map(({ claim, request, matching }) => [claim, request, matching > 0])])
    : JSON.stringify(refusal);
}

function merge({ nodes, refusal }: NodeGroup, nodeName: string, other: NodeRefusal): NodeGroup {
  return { nodes: [...nodes, nodeName], refusal: together(refusal, other) };
}

function together(refusal: NodeRefusal, other: NodeRefusal): NodeRefusal {
  if (refusal.type === "devices" && other.type === "devices") {
    return { ...refusal, demands: sum(refusal.demands, other.demands), passedOver: [...refusal.passedOver, ...other.passedOver] };
  }
  return refusal.type === "together" && other.type === "together" ? { ...refusal, demands: sum(refusal.demands, other.demands) } : refusal;
}

function sum(demands: readonly Demand[], others: readonly Demand[]): readonly Demand[] {
  return demands.map((demand, index) => add(demand, others[index] ?? demand));
}

/** Two demands of the same request on different nodes as one. */
function add(a: Demand, b: Demand): Demand {
  return {
    ...a,
    wants: [...new Set([...a.wants, ...b.wants])],
    matching: a.matching + b.matching,
    taken: a.taken + b.taken,
    tainted: a.tainted + b.tainted,
    missingProfiles: a.missingProfiles.filter(({ profile }) => b.missingProfiles.some((missing) => missing.profile === profile)),
    published: addCounts(a.published, b.published),
  };
}

function addCounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
