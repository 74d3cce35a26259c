import { TIERS, tierDeviceClass } from "../../../src/dra/tiers";
import { GPU_MODELS } from "../../../src/hardware/gpu-models";
import { deviceClassManifest } from "../../../src/kubernetes/tiers/device-classes";

/** A request for something that is the platform's. */
export interface PlatformCase {
  readonly name: string;
  readonly policy: string;
  readonly operation: "CREATE" | "UPDATE" | "CONNECT";
  readonly object?: object;
  readonly oldObject?: object;
  /** Whether it comes from a cluster administrator. */
  readonly admin: boolean;
  /** Part of the refusal; undefined: admitted. */
  readonly refusal: string | undefined;
}

function namespace(labels?: Readonly<Record<string, string>>): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "mig-test", ...(labels === undefined ? {} : { labels }) } };
}

const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const TEAM = { "shared-gpu/team": "mig-test", ...RESTRICTED };
const ADMIN_ACCESS = { "resource.kubernetes.io/admin-access": "true" };
const NAMESPACES = { policy: "shared-gpu-namespaces", operation: "UPDATE" } as const;
const OURS = "Only cluster administrators can create namespaces";

const CLASSES = { policy: "shared-gpu-device-classes", operation: "CREATE" } as const;

function deviceClass(name: string, spec: object): object {
  return { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec };
}

const small = deviceClassManifest(tierDeviceClass("small", GPU_MODELS.slice(0, 1))).spec as object;

export const PLATFORM_CASES: readonly PlatformCase[] = [
  // Namespaces
  { ...NAMESPACES, name: "the platform makes a team", operation: "CREATE", object: namespace(TEAM), admin: true, refusal: undefined },
  {
    ...NAMESPACES,
    name: "the platform makes another namespace",
    operation: "CREATE",
    object: namespace(),
    admin: true,
    refusal: undefined,
  },
  {
    ...NAMESPACES,
    name: "somebody makes a namespace outside the admission policies",
    operation: "CREATE",
    object: namespace(),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "a controller annotates a team",
    object: namespace(TEAM),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: undefined,
  },
  {
    ...NAMESPACES,
    name: "a controller updates a namespace without labels",
    object: namespace(),
    oldObject: namespace(),
    admin: false,
    refusal: undefined,
  },
  {
    ...NAMESPACES,
    name: "a controller labels a team for itself",
    object: namespace({ ...TEAM, "example.com/a": "b" }),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: undefined,
  },
  {
    ...NAMESPACES,
    name: "a team leaves the admission policies",
    object: namespace(RESTRICTED),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "a team leaves the admission policies with all its labels",
    object: namespace(),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "a team takes another's name",
    object: namespace({ ...TEAM, "shared-gpu/team": "b" }),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "a namespace gives itself admin access to devices",
    object: namespace(ADMIN_ACCESS),
    oldObject: namespace(),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "a team's namespace gets admin access to devices",
    object: namespace({ ...TEAM, ...ADMIN_ACCESS }),
    oldObject: namespace(TEAM),
    admin: true,
    refusal: "cannot have the label",
  },
  {
    ...NAMESPACES,
    name: "a team is allowed privileged pods",
    object: namespace({ ...TEAM, "pod-security.kubernetes.io/enforce": "privileged" }),
    oldObject: namespace(TEAM),
    admin: true,
    refusal: "must keep the label",
  },
  {
    ...NAMESPACES,
    name: "a team is held to no level",
    object: namespace({ "shared-gpu/team": "mig-test" }),
    oldObject: namespace(TEAM),
    admin: true,
    refusal: "must keep the label",
  },
  {
    ...NAMESPACES,
    name: "a team is held to a level as it was years ago",
    object: namespace({ ...TEAM, "pod-security.kubernetes.io/enforce-version": "v1.19" }),
    oldObject: namespace(TEAM),
    admin: false,
    refusal: OURS,
  },
  {
    ...NAMESPACES,
    name: "the platform takes a team's label off",
    object: namespace(RESTRICTED),
    oldObject: namespace(TEAM),
    admin: true,
    refusal: undefined,
  },

  // Device classes
  ...TIERS.flatMap(({ name }): readonly PlatformCase[] =>
    [GPU_MODELS, ...GPU_MODELS.map((model) => [model])].map((models) => ({
      ...CLASSES,
      name: `the platform makes the class ${name} for ${models.length === 1 ? (models[0]?.name ?? "") : "every GPU"}`,
      object: { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", ...deviceClassManifest(tierDeviceClass(name, models)) },
      admin: true,
      refusal: undefined,
    })),
  ),
  {
    ...CLASSES,
    name: "the driver's chart makes its class",
    object: deviceClass("gpu.nvidia.com", { selectors: [{ cel: { expression: "true" } }] }),
    admin: true,
    refusal: undefined,
  },
  {
    ...CLASSES,
    name: "somebody makes a class",
    object: deviceClass("my-gpu", { selectors: [{ cel: { expression: "true" } }] }),
    admin: false,
    refusal: "Only the platform creates device classes",
  },
  {
    ...CLASSES,
    name: "somebody writes a tier's class",
    operation: "UPDATE",
    object: deviceClass("mig-small.nvidia.com", small),
    oldObject: deviceClass("mig-small.nvidia.com", small),
    admin: false,
    refusal: "Only the platform creates device classes",
  },
  {
    ...CLASSES,
    name: "a class that no quota counts",
    object: deviceClass("my-gpu", small),
    admin: true,
    refusal: "No quota counts this device class",
  },
  {
    ...CLASSES,
    name: "a tier of everything",
    object: deviceClass("mig-small.nvidia.com", {}),
    admin: true,
    refusal: "must be one selector for MIG slices",
  },
  {
    ...CLASSES,
    name: "a tier of whole GPUs",
    object: deviceClass("mig-small.nvidia.com", { selectors: [{ cel: { expression: "device.driver == 'gpu.nvidia.com'" } }] }),
    admin: true,
    refusal: "must be one selector for MIG slices",
  },
  {
    ...CLASSES,
    name: "a tier by the name of an extended resource",
    object: deviceClass("mig-small.nvidia.com", { ...small, extendedResourceName: "nvidia.com/gpu" }),
    admin: true,
    refusal: "must be one selector for MIG slices",
  },
  {
    ...CLASSES,
    name: "a tier with configuration for the driver",
    object: deviceClass("mig-small.nvidia.com", { ...small, config: [{ opaque: { driver: "gpu.nvidia.com", parameters: {} } }] }),
    admin: true,
    refusal: "must be one selector for MIG slices",
  },

  // Into pods and nodes
  {
    name: "an administrator enters a pod of the GPU Operator",
    policy: "shared-gpu-system-pods",
    operation: "CONNECT",
    admin: true,
    refusal: undefined,
  },
  {
    name: "somebody enters a pod of the GPU Operator",
    policy: "shared-gpu-system-pods",
    operation: "CONNECT",
    admin: false,
    refusal: "Only cluster administrators can enter these pods",
  },
  { name: "an administrator asks a kubelet", policy: "shared-gpu-node-proxy", operation: "CONNECT", admin: true, refusal: undefined },
  {
    name: "somebody asks a kubelet",
    policy: "shared-gpu-node-proxy",
    operation: "CONNECT",
    admin: false,
    refusal: "runs commands in every pod",
  },
  {
    name: "an ephemeral container in a team's pod",
    policy: "shared-gpu-ephemeral-containers",
    operation: "UPDATE",
    object: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: {} },
    oldObject: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: {} },
    admin: true,
    refusal: "Use kubectl exec",
  },
];
