/** Everything that the doctor can find, each once: how bad it is, why it matters, and where docs/operations.md says more. */

/** `error`: somebody's pods do not run or are not isolated, or soon will not be. `warning`: it will hurt later. `info`: it is no fault, and explains something. */
export type Severity = "error" | "warning" | "info";

export interface FindingKind {
  readonly severity: Severity;
  readonly matters: string;
  /** Heading of docs/operations.md, as a link names it. */
  readonly runbook: string;
  /** Whether only `--active` can find it. */
  readonly isActive?: true;
  /** Whether only `--aws` can find it. */
  readonly isOfAccount?: true;
}

const DRIFT = "somebody-changed-what-the-stack-declares";
const NODE = "a-node-is-not-as-its-pool-declares";
const CLAIM = "a-pod-waits-for-a-slice";
const DAEMON = "a-daemon-of-the-operator-is-missing";
const GATE = "how-pulumi-up-ends";
const NEVER_JOINS = "an-instance-that-never-joins";
const DEAD = "up-waits-for-a-chart-and-a-node-is-dead";
const FAILED = "a-node-whose-layout-has-failed";
const PENDING = "mig-manager-stays-in-pending";
const RESTARTED = "a-node-was-restarted";
const LOST = "a-node-is-lost";
const RELAYOUT = "a-layout-node-by-node";
const UNGUARDED = "a-tenant-gets-more-than-a-slice";

export const FINDINGS = {
  // Control plane
  "dra-api-absent": {
    severity: "error",
    matters: "Without resource.k8s.io no pod can claim a slice.",
    runbook: "end-of-standard-support",
  },
  "version-differs": {
    severity: "warning",
    matters: "Admission policies, quotas and the versions of all software are chosen for the declared Kubernetes version.",
    runbook: "end-of-standard-support",
  },
  "support-ends": {
    severity: "warning",
    matters: "After the end, EKS upgrades the control plane by itself.",
    runbook: "end-of-standard-support",
  },
  "vulnerability-mended": {
    severity: "warning",
    matters: "A tenant who can start an image of their own can use a published hole, and a release without it exists.",
    runbook: "rolling-gpu-nodes-ami-kubernetes-version-volume-size",
  },
  "configuration-not-deployed": {
    severity: "warning",
    matters: "The cluster is what another configuration declares, so differences can be changes that nobody has deployed yet.",
    runbook: "what-a-change-does",
  },
  "gate-failed": {
    severity: "warning",
    matters: "The last `pulumi up` ended before it created what comes after the gate.",
    runbook: GATE,
  },
  // Nodes
  "nodes-missing": { severity: "error", matters: "The slices of these nodes do not exist.", runbook: NEVER_JOINS },
  "node-not-ready": { severity: "error", matters: "Nothing starts on the node, and its slices are out of use.", runbook: DEAD },
  "node-layout-differs": {
    severity: "error",
    matters: "MIG Manager divides the GPUs as this label says, so the slices that quotas and templates count on do not exist.",
    runbook: NODE,
  },
  "node-of-no-pool": { severity: "warning", matters: "The node costs money, and no configuration says what it is for.", runbook: NODE },
  "node-label-differs": { severity: "warning", matters: "Daemons and pods find nodes by this label.", runbook: NODE },
  "node-taint-missing": {
    severity: "error",
    matters: "Pods without a claim can fill the CPU and memory of the node, and its slices stay free.",
    runbook: NODE,
  },
  "node-taint-foreign": {
    severity: "warning",
    matters: "Pods with a claim do not tolerate it, so the slices of the node stay free.",
    runbook: NODE,
  },
  "node-cordoned": { severity: "warning", matters: "No new pod gets a slice of the node.", runbook: NODE },
  "relayout-stopped": {
    severity: "warning",
    matters: "No new pod gets a slice of the node until a relayout goes on. Make sure that none is at work before you start one.",
    runbook: RELAYOUT,
  },
  "relayout-not-in-stack": {
    severity: "warning",
    matters: "The relayout is done, and pulumi up makes it last: until then nodes that join the pool get what the stack declares.",
    runbook: RELAYOUT,
  },
  "node-under-pressure": { severity: "warning", matters: "The kubelet evicts pods, and starts no others.", runbook: NODE },
  "node-image-differs": {
    severity: "warning",
    matters: "The driver and the kubelet are not those that the stack pins, with whatever was mended since.",
    runbook: "rolling-gpu-nodes-ami-kubernetes-version-volume-size",
  },
  "gpu-lost": { severity: "error", matters: "A GPU that the driver does not see has no slices.", runbook: "node-repair" },
  // GPU Operator
  "operator-absent": { severity: "error", matters: "Without it nothing finds or divides GPUs.", runbook: DAEMON },
  "gpu-not-found": { severity: "error", matters: "Without these labels MIG Manager does not start.", runbook: DAEMON },
  "mig-manager-absent": { severity: "error", matters: "Nothing divides the GPUs of the node.", runbook: DAEMON },
  "mig-state-unset": {
    severity: "error",
    matters: "MIG Manager runs and has said nothing, so the DRA plugin does not start.",
    runbook: DAEMON,
  },
  "mig-stuck-pending": {
    severity: "error",
    matters: "MIG Manager has given up without a word and does not try again by itself.",
    runbook: PENDING,
  },
  "mig-stuck-rebooting": { severity: "error", matters: "The restart that MIG mode needs has not ended.", runbook: DEAD },
  "mig-failed": {
    severity: "error",
    matters: "MIG Manager does not try again by itself, and the DRA plugin does not run meanwhile.",
    runbook: FAILED,
  },
  "mig-failed-in-use": {
    severity: "error",
    matters: "Pods hold GPUs, so MIG Manager cannot divide them, and without the DRA plugin those pods cannot end.",
    runbook: FAILED,
  },
  "exporter-paused": {
    severity: "warning",
    matters: "MIG Manager has sent the DCGM exporter away and not called it back: the node has no GPU metrics.",
    runbook: PENDING,
  },
  "exporter-absent": {
    severity: "warning",
    matters: "The node has no GPU metrics, so dashboards and alerts see nothing of it.",
    runbook: DAEMON,
  },
  // DRA driver
  "driver-absent": { severity: "error", matters: "Nothing publishes slices, and pods that hold some cannot end.", runbook: DAEMON },
  "driver-not-gated": {
    severity: "error",
    matters: "The plugin lists devices once, when it starts. Without this node selector it can start before MIG Manager is done.",
    runbook: DRIFT,
  },
  "driver-version-differs": {
    severity: "warning",
    matters: "Versions differ in the names of devices, and in what they do with claims after a restart.",
    runbook: DRIFT,
  },
  "plugin-absent": {
    severity: "error",
    matters: "Nothing publishes the slices of the node, and pods that hold some cannot end (kubernetes/kubernetes #129402).",
    runbook: DAEMON,
  },
  "plugin-not-ready": { severity: "error", matters: "A plugin that does not run publishes nothing and prepares no claim.", runbook: GATE },
  "plugin-older-than-layout": {
    severity: "warning",
    matters: "The plugin lists devices once, when it starts: what it publishes can be what was there before.",
    runbook: GATE,
  },
  // Slices
  "slices-none": { severity: "error", matters: "kube-scheduler gives out published devices only.", runbook: GATE },
  "slices-in-part": { severity: "error", matters: "The rest of the slices cannot be given out.", runbook: GATE },
  "slices-whole-gpus": {
    severity: "error",
    matters: "The plugin listed the GPUs before they were divided. No tier's class matches a whole GPU.",
    runbook: GATE,
  },
  "slices-differ": { severity: "error", matters: "Quotas and templates count on the slices of the layout.", runbook: GATE },
  "slices-of-gone-node": { severity: "error", matters: "kube-scheduler can give out devices that do not exist.", runbook: LOST },
  "slices-foreign": {
    severity: "error",
    matters: "The plugin of the node did not publish them: pods can be given devices that do not exist.",
    runbook: DRIFT,
  },
  // What the stack declares
  "object-missing": { severity: "error", matters: "The stack declares it, and what depends on it fails.", runbook: DRIFT },
  "namespace-differs": {
    severity: "error",
    matters: "Labels of a namespace decide which admission policies and which Pod Security level apply.",
    runbook: DRIFT,
  },
  "class-differs": { severity: "error", matters: "A tier gives out other devices than quotas count on.", runbook: DRIFT },
  "template-differs": { severity: "error", matters: "Pods that name the template ask for something else.", runbook: DRIFT },
  "policy-differs": {
    severity: "error",
    matters: "The API server accepts what the stack forbids, or forbids what it allows.",
    runbook: DRIFT,
  },
  "policy-binding-differs": { severity: "error", matters: "Without its binding an admission policy does nothing.", runbook: DRIFT },
  "quota-differs": { severity: "error", matters: "The team can take more than its share, or less.", runbook: DRIFT },
  "limits-differ": {
    severity: "warning",
    matters: "Containers that name no requests get others, and one can starve a node.",
    runbook: DRIFT,
  },
  "rights-differ": {
    severity: "error",
    matters: "Somebody can do more than the stack allows, or a daemon less than it needs.",
    runbook: DRIFT,
  },
  "rights-foreign": {
    severity: "warning",
    matters: "It gives rights in the namespace of a team that no configuration declares.",
    runbook: DRIFT,
  },
  "network-differs": {
    severity: "error",
    matters: "Pods of the team can be reached, or can reach, what the stack forbids.",
    runbook: DRIFT,
  },
  "storage-class-differs": { severity: "warning", matters: "New volumes are not what the stack declares.", runbook: DRIFT },
  "class-foreign": {
    severity: "warning",
    matters: "It gives out devices of NVIDIA's driver, and no team's quota counts it.",
    runbook: DRIFT,
  },
  // Pods and claims
  "template-absent": { severity: "warning", matters: "The pod waits for ever: its claim is never made.", runbook: CLAIM },
  "claim-absent": { severity: "warning", matters: "The pod waits for ever.", runbook: CLAIM },
  "class-absent": { severity: "warning", matters: "The pod waits for ever.", runbook: CLAIM },
  "no-such-device": { severity: "warning", matters: "The pod waits for ever: no node publishes what it asks for.", runbook: CLAIM },
  "no-free-device": { severity: "info", matters: "The pod starts when another one ends.", runbook: CLAIM },
  "claim-of-gone-node": {
    severity: "warning",
    matters: "The slice is gone with its node, and the pod is not replaced before it is deleted.",
    runbook: LOST,
  },
  "claim-of-older-scheduler": {
    severity: "warning",
    matters: "The pod waits until all pods of the claim have gone: Kubernetes 1.36 cannot share what an older version has allocated.",
    runbook: CLAIM,
  },
  "claim-of-gone-device": { severity: "warning", matters: "The pod cannot start: nobody publishes what its claim holds.", runbook: CLAIM },
  "claim-finalizer": {
    severity: "warning",
    matters: "The claim holds its slice and its part of the quota until the finalizer is gone.",
    runbook: CLAIM,
  },
  "pod-terminating": { severity: "warning", matters: "The pod holds its slice until it is gone.", runbook: CLAIM },
  "cdi-stale": {
    severity: "error",
    matters: "The driver believes its record of before a restart, so these containers never start (kubernetes/kubernetes #141433).",
    runbook: RESTARTED,
  },
  "prepare-refused": { severity: "warning", matters: "The driver refuses the claim, so the pod does not start.", runbook: CLAIM },
  // Capacity
  "no-addresses": {
    severity: "error",
    matters: "Pods do not start while the subnet of their node has no address left.",
    runbook: "a-subnet-runs-out-of-addresses",
  },
  "subnet-nearly-full": {
    severity: "warning",
    matters: "Nodes that join and pods that start take addresses of the subnet, and an upgrade of the control plane takes up to five.",
    runbook: "a-subnet-runs-out-of-addresses",
    isOfAccount: true,
  },
  "quota-too-small": {
    severity: "error",
    matters: "AWS starts no instance beyond the quota: a node that ends is not replaced, and a pool does not grow.",
    runbook: "the-vcpu-quota-is-too-small",
    isOfAccount: true,
  },
  "reservation-ends": {
    severity: "warning",
    matters: "AWS ends the instances of the pool, from half an hour before the end. Every pod on them ends, and their slices are gone.",
    runbook: "a-reservation-ends",
    isOfAccount: true,
  },
  "reservation-differs": {
    severity: "warning",
    matters: "Alerts and people go by what the stack says of the reservation.",
    runbook: "a-reservation-ends",
    isOfAccount: true,
  },
  "volume-zone": {
    severity: "warning",
    matters: "Prometheus does not run, so there are no metrics and no alerts.",
    runbook: "prometheus-volume-is-in-a-zone-without-a-node",
  },
  // What the active check has tried
  "gpu-without-claim": {
    severity: "error",
    matters: "Every pod on the node can use the slices of all teams.",
    runbook: UNGUARDED,
    isActive: true,
  },
  "slice-not-of-claim": {
    severity: "error",
    matters: "A pod uses a slice that is not the one of its claim, and another pod can have the same.",
    runbook: UNGUARDED,
    isActive: true,
  },
  "forbidden-request-admitted": {
    severity: "error",
    matters: "A team can ask for more than slices of the tiers, or for GPUs without a claim.",
    runbook: UNGUARDED,
    isActive: true,
  },
  "quota-not-counted": { severity: "error", matters: "A team can take more than its share.", runbook: UNGUARDED, isActive: true },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type FindingId = keyof typeof FINDINGS;

/** What only `--active` can find. */
export type ActiveFindingId = {
  [Id in FindingId]: (typeof FINDINGS)[Id] extends { readonly isActive: true } ? Id : never;
}[FindingId];

export const ACTIVE_FINDINGS: readonly ActiveFindingId[] = (Object.keys(FINDINGS) as FindingId[]).filter(
  (id): id is ActiveFindingId => "isActive" in FINDINGS[id],
);
