/** Admission policies for pods of teams, and for what makes pods. */
import {
  DEVICE_LIST_DIRECTORY,
  DEVICE_VARIABLES,
  INJECTOR_DOMAIN_LABELS,
  INJECTOR_FIRST_LABELS,
  NO_DEVICES,
  STATIC_POD_PREFIX,
  VISIBLE_DEVICES_VARIABLE,
} from "../../well-known/device-requests";
import { TIERS } from "../../dra/tiers";
import { GPU_TAINT } from "../../well-known/labels";
import { POD_CSI_DRIVERS } from "../../well-known/storage";
import { TIER_REQUEST } from "../../well-known/tier-request";
import { celList, admissionPolicy } from "./policy";
import type { Check, AdmissionPolicy, ResourceRule } from "./policy";
import { TIER_LIST } from "./claims";

/** Kinds whose pod template is at the same place. */
interface PodSubject {
  readonly name: string;
  /** API group, version and plurals. */
  readonly kinds: readonly (readonly [group: string, plurals: readonly string[]])[];
  /** CEL path, below `object`, of the pod or template: what has `metadata` and `spec`. */
  readonly pod: string;
}

/** Pods are where the rules are enforced; in the other kinds they are for the author, who learns of a mistake at once instead of from a controller's events. */
export const POD_SUBJECTS: readonly PodSubject[] = [
  { name: "shared-gpu-pods", kinds: [["", ["pods"]]], pod: "" },
  {
    name: "shared-gpu-pod-controllers",
    kinds: [
      ["apps", ["deployments", "statefulsets", "daemonsets", "replicasets"]],
      ["batch", ["jobs"]],
      ["", ["replicationcontrollers"]],
    ],
    pod: ".spec.template",
  },
  { name: "shared-gpu-cron-jobs", kinds: [["batch", ["cronjobs"]]], pod: ".spec.jobTemplate.spec.template" },
  { name: "shared-gpu-pod-templates", kinds: [["", ["podtemplates"]]], pod: ".template" },
];

/** CEL that holds for the entry of `env` that takes back what an image asks for itself. */
const DECLINES = `e.name == '${VISIBLE_DEVICES_VARIABLE}' && has(e.value) && e.value in ${celList(NO_DEVICES)}`;

/**
 * Refuses the ways to a GPU that do not go through a claim. What Pod Security level `restricted` refuses in the same namespaces is not repeated here: privileged
 * containers, added capabilities, host namespaces, host paths.
 *
 * An object that is older than the policy can be updated as long as its pods stay as they are: controllers must still be able to scale it and take off finalizers.
 */
export function podPolicy({ name, kinds, pod }: PodSubject): AdmissionPolicy {
  const rules = kinds.map(([group, resources]): ResourceRule => ({
    apiGroups: [group],
    apiVersions: ["v1"],
    operations: ["CREATE", "UPDATE"],
    resources,
  }));
  return admissionPolicy({
    name,
    rules,
    when: { name: "new-or-changed", expression: `request.operation == 'CREATE' || ${changed(pod)}` },
    checks: podChecks(`object${pod}`, pod === ""),
    scope: "teams",
  });
}

/** CEL that holds when an update changes what the pods are. A pod's own metadata hold much besides, such as finalizers. */
function changed(pod: string): string {
  if (pod !== "") {
    return `object${pod} != oldObject${pod}`;
  }
  const annotations = (object: string) => `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {})`;
  return `object.spec != oldObject.spec || ${annotations("object")} != ${annotations("oldObject")}`;
}

function podChecks(pod: string, isPod: boolean): readonly Check[] {
  const spec = `${pod}.spec`;
  const hasAnnotations = `has(${pod}.metadata) && has(${pod}.metadata.annotations)`;
  const hasClaim = `(has(${spec}.resourceClaims) && size(${spec}.resourceClaims) > 0)`;
  return [
    {
      // Whatever its name, an extended resource is a device without a claim. AWS's own are network interfaces.
      expression: `${everyResource(spec, isNative)} && ${everyContainer(spec, (c) => everyResource(c, isNative))}`,
      message: `Extended resources give no GPUs here (nvidia.com/..., deviceclass.resource.kubernetes.io/...). Name a claim in resourceClaims: ${TIER_LIST}`,
    },
    {
      expression: everyContainer(
        spec,
        (c) => `(!has(${c}.env) || ${c}.env.all(e, !(e.name in ${celList(DEVICE_VARIABLES)}) || (${DECLINES})))`,
      ),
      message:
        "Remove NVIDIA_VISIBLE_DEVICES and similar variables, because they bypass claims. The slices of the pod's claims are visible without them",
    },
    {
      expression: everyContainer(
        spec,
        (c) => `(!has(${c}.volumeMounts) || ${c}.volumeMounts.all(m, !m.mountPath.contains('${DEVICE_LIST_DIRECTORY}')))`,
      ),
      message:
        "Remove mounts below /var/run/nvidia-container-devices, because they request devices without a claim. Name a claim in resourceClaims",
    },
    {
      expression: everyContainer(spec, (c) => `(!has(${c}.volumeDevices) || size(${c}.volumeDevices) == 0)`),
      message: "Pods cannot use raw block devices here. Use volumeMounts",
    },
    {
      // A volume in a pod passes by quota, storage class and PersistentVolume. Pod Security admits every driver.
      expression: `!has(${spec}.volumes) || ${spec}.volumes.all(v, !has(v.csi) || v.csi.driver in ${celList(POD_CSI_DRIVERS)})`,
      message: `A pod cannot mount volumes of other drivers than ${POD_CSI_DRIVERS.join(", ")}. Use a PersistentVolumeClaim`,
    },
    {
      expression: `!(${hasAnnotations}) || ${pod}.metadata.annotations.all(k, !(${injectsDevices("k")}))`,
      message: "Remove annotations for CDI, NRI and static pods, because they bypass the scheduler. Name a claim in resourceClaims",
    },
    {
      expression: `!has(${spec}.runtimeClassName) || (!${hasClaim} && !${spec}.runtimeClassName.contains('nvidia'))`,
      message:
        "Remove runtimeClassName. The container runtime injects devices, so the platform chooses it. Claims work with the default runtime",
    },
    {
      expression: `${hasClaim} || !has(${spec}.tolerations) || ${spec}.tolerations.all(t, !(${toleratesGpuTaint("t")}))`,
      message: `Only pods with a claim can run on GPU nodes. Name a claim in resourceClaims, or do not tolerate the taint ${GPU_TAINT.key} (nor every taint)`,
    },
    {
      // Of the containers of a pod the driver sets the variable to void for those with a claim only.
      expression:
        `!${hasClaim} || ` +
        `(${everyContainer(spec, (c) => `((has(${c}.resources) && has(${c}.resources.claims) && size(${c}.resources.claims) > 0) || (has(${c}.env) && ${c}.env.exists(e, ${DECLINES})))`)})`,
      message:
        "A container does not use the pod's claim, so its image could expose every GPU. Add the claim to its resources.claims, or set its NVIDIA_VISIBLE_DEVICES to void",
    },
    {
      // The API server does not compare the name with the claim, and no policy can read one. The platform's templates are known; beside any other claim the
      // container must decline what its image asks for, so that a name that the claim does not have gives it nothing.
      expression: everyContainer(spec, (c) => everyRequest(spec, c)),
      message: `A container names a request in resources.claims. The platform's templates have the request ${TIER_REQUEST} only. For a request of another claim, also set the container's NVIDIA_VISIBLE_DEVICES to void, or leave request out: the container then gets all devices of the claim`,
    },
    {
      // The scheduler writes the field, by a subresource; a pod that is there has it.
      expression: `${isPod ? "request.operation == 'UPDATE' || " : ""}!has(${spec}.nodeName) || ${spec}.nodeName == ''`,
      message: "nodeName bypasses the scheduler, which allocates claims. Use nodeSelector or affinity",
    },
    {
      expression: `!has(${spec}.priorityClassName) || !${spec}.priorityClassName.startsWith('system-')`,
      message: "Remove priorityClassName. Pods with a system priority could evict the pods of the platform",
    },
  ];
}

/** CEL that holds when a test does for every container. The lists cannot be joined: each has a type of its own for the API server. */
function everyContainer(spec: string, test: (container: string) => string): string {
  return ["containers", "initContainers"].map((list) => `(!has(${spec}.${list}) || ${spec}.${list}.all(c, ${test("c")}))`).join(" && ");
}

/** CEL that holds when every request that a container names is one of the claim's, or may be and gives nothing where it is not. */
function everyRequest(spec: string, container: string): string {
  const isOfTier = `has(p.resourceClaimTemplateName) && p.resourceClaimTemplateName in ${celList(TIERS.map(({ templateName }) => templateName))}`;
  const ofTier = `has(${spec}.resourceClaims) && ${spec}.resourceClaims.exists(p, p.name == u.name && ${isOfTier})`;
  const known = `(${ofTier} ? u.request == '${TIER_REQUEST}' : (has(${container}.env) && ${container}.env.exists(e, ${DECLINES})))`;
  return (
    `(!has(${container}.resources) || !has(${container}.resources.claims) || ` +
    `${container}.resources.claims.all(u, !has(u.request) || u.request == '' || ${known}))`
  );
}

/**
 * CEL that holds when a test does for the name of every resource that a container, or the pod as a whole, requests or is limited to. `dyn`, because the API server's type checker knows
 * no type for quantities, which are text or number, and says that a field with them does not exist.
 */
function everyResource(container: string, test: (key: string) => string): string {
  const resources = `dyn(${container}.resources)`;
  const every = (map: string) => `(!has(${resources}.${map}) || ${resources}.${map}.all(k, ${test("k")}))`;
  return `(!has(${container}.resources) || (${every("limits")} && ${every("requests")}))`;
}

/** CEL that holds for the name of a resource that is no extended one. */
function isNative(key: string): string {
  return `(!${key}.contains('/') || ${key}.startsWith('vpc.amazonaws.com/'))`;
}

/** CEL that holds when a toleration lets a pod onto a GPU node: it names the taint's key or, with no key, every taint, and the taint's effect or every one. */
function toleratesGpuTaint(toleration: string): string {
  const anyOr = (field: string, value: string) =>
    `(!has(${toleration}.${field}) || ${toleration}.${field} == '' || ${toleration}.${field} == '${value}')`;
  return `${anyOr("key", GPU_TAINT.key)} && ${anyOr("effect", GPU_TAINT.effect)}`;
}

/**
 * CEL that holds for an annotation of CDI (`cdi.k8s.io/...`), of an injector of devices by NRI (`devices.nri.io`, `cdi-devices.noderesource.dev/...`), or by which
 * a pod passes for one that a node has made itself (`kubernetes.io/config.mirror`).
 */
function injectsDevices(key: string): string {
  const domain = `${key}.split('/')[0].lowerAscii().split('.')`;
  const injector = `${domain}.exists(l, l in ${celList(INJECTOR_DOMAIN_LABELS)}) || ${domain}[0] in ${celList(INJECTOR_FIRST_LABELS)}`;
  return `${injector} || ${key}.startsWith('${STATIC_POD_PREFIX}')`;
}
