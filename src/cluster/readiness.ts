/**
 * What keeps the GPU nodes of a cluster from being what the stack says: nodes and ResourceSlices in, findings out.
 * The partition gate runs this file inside the cluster, so that it and what it imports must need no npm package.
 */
import { WHOLE_GPU } from "../hardware/node-devices";
import { INSTANCE_TYPE_LABEL, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../well-known/labels";

/** What the nodes of one instance type with one layout must look like. Pools that are alike in both are one group: their nodes are the same. */
export interface NodeGroup {
  readonly instanceType: string;
  /** Value of the node label `nvidia.com/mig.config`. */
  readonly layout: string;
  /** How many there must be at least: the pools' desired sizes. */
  readonly nodes: number;
  /** Devices of each node: by MIG profile, undivided GPUs as `whole GPU`. */
  readonly devices: Counts;
}

/** Where the agents on GPU nodes are, for the commands in remedies. */
export interface AgentNamespaces {
  /** Namespace of MIG Manager. */
  readonly operatorNamespace: string;
  /** Namespace of the DRA driver's kubelet plugin. */
  readonly driverNamespace: string;
}

/** The fields of a Node that count here. */
export interface GpuNode {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The fields of a ResourceSlice that count here. */
export interface GpuSlice {
  readonly spec: {
    readonly nodeName?: string;
    readonly pool: { readonly generation: number; readonly resourceSliceCount: number };
    readonly devices?: readonly { readonly attributes?: Readonly<Record<string, { readonly string?: string } | undefined>> }[];
  };
}

/** The GPU nodes of a cluster and the ResourceSlices of NVIDIA's DRA driver, as the API server shows them. */
export interface GpuCluster {
  readonly nodes: readonly GpuNode[];
  readonly slices: readonly GpuSlice[];
}

/** What keeps one node from being complete, or one group that lacks nodes. */
export interface Finding {
  /** Node or group. */
  readonly subject: string;
  /** The state whose duration is measured. */
  readonly state: string;
  /** What may change while the state stays; empty for nothing. */
  readonly detail: string;
  /** What a person can do, as a command where there is one. */
  readonly remedy: string;
  /** Whether time alone does not mend it. */
  readonly final: boolean;
}

export interface Readiness {
  /** Expected devices that are published. */
  readonly published: number;
  /** Expected devices; the same number as `published` when there are no findings. */
  readonly wanted: number;
  readonly findings: readonly Finding[];
}

export type Counts = Readonly<Record<string, number>>;

/**
 * Compares a cluster with what its groups must look like. A cluster is ready when there are no findings.
 * Nodes of no group are those of a pool that is being replaced or removed, which Pulumi does once the gate has opened. They are findings only
 * while a group lacks nodes, because they may be meant for it.
 */
export function readinessOf(groups: readonly NodeGroup[], { nodes, slices }: GpuCluster, namespaces: AgentNamespaces): Readiness {
  const members = new Map(groups.map((group) => [group, 0]));
  const findings: Finding[] = [];
  const unexpected: Finding[] = [];
  let published = 0;
  for (const node of nodes) {
    const group = groupOf(node, groups);
    if (group === undefined) {
      unexpected.push(unexpectedNode(node));
      continue;
    }
    members.set(group, (members.get(group) ?? 0) + 1);
    const pool = currentPool(slices.filter(({ spec }) => spec.nodeName === node.metadata.name));
    published += matching(pool.devices ?? {}, group.devices);
    const finding = inspect(node, group, pool, namespaces);
    if (finding !== undefined) {
      findings.push(finding);
    }
  }
  let wanted = 0;
  const lacking: Finding[] = [];
  for (const [group, joined] of members) {
    wanted += Math.max(joined, group.nodes) * sum(group.devices);
    if (joined < group.nodes) {
      lacking.push(lacksNodes(group, joined));
    }
  }
  return { published, wanted, findings: [...(lacking.length > 0 ? unexpected : []), ...findings, ...lacking] };
}

/** The group that a node belongs to by its labels. */
export function groupOf<Group extends Pick<NodeGroup, "instanceType" | "layout">>(
  node: GpuNode,
  groups: readonly Group[],
): Group | undefined {
  return groups.find(
    ({ instanceType, layout }) => instanceType === labelOf(node, INSTANCE_TYPE_LABEL) && layout === labelOf(node, MIG_CONFIG_LABEL),
  );
}

function labelOf(node: GpuNode, label: string): string | undefined {
  return node.metadata.labels?.[label];
}

export interface Pool {
  /** The devices by profile; undefined while the pool is not complete. */
  readonly devices: Counts | undefined;
  /** How much of the pool there is. */
  readonly share: string;
}

/**
 * The pool of a node's slices. A driver publishes a changed pool under the next generation: slices of an older one no longer count, and the
 * newest counts once all its slices are there.
 */
export function currentPool(slices: readonly GpuSlice[]): Pool {
  const generation = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  const current = slices.filter(({ spec }) => spec.pool.generation === generation);
  const [first] = current;
  if (first === undefined) {
    return { devices: undefined, share: "nothing" };
  }
  const { resourceSliceCount } = first.spec.pool;
  const share = `${String(current.length)} of ${String(resourceSliceCount)} slices`;
  if (current.length !== resourceSliceCount) {
    return { devices: undefined, share };
  }
  const counts: Record<string, number> = {};
  for (const { attributes } of current.flatMap(({ spec }) => spec.devices ?? [])) {
    const key = attributes?.["type"]?.string === "mig" ? (attributes["profile"]?.string ?? "MIG device without profile") : WHOLE_GPU;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return { devices: counts, share };
}

/** What keeps a node of a group from being complete; undefined when nothing does. */
function inspect(
  node: GpuNode,
  group: NodeGroup,
  { devices, share }: Pool,
  { operatorNamespace, driverNamespace }: AgentNamespaces,
): Finding | undefined {
  const subject = node.metadata.name;
  const migState = labelOf(node, MIG_CONFIG_STATE_LABEL) ?? "not set";
  const onNode = `--field-selector spec.nodeName=${subject}`;
  const migManagerLog = `kubectl -n ${operatorNamespace} logs -l app=nvidia-mig-manager --prefix --tail=50`;
  const detail = `${String(matching(devices ?? {}, group.devices))} of ${String(sum(group.devices))} devices`;
  const waiting = { subject, detail, final: false };

  // Before `failed`: a node that comes back starts MIG Manager again, which then does try again.
  if (node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") !== true) {
    return { ...waiting, state: `not Ready (mig.config.state=${migState})`, remedy: `kubectl describe node ${subject}` };
  }
  if (migState === "failed") {
    const remedy =
      `MIG Manager could not apply ${group.layout} and does not try again by itself. Its reason: ${migManagerLog}. ` +
      `Where pods hold the GPUs, end them first: kubectl drain ${subject} --ignore-daemonsets --delete-emptydir-data --timeout=2m ` +
      `(the pods themselves stay until the node has slices again). ` +
      `Once that is mended: kubectl -n ${operatorNamespace} delete pod -l app=nvidia-mig-manager ${onNode}`;
    return { subject, state: "mig.config.state=failed", detail, remedy, final: true };
  }
  if (migState === "not set") {
    return { ...waiting, state: "mig.config.state not set", remedy: `kubectl -n ${operatorNamespace} get pods ${onNode}` };
  }
  if (migState !== "success") {
    const remedy = `${migManagerLog}; after 20 minutes: kubectl -n ${operatorNamespace} delete pod -l app=nvidia-mig-manager ${onNode}`;
    return { ...waiting, state: `mig.config.state=${migState}`, remedy };
  }
  if (devices === undefined) {
    return {
      ...waiting,
      state: `mig.config.state=success, ${share} published`,
      remedy: `kubectl -n ${driverNamespace} get pods ${onNode}`,
    };
  }
  const [missing, surplus] = [beyond(group.devices, devices), beyond(devices, group.devices)];
  if (missing === "" && surplus === "") {
    return undefined;
  }
  const difference = [missing && `missing ${missing}`, surplus && `unexpected ${surplus}`].filter((part) => part !== "").join(", ");
  const remedy =
    "the DRA driver lists devices once, when its plugin starts, and may have started before the layout was applied: " +
    `kubectl -n ${driverNamespace} delete pod ${onNode}`;
  return { ...waiting, state: "mig.config.state=success", detail: `${detail} (${difference})`, remedy };
}

function unexpectedNode(node: GpuNode): Finding {
  const { name } = node.metadata;
  const description = `${labelOf(node, INSTANCE_TYPE_LABEL) ?? "unknown instance type"}, mig.config=${labelOf(node, MIG_CONFIG_LABEL) ?? "not set"}`;
  return {
    subject: name,
    state: `belongs to no GPU pool of this stack (${description})`,
    detail: "",
    remedy: `it is being replaced, or its label was changed by hand: kubectl get node ${name} --show-labels`,
    final: false,
  };
}

function lacksNodes({ instanceType, layout, nodes }: NodeGroup, joined: number): Finding {
  return {
    subject: `${instanceType} with ${layout}`,
    state: `${String(joined)} of ${String(nodes)} nodes have joined`,
    detail: "",
    remedy: "EC2 may have no capacity, or the account no quota: see the health issues of the node group (aws eks describe-nodegroup)",
    final: false,
  };
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** How many of the wanted devices are published. */
function matching(published: Counts, wanted: Counts): number {
  return Object.entries(wanted).reduce((total, [device, count]) => total + Math.min(count, published[device] ?? 0), 0);
}

/** What is in `counts` beyond `others`: `2x 1g.5gb, 1x 3g.20gb`. */
export function beyond(counts: Counts, others: Counts): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([device, count]) => ({ device, count: count - (others[device] ?? 0) }))
    .filter(({ count }) => count > 0)
    .map(({ device, count }) => `${String(count)}x ${device}`)
    .join(", ");
}
