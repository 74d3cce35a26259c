/** A pod that reaches the API server from a team's namespace, and what the admission policies say to it and to everything that would make it. */
export interface PodCase {
  readonly name: string;
  readonly metadata?: object;
  readonly spec: object;
  /** Part of the refusal; undefined: admitted. */
  readonly refusal: string | undefined;
}

const CLAIM = [{ name: "gpu", resourceClaimTemplateName: "mig-small-template" }];
const GPU_TAINT = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };

/** A pod of one container on a slice. */
function pod(container: object = {}, spec: object = {}): object {
  return {
    containers: [{ name: "main", image: "registry.example.com/app:1", resources: { claims: [{ name: "gpu" }] }, ...container }],
    resourceClaims: CLAIM,
    tolerations: [GPU_TAINT],
    ...spec,
  };
}

/** A pod of one container that needs no GPU. */
function plain(spec: object = {}, container: object = {}): object {
  return { containers: [{ name: "main", image: "registry.example.com/app:1", ...container }], ...spec };
}

const init = (container: object) => plain({ initContainers: [{ name: "first", image: "registry.example.com/app:1", ...container }] });
const limits = (resources: object) => ({ resources: { limits: resources } });
const uses = (request: string) => ({ resources: { claims: [{ name: "gpu", request }] } });
const env = (name: string, value?: string) => ({ env: [{ name, value }] });
const mount = (mountPath: string) => ({ volumeMounts: [{ name: "devices", mountPath }] });

const EXTENDED = "Extended resources give no GPUs here";
const VARIABLES = "Remove NVIDIA_VISIBLE_DEVICES and similar variables";
const MOUNTS = "Remove mounts below /var/run/nvidia-container-devices";
const ANNOTATIONS = "Remove annotations for CDI, NRI and static pods";
const RUNTIME = "Remove runtimeClassName";
const BESIDE = "does not use the pod's claim";
const TAINT = "Only pods with a claim can run on GPU nodes";
const NODE = "nodeName bypasses the scheduler";
const REQUEST = "A container names a request in resources.claims";

/** Admitted and refused pods, side by side for each rule. */
export const POD_CASES: readonly PodCase[] = [
  { name: "a pod with a claim on a GPU node", spec: pod(), refusal: undefined },
  { name: "a pod without GPU", spec: plain(), refusal: undefined },
  { name: "the request of a tier's template", spec: pod(uses("slice")), refusal: undefined },
  { name: "an empty request", spec: pod(uses("")), refusal: undefined },
  { name: "a request that a tier's template does not have", spec: pod(uses("nope")), refusal: REQUEST },
  {
    name: "the same in a container that declines",
    spec: pod({ ...uses("nope"), ...env("NVIDIA_VISIBLE_DEVICES", "void") }),
    refusal: REQUEST,
  },
  {
    name: "the same in an init container",
    spec: pod({}, { initContainers: [{ name: "first", image: "registry.example.com/app:1", ...uses("nope") }] }),
    refusal: REQUEST,
  },
  {
    name: "a request of a claim that nobody sees",
    spec: pod(uses("first"), { resourceClaims: [{ name: "gpu", resourceClaimName: "own" }] }),
    refusal: REQUEST,
  },
  {
    name: "a request of a template that nobody sees",
    spec: pod(uses("first"), { resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "own" }] }),
    refusal: REQUEST,
  },
  {
    name: "a request of a claim that nobody sees, in a container that declines",
    spec: pod(
      { ...uses("first"), ...env("NVIDIA_VISIBLE_DEVICES", "void") },
      { resourceClaims: [{ name: "gpu", resourceClaimName: "own" }] },
    ),
    refusal: undefined,
  },
  {
    name: "of two claims, the request that a tier's template does not have",
    spec: pod(
      { resources: { claims: [{ name: "own" }, { name: "gpu", request: "nope" }] } },
      { resourceClaims: [...CLAIM, { name: "own", resourceClaimName: "own" }] },
    ),
    refusal: REQUEST,
  },
  {
    name: "CPU, memory, disk and huge pages",
    spec: plain({}, limits({ cpu: "2", memory: "4Gi", "ephemeral-storage": "1Gi", "hugepages-2Mi": "4Mi" })),
    refusal: undefined,
  },
  { name: "a network interface of its own", spec: plain({}, limits({ "vpc.amazonaws.com/pod-eni": "1" })), refusal: undefined },
  { name: "a GPU of the device plugin", spec: plain({}, limits({ "nvidia.com/gpu": "1" })), refusal: EXTENDED },
  { name: "a MIG slice of the device plugin", spec: plain({}, limits({ "nvidia.com/mig-3g.20gb": "1" })), refusal: EXTENDED },
  { name: "a shared GPU of the device plugin", spec: plain({}, limits({ "nvidia.com/gpu.shared": "1" })), refusal: EXTENDED },
  {
    name: "a GPU of the device plugin, requested",
    spec: plain({}, { resources: { requests: { "nvidia.com/gpu": "1" } } }),
    refusal: EXTENDED,
  },
  { name: "a GPU of the device plugin in an init container", spec: init(limits({ "nvidia.com/gpu": "1" })), refusal: EXTENDED },
  {
    name: "a GPU of the device plugin for the whole pod",
    spec: plain({ resources: { limits: { "nvidia.com/gpu": "1" } } }),
    refusal: EXTENDED,
  },
  {
    name: "a device class as an extended resource",
    spec: plain({}, limits({ "deviceclass.resource.kubernetes.io/gpu.nvidia.com": "1" })),
    refusal: EXTENDED,
  },
  {
    name: "a tier as an extended resource",
    spec: plain({}, limits({ "deviceclass.resource.kubernetes.io/mig-small.nvidia.com": "1" })),
    refusal: EXTENDED,
  },
  {
    name: "an extended resource that some device class might stand behind",
    spec: plain({}, limits({ "example.com/gpu": "1" })),
    refusal: EXTENDED,
  },

  { name: "a container beside the claim", spec: pod({ resources: {} }), refusal: BESIDE },
  {
    name: "a container beside the claim that wants no GPU",
    spec: pod({ resources: {}, ...env("NVIDIA_VISIBLE_DEVICES", "void") }),
    refusal: undefined,
  },
  {
    name: "an init container beside the claim",
    spec: pod({}, { initContainers: [{ name: "first", image: "registry.example.com/app:1" }] }),
    refusal: BESIDE,
  },
  { name: "variables of its own", spec: pod(env("NCCL_DEBUG", "INFO")), refusal: undefined },
  { name: "the driver's capabilities", spec: pod(env("NVIDIA_DRIVER_CAPABILITIES", "compute,utility")), refusal: undefined },
  { name: "no devices by variable", spec: plain({}, env("NVIDIA_VISIBLE_DEVICES", "void")), refusal: undefined },
  { name: "all devices by variable", spec: plain({}, env("NVIDIA_VISIBLE_DEVICES", "all")), refusal: VARIABLES },
  { name: "all devices by variable, beside a claim", spec: pod(env("NVIDIA_VISIBLE_DEVICES", "all")), refusal: VARIABLES },
  { name: "no devices, but the driver, by variable", spec: plain({}, env("NVIDIA_VISIBLE_DEVICES", "none")), refusal: undefined },
  { name: "storage beside GPUs by variable", spec: plain({}, env("NVIDIA_GDS", "enabled")), refusal: VARIABLES },
  { name: "one device by variable", spec: plain({}, env("NVIDIA_VISIBLE_DEVICES", "0")), refusal: VARIABLES },
  { name: "all devices by variable, in an init container", spec: init(env("NVIDIA_VISIBLE_DEVICES", "all")), refusal: VARIABLES },
  {
    name: "all devices by a variable whose value comes from elsewhere",
    spec: plain({}, { env: [{ name: "NVIDIA_VISIBLE_DEVICES", valueFrom: { configMapKeyRef: { name: "a", key: "b" } } }] }),
    refusal: VARIABLES,
  },
  { name: "the right to divide GPUs", spec: plain({}, env("NVIDIA_MIG_CONFIG_DEVICES", "all")), refusal: VARIABLES },
  { name: "IMEX channels", spec: plain({}, env("NVIDIA_IMEX_CHANNELS", "0")), refusal: VARIABLES },

  { name: "a mount of its own", spec: pod(mount("/data")), refusal: undefined },
  { name: "the device list as mounts", spec: plain({}, mount("/var/run/nvidia-container-devices/all")), refusal: MOUNTS },
  {
    name: "the device list as mounts, by another path to it",
    spec: plain({}, mount("/run/../var/run//nvidia-container-devices/GPU-1")),
    refusal: MOUNTS,
  },
  {
    name: "the device list as mounts for CDI",
    spec: init(mount("/var/run/nvidia-container-devices/cdi/nvidia.com/gpu/all")),
    refusal: MOUNTS,
  },
  { name: "no block devices", spec: pod({ volumeDevices: [] }), refusal: undefined },
  {
    name: "a block device",
    spec: plain({}, { volumeDevices: [{ name: "data", devicePath: "/dev/nvidia0" }] }),
    refusal: "Use volumeMounts",
  },

  { name: "annotations of its own", metadata: { annotations: { "prometheus.io/scrape": "true" } }, spec: pod(), refusal: undefined },
  {
    name: "a device by CDI annotation",
    metadata: { annotations: { "cdi.k8s.io/gpu": "nvidia.com/gpu=all" } },
    spec: plain(),
    refusal: ANNOTATIONS,
  },
  {
    name: "a device by the vendor's CDI annotation",
    metadata: { annotations: { "nvidia.cdi.k8s.io/x": "nvidia.com/gpu=0" } },
    spec: plain(),
    refusal: ANNOTATIONS,
  },
  {
    name: "a device by NRI annotation",
    metadata: { annotations: { "devices.nri.io/container.main": "- path: /dev/nvidia0" } },
    spec: plain(),
    refusal: ANNOTATIONS,
  },
  {
    name: "a CDI device by NRI annotation",
    metadata: { annotations: { "cdi-devices.noderesource.dev/pod": "nvidia.com/gpu=all", "cdi-devices.nri.containerd.io/pod": "a" } },
    spec: plain(),
    refusal: ANNOTATIONS,
  },

  {
    name: "passes for a static pod",
    metadata: { annotations: { "kubernetes.io/config.mirror": "a" } },
    spec: plain(),
    refusal: ANNOTATIONS,
  },
  { name: "a runtime class beside a claim", spec: pod({}, { runtimeClassName: "gvisor" }), refusal: RUNTIME },
  { name: "another runtime class", spec: plain({ runtimeClassName: "gvisor" }), refusal: undefined },
  ...["nvidia", "nvidia-cdi", "nvidia-legacy"].map((name) => ({
    name: `runtime class ${name}`,
    spec: plain({ runtimeClassName: name }),
    refusal: RUNTIME,
  })),

  {
    name: "tolerations of other taints",
    spec: plain({ tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }] }),
    refusal: undefined,
  },
  {
    name: "a toleration of evictions only",
    spec: plain({ tolerations: [{ operator: "Exists", effect: "NoExecute" }] }),
    refusal: undefined,
  },
  { name: "tolerates the GPU taint without a claim", spec: plain({ tolerations: [GPU_TAINT] }), refusal: TAINT },
  {
    name: "tolerates the GPU taint by its value",
    spec: plain({ tolerations: [{ key: "nvidia.com/gpu", operator: "Equal", value: "true" }] }),
    refusal: TAINT,
  },
  { name: "tolerates every taint", spec: plain({ tolerations: [{ operator: "Exists" }] }), refusal: TAINT },
  {
    name: "tolerates every taint of the effect",
    spec: plain({ tolerations: [{ operator: "Exists", effect: "NoSchedule" }] }),
    refusal: TAINT,
  },
  {
    name: "tolerates every taint, by empty texts",
    spec: plain({ tolerations: [{ key: "", operator: "Exists", effect: "" }] }),
    refusal: TAINT,
  },
  {
    name: "tolerates the GPU taint with an empty list of claims",
    spec: plain({ tolerations: [GPU_TAINT], resourceClaims: [] }),
    refusal: TAINT,
  },

  { name: "a node by label", spec: pod({}, { nodeSelector: { "node-role": "gpu" } }), refusal: undefined },
  { name: "a node by name", spec: plain({ nodeName: "ip-10-0-0-1.ec2.internal" }), refusal: NODE },
  { name: "a node by name, beside a claim", spec: pod({}, { nodeName: "ip-10-0-0-1.ec2.internal" }), refusal: NODE },

  { name: "a priority of the team's", spec: pod({}, { priorityClassName: "batch" }), refusal: undefined },
  { name: "a priority of the system", spec: plain({ priorityClassName: "system-node-critical" }), refusal: "Remove priorityClassName" },
];

/** A request as an admission policy sees it. */
export interface Request {
  readonly policy: string;
  readonly object: object;
}

/** The pod itself, and every kind that would make it, as the API server decodes them (absent fields are absent). */
export function podRequests({ metadata, spec }: Pick<PodCase, "metadata" | "spec">): readonly (Request & { readonly kind: string })[] {
  const named = { name: "case", namespace: "mig-test" };
  const template = { ...(metadata === undefined ? {} : { metadata }), spec };
  const make = (policy: string, apiVersion: string, kind: string, content: object) => ({
    policy,
    kind,
    object: JSON.parse(JSON.stringify({ apiVersion, kind, metadata: named, ...content })) as object,
  });
  return [
    make("shared-gpu-pods", "v1", "Pod", { metadata: { ...named, ...metadata }, spec }),
    ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) =>
      make("shared-gpu-pod-controllers", "apps/v1", kind, { spec: { template } }),
    ),
    make("shared-gpu-pod-controllers", "batch/v1", "Job", { spec: { template } }),
    make("shared-gpu-pod-controllers", "v1", "ReplicationController", { spec: { template } }),
    make("shared-gpu-cron-jobs", "batch/v1", "CronJob", { spec: { jobTemplate: { spec: { template } } } }),
    make("shared-gpu-pod-templates", "v1", "PodTemplate", { template }),
  ];
}
