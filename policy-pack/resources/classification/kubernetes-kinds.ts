/** What the pack knows about Kubernetes objects. */
import { findCustomKind } from "../../../src/cluster/custom-resources/table";
import { isBuiltInKind } from "../../../src/releases/api-kinds";
import type { KubernetesObject } from "../objects";
import { podTemplates } from "../pod-specs";
import type { Classification } from "./types";

interface Kinds<Meaning> {
  readonly group: string;
  readonly kinds: readonly string[] | "all";
  readonly meaning: Meaning;
}

const PODS = ["forbid-gpus-without-claim", "forbid-node-access"];
const CLAIMS = ["enforce-balanced-mig-profiles", "forbid-gpu-from-slices", "forbid-claim-privileges"];
const RESERVED = ["reserve-platform-objects"];
const STORAGE = ["storage-known", "volumes-of-same-program"];

/** The kinds that policies judge. */
const JUDGED = byGroup<readonly string[]>([
  { group: "", kinds: ["Pod", "PodTemplate", "ReplicationController"], meaning: PODS },
  { group: "", kinds: ["Service"], meaning: ["forbid-services-beyond-cluster"] },
  { group: "", kinds: ["PersistentVolume"], meaning: ["forbid-node-access", ...STORAGE] },
  { group: "", kinds: ["PersistentVolumeClaim"], meaning: STORAGE },
  { group: "", kinds: ["ServiceAccount"], meaning: ["service-accounts-without-roles"] },
  { group: "storage.k8s.io", kinds: ["StorageClass", "VolumeAttributesClass"], meaning: STORAGE },
  { group: "", kinds: ["Namespace", "Node", "ResourceQuota", "LimitRange", "Binding"], meaning: RESERVED },
  { group: "apps", kinds: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"], meaning: PODS },
  { group: "batch", kinds: ["Job", "CronJob"], meaning: PODS },
  { group: "networking.k8s.io", kinds: ["NetworkPolicy"], meaning: ["network-policies-stay-in-namespace"] },
  {
    group: "rbac.authorization.k8s.io",
    kinds: ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
    meaning: ["reserve-cluster-rights"],
  },
  { group: "resource.k8s.io", kinds: ["ResourceClaim", "ResourceClaimTemplate", "DeviceClass"], meaning: CLAIMS },
  { group: "resource.k8s.io", kinds: "all", meaning: RESERVED },
  { group: "admissionregistration.k8s.io", kinds: "all", meaning: RESERVED },
  { group: "apiregistration.k8s.io", kinds: "all", meaning: RESERVED },
  { group: "certificates.k8s.io", kinds: "all", meaning: RESERVED },
  { group: "node.k8s.io", kinds: "all", meaning: RESERVED },
  {
    group: "monitoring.coreos.com",
    kinds: ["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"],
    meaning: ["monitors-read-no-files", "monitors-stay-in-namespace"],
  },
  { group: "nvidia.com", kinds: "all", meaning: RESERVED },
  { group: "resource.nvidia.com", kinds: "all", meaning: RESERVED },
  { group: "nfd.k8s-sigs.io", kinds: "all", meaning: RESERVED },
]);

const DATA = "it is data of its namespace, and the policies for pods check who uses it for what";

/** The kinds of Kubernetes without effect on GPUs, rights and other tenants. */
const HARMLESS = byGroup<string>([
  { group: "", kinds: ["ConfigMap", "Secret"], meaning: DATA },
  { group: "", kinds: ["Event"], meaning: "it is a message" },
  { group: "events.k8s.io", kinds: ["Event"], meaning: "it is a message" },
  { group: "autoscaling", kinds: ["HorizontalPodAutoscaler"], meaning: "it scales a workload of its namespace within the quota" },
  {
    group: "coordination.k8s.io",
    kinds: ["Lease"],
    meaning: "it elects leaders in its namespace. The leases of nodes are in a namespace of the platform",
  },
  { group: "networking.k8s.io", kinds: ["Ingress", "IngressClass"], meaning: "the platform installs no controller for it" },
  { group: "policy", kinds: ["PodDisruptionBudget"], meaning: "it delays evictions in its namespace" },
]);

interface Reason {
  readonly why: string;
  readonly instead: string;
}

const CLUSTER_WIDE = "Ask the owners of the platform to add it to the platform's stack";

/** Kinds by which controllers start and stop nodes. */
const NODE_GROUPS: readonly string[] = ["karpenter.sh", "karpenter.k8s.aws", "eks.amazonaws.com"];

const NODES_BY_CONTROLLER: Reason = {
  why: "a controller starts nodes from it that no policy for node groups sees",
  instead: "Add a pool to `gpuPools` in the configuration of the platform's stack, or write a node group (aws.eks.NodeGroup)",
};

/** Custom resources of the whole cluster, which no team owns: what a team writes there changes when, where and as what the pods of others run. */
const OF_EVERY_TEAM: readonly Kinds<Reason>[] = [
  {
    group: "kueue.x-k8s.io",
    kinds: [
      ...["ClusterQueue", "Cohort", "ResourceFlavor", "WorkloadPriorityClass", "Topology", "AdmissionCheck", "ProvisioningRequestConfig"],
      ...["MultiKueueConfig", "MultiKueueCluster"],
    ],
    meaning: {
      why: "it decides what the queues of every team share, borrow and evict",
      instead: `Write a LocalQueue that names a ClusterQueue of the platform. ${CLUSTER_WIDE}`,
    },
  },
  {
    group: "scheduling.volcano.sh",
    kinds: ["Queue"],
    meaning: {
      why: "it decides what every team gets of the cluster, and whose pods are evicted",
      instead: `Name a queue of the platform. ${CLUSTER_WIDE}`,
    },
  },
  ...(
    [
      ["serving.kserve.io", "ClusterServingRuntime", "ServingRuntime"],
      ["trainer.kubeflow.org", "ClusterTrainingRuntime", "TrainingRuntime"],
      ["argoproj.io", "ClusterWorkflowTemplate", "WorkflowTemplate"],
      ["argoproj.io", "ClusterAnalysisTemplate", "AnalysisTemplate"],
      ["tekton.dev", "ClusterTask", "Task"],
      ["instancetype.kubevirt.io", "VirtualMachineClusterInstancetype", "VirtualMachineInstancetype"],
      ["instancetype.kubevirt.io", "VirtualMachineClusterPreference", "VirtualMachinePreference"],
    ] as const
  ).map(([group, kind, own]): Kinds<Reason> => ({
    group,
    kinds: [kind],
    meaning: { why: "pods of every team can be made from it", instead: `Write a ${own}, which is of its namespace` },
  })),
];

/** Why well-known kinds are not admitted. */
const REFUSED = byGroup<Reason>([
  ...OF_EVERY_TEAM,
  ...NODE_GROUPS.map((group): Kinds<Reason> => ({
    group,
    kinds: "all",
    meaning: NODES_BY_CONTROLLER,
  })),
  {
    group: "argoproj.io",
    kinds: ["Application", "ApplicationSet", "AppProject"],
    meaning: { why: "its controller applies objects from elsewhere, which no policy sees", instead: "Register the objects in a program" },
  },
  {
    group: "",
    kinds: ["Endpoints"],
    meaning: { why: "it leads the traffic of a Service to addresses of its author's choice", instead: "Give the Service a selector" },
  },
  {
    group: "discovery.k8s.io",
    kinds: ["EndpointSlice"],
    meaning: { why: "it leads the traffic of a Service to addresses of its author's choice", instead: "Give the Service a selector" },
  },
  {
    group: "apps",
    kinds: ["ControllerRevision"],
    meaning: { why: "a controller creates pods from it that no policy has seen", instead: "Change the StatefulSet or DaemonSet itself" },
  },
  {
    group: "policy",
    kinds: ["Eviction"],
    meaning: { why: "it ends pods of others", instead: "Delete your own pods" },
  },
  {
    group: "apiextensions.k8s.io",
    kinds: ["CustomResourceDefinition"],
    meaning: {
      why: "it adds a kind to the API for every team, and its controller creates what no policy has seen",
      instead: "Ask the owners of the platform to install the operator with the platform's stack",
    },
  },
  {
    group: "scheduling.k8s.io",
    kinds: ["PriorityClass"],
    meaning: { why: "pods of a higher class evict those of other teams", instead: CLUSTER_WIDE },
  },
  {
    group: "flowcontrol.apiserver.k8s.io",
    kinds: ["FlowSchema", "PriorityLevelConfiguration"],
    meaning: { why: "it decides whose requests the API server answers", instead: CLUSTER_WIDE },
  },
  {
    group: "storage.k8s.io",
    kinds: ["CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment"],
    meaning: { why: "it decides which volumes nodes mount", instead: "Write a PersistentVolumeClaim" },
  },
  {
    group: "networking.k8s.io",
    kinds: ["IPAddress", "ServiceCIDR"],
    meaning: { why: "it decides the addresses of all Services", instead: CLUSTER_WIDE },
  },
]);

/** Domains of operators that make something else than pods, with all their groups. */
const OPERATORS: readonly { readonly domains: readonly string[]; readonly why: string; readonly instead: string }[] = [
  {
    domains: ["toolkit.fluxcd.io", "fleet.cattle.io", "apps.open-cluster-management.io", "work.open-cluster-management.io", "kro.run"],
    ...{ why: "its controller applies objects from elsewhere, which no policy sees", instead: "Register the objects in a program" },
  },
  {
    domains: [
      ...["crossplane.io", "upbound.io", "services.k8s.aws", "cnrm.cloud.google.com", "azure.com", "aws.k8s.logmein.com", "pulumi.com"],
      "hashicorp.com",
    ],
    why: "its controller creates resources of a cloud with rights of its own, and no policy sees them",
    instead: "Register each resource with the aws provider",
  },
  { domains: ["cluster.x-k8s.io"], ...NODES_BY_CONTROLLER },
];

const CUSTOM = "Write the pods as a Job, a Deployment or another workload that the pack reads";

/** What the pack knows about an object. */
export function classifyObject(object: KubernetesObject): Classification {
  const { group, kind } = object;
  const judged = meaningOf(JUDGED, object);
  if (judged !== undefined) {
    return object.isPatch ? ofPatch(object, judged) : { type: "understood", by: judged };
  }
  const because = meaningOf(HARMLESS, object);
  if (because !== undefined) {
    return { type: "harmless", because };
  }
  const refused = meaningOf(REFUSED, object);
  if (refused !== undefined) {
    return { type: "unknown", ...refused };
  }
  const custom = findCustomKind(group, kind);
  if (custom?.type === "plain") {
    return { type: "harmless", because: custom.because };
  }
  if (custom !== undefined) {
    return object.isPatch ? ofPatch(object, PODS) : { type: "understood", by: [...PODS, ...CLAIMS] };
  }
  return unknownKind(object);
}

type Table<Meaning> = ReadonlyMap<string, readonly Kinds<Meaning>[]>;

function byGroup<Meaning>(entries: readonly Kinds<Meaning>[]): Table<Meaning> {
  const groups = [...new Set(entries.map(({ group }) => group))];
  return new Map(groups.map((group) => [group, entries.filter((entry) => entry.group === group)]));
}

function meaningOf<Meaning>(table: Table<Meaning>, { group, kind }: KubernetesObject): Meaning | undefined {
  return table.get(group)?.find(({ kinds }) => kinds === "all" || kinds.includes(kind))?.meaning;
}

function unknownKind({ group, kind, apiVersion }: KubernetesObject): Classification {
  const operator = OPERATORS.find(({ domains }) => domains.some((domain) => group === domain || group.endsWith(`.${domain}`)));
  if (operator !== undefined) {
    return { type: "unknown", why: operator.why, instead: operator.instead };
  }
  return isBuiltInKind(group, kind)
    ? { type: "unknown", why: "no policy checks this kind", instead: CLUSTER_WIDE }
    : {
        type: "unknown",
        why: `this pack does not know the kind ${kind} of ${apiVersion}, so it cannot check whether it creates pods, claims or rights`,
        instead: CUSTOM,
      };
}

/** Patches of these kinds say all that their policy needs, or are denied by it. */
const PATCHES_JUDGED: readonly string[] = [
  ...["Service", "ResourceClaim", "ResourceClaimTemplate", "DeviceClass", "PersistentVolumeClaim", "ServiceAccount"],
  ...["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"],
];

/** A patch says only a part of an object. It is understood where the other parts make no difference. */
function ofPatch(object: KubernetesObject, by: readonly string[]): Classification {
  const { kind } = object;
  const isJudged = by === RESERVED || PATCHES_JUDGED.includes(kind) || (by === PODS && !changesPods(object));
  return isJudged
    ? { type: "understood", by }
    : {
        type: "unknown",
        why: `a ${kind}Patch has only a part of the ${kind}, so no policy can check what the whole allows`,
        instead: `Register the ${kind} itself, with the resource option import if it exists already`,
      };
}

/** Whether a patch of a workload touches its pods. */
function changesPods(object: KubernetesObject): boolean {
  const { contents } = object;
  return (
    podTemplates(object).some(
      ({ spec, containers, unknown }) => Object.keys(spec).length > 0 || containers.length > 0 || unknown.length > 0,
    ) ||
    (contents !== undefined && [...contents.claims, ...contents.objects, ...contents.unchecked].length > 0)
  );
}
