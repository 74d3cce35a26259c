// What keeps the GPU nodes of a cluster from being what the stack says. Pure: nodes and ResourceSlices in, findings out.

/**
 * @typedef {object} NodeGroup What the nodes of one instance type with one layout must look like.
 * @property {string} instanceType
 * @property {string} layout Value of the node label `nvidia.com/mig.config`.
 * @property {number} nodes How many there must be at least.
 * @property {Record<string, number>} devices Devices of each node: by MIG profile, undivided GPUs as `whole GPU`.
 *
 * @typedef {object} Cluster
 * @property {readonly any[]} nodes The GPU nodes.
 * @property {readonly any[]} slices The ResourceSlices of NVIDIA's DRA driver.
 *
 * @typedef {object} Finding What keeps one node from being complete, or one group that lacks nodes.
 * @property {string} subject Node or group.
 * @property {string} state The state whose duration is measured.
 * @property {string} detail What may change while the state stays; empty for nothing.
 * @property {string} remedy What a person can do, as a command where there is one.
 * @property {boolean} final Whether time alone does not mend it.
 *
 * @typedef {object} Namespaces
 * @property {string} operatorNamespace Namespace of MIG Manager.
 * @property {string} driverNamespace Namespace of the DRA driver's kubelet plugin.
 */

const LAYOUT_LABEL = "nvidia.com/mig.config";
const STATE_LABEL = "nvidia.com/mig.config.state";
const INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type";
const WHOLE_GPU = "whole GPU";

/**
 * Compares the cluster with the groups. `published` and `wanted` count expected devices; without findings both are the same.
 * Nodes of no group are those of a pool that is being replaced or removed, which Pulumi does once the gate has opened: they are told of, as what may be meant
 * for a group, while a group lacks nodes, and otherwise do not matter.
 * @param {readonly NodeGroup[]} groups
 * @param {Cluster} cluster
 * @param {Namespaces} namespaces
 * @returns {{published: number, wanted: number, findings: readonly Finding[]}}
 */
export function compare(groups, { nodes, slices }, namespaces) {
  const members = new Map(groups.map((group) => [group, /** @type {any[]} */ ([])]));
  /** @type {Finding[]} */
  const findings = [];
  /** @type {Finding[]} */
  const strangers = [];
  let published = 0;
  for (const node of nodes) {
    const group = groups.find(
      ({ instanceType, layout }) =>
        instanceType === node.metadata.labels?.[INSTANCE_TYPE_LABEL] && layout === node.metadata.labels?.[LAYOUT_LABEL],
    );
    if (group === undefined) {
      strangers.push(stranger(node));
      continue;
    }
    members.get(group)?.push(node);
    const pool = currentPool(slices.filter(({ spec }) => spec.nodeName === node.metadata.name));
    published += matching(pool.devices ?? {}, group.devices);
    const finding = inspect(node, group, pool, namespaces);
    if (finding !== undefined) {
      findings.push(finding);
    }
  }
  let wanted = 0;
  /** @type {Finding[]} */
  const lacking = [];
  for (const [group, { length }] of members) {
    wanted += Math.max(length, group.nodes) * sum(group.devices);
    if (length < group.nodes) {
      lacking.push(lacksNodes(group, length));
    }
  }
  return { published, wanted, findings: [...(lacking.length > 0 ? strangers : []), ...findings, ...lacking] };
}

/**
 * The devices in a node's slices, by profile, or undefined while there is no complete pool, and how much of it there is.
 * A driver publishes a changed pool under the next generation: slices of an older one no longer count, and the newest counts once all its slices are there.
 * @param {readonly any[]} slices
 * @returns {{devices: Record<string, number> | undefined, share: string}}
 */
function currentPool(slices) {
  const generation = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  const current = slices.filter(({ spec }) => spec.pool.generation === generation);
  if (current.length === 0) {
    return { devices: undefined, share: "nothing" };
  }
  const { resourceSliceCount } = current[0].spec.pool;
  const share = `${current.length} of ${resourceSliceCount} slices`;
  if (current.length !== resourceSliceCount) {
    return { devices: undefined, share };
  }
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { attributes } of current.flatMap(({ spec }) => spec.devices ?? [])) {
    const key = attributes?.type?.string === "mig" ? (attributes.profile?.string ?? "MIG device without profile") : WHOLE_GPU;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return { devices: counts, share };
}

/**
 * What keeps a node of a group from being complete; undefined when nothing does.
 * @param {any} node
 * @param {NodeGroup} group
 * @param {ReturnType<typeof currentPool>} pool
 * @param {Namespaces} namespaces
 * @returns {Finding | undefined}
 */
function inspect(node, group, { devices, share }, { operatorNamespace, driverNamespace }) {
  const subject = node.metadata.name;
  const migState = node.metadata.labels?.[STATE_LABEL] ?? "not set";
  const onNode = `--field-selector spec.nodeName=${subject}`;
  const migManagerLog = `kubectl -n ${operatorNamespace} logs -l app=nvidia-mig-manager --prefix --tail=50`;
  const detail = `${matching(devices ?? {}, group.devices)} of ${sum(group.devices)} devices`;
  const waiting = { subject, detail, final: false };

  // Before `failed`: a node that comes back starts MIG Manager again, which then does try again.
  if (!node.status?.conditions?.some((/** @type {any} */ { type, status }) => type === "Ready" && status === "True")) {
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
  const difference = [missing && `missing ${missing}`, surplus && `unexpected ${surplus}`].filter(Boolean).join(", ");
  const remedy =
    "the DRA driver lists devices once, when its plugin starts, and may have started before the layout was applied: " +
    `kubectl -n ${driverNamespace} delete pod ${onNode}`;
  return { ...waiting, state: "mig.config.state=success", detail: `${detail} (${difference})`, remedy };
}

/**
 * @param {any} node
 * @returns {Finding}
 */
function stranger({ metadata: { name, labels } }) {
  const description = `${labels?.[INSTANCE_TYPE_LABEL] ?? "unknown instance type"}, mig.config=${labels?.[LAYOUT_LABEL] ?? "not set"}`;
  return {
    subject: name,
    state: `belongs to no GPU pool of this stack (${description})`,
    detail: "",
    remedy: `it is being replaced, or its label was changed by hand: kubectl get node ${name} --show-labels`,
    final: false,
  };
}

/**
 * @param {NodeGroup} group
 * @param {number} joined
 * @returns {Finding}
 */
function lacksNodes({ instanceType, layout, nodes }, joined) {
  return {
    subject: `${instanceType} with ${layout}`,
    state: `${joined} of ${nodes} nodes have joined`,
    detail: "",
    remedy: "EC2 may have no capacity, or the account no quota: see the health issues of the node group (aws eks describe-nodegroup)",
    final: false,
  };
}

/** @param {Record<string, number>} counts */
function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/**
 * How many of the wanted devices are published.
 * @param {Record<string, number>} published
 * @param {Record<string, number>} wanted
 */
function matching(published, wanted) {
  return Object.entries(wanted).reduce((total, [device, count]) => total + Math.min(count, published[device] ?? 0), 0);
}

/**
 * What is in `counts` beyond `others`: `2x 1g.5gb, 1x 3g.20gb`.
 * @param {Record<string, number>} counts
 * @param {Record<string, number>} others
 */
function beyond(counts, others) {
  return Object.keys(counts)
    .sort()
    .map((device) => ({ device, count: counts[device] - (others[device] ?? 0) }))
    .filter(({ count }) => count > 0)
    .map(({ device, count }) => `${count}x ${device}`)
    .join(", ");
}
