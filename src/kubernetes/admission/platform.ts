/** Admission policies around what is the platform's: namespaces, device classes, its pods, its nodes. */
import { PASSTHROUGH_DEVICE_CLASS, VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { MIG_SELECTOR_START, TIERS } from "../../dra/tiers";
import { ADMIN_ACCESS_LABEL, TEAM_LABEL, podSecurityLabel } from "../../well-known/labels";
import { PRIVILEGED_NAMESPACES } from "../../well-known/namespaces";
import { ADMINISTRATOR, admissionPolicy, celList } from "./policy";
import type { AdmissionPolicy } from "./policy";

const POD_SECURITY_LABEL = podSecurityLabel("enforce");

/** Labels of a namespace that decide what may run in it. */
const NAMESPACE_LABELS = [TEAM_LABEL, ADMIN_ACCESS_LABEL, POD_SECURITY_LABEL, `${POD_SECURITY_LABEL}-version`];

/**
 * Keeps namespaces from leaving the admission policies: only cluster administrators make namespaces and change the labels that decide; and nobody, administrators included,
 * can give a team's namespace admin access to devices or another Pod Security level. Not bound by the team's label, which an update could take off, and with the
 * subresources, which write labels too.
 */
export const NAMESPACE_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-namespaces",
  rules: [
    {
      apiGroups: [""],
      apiVersions: ["v1"],
      operations: ["CREATE", "UPDATE"],
      resources: ["namespaces", "namespaces/status", "namespaces/finalize"],
    },
  ],
  checks: [
    {
      expression: `${isNot(TEAM_LABEL)} || ${isNot(ADMIN_ACCESS_LABEL)}`,
      message: `A team's namespace cannot have the label ${ADMIN_ACCESS_LABEL}, because its claims could use the devices of others`,
    },
    {
      expression: `${isNot(TEAM_LABEL)} || (has(object.metadata.labels) && '${POD_SECURITY_LABEL}' in object.metadata.labels && object.metadata.labels['${POD_SECURITY_LABEL}'] == 'restricted')`,
      message: `A team's namespace must keep the label ${POD_SECURITY_LABEL}: restricted`,
    },
    {
      expression: `(request.operation == 'UPDATE' && ${celList(NAMESPACE_LABELS)}.all(k, ${sameLabel("k")})) || ${ADMINISTRATOR}`,
      message: `Only cluster administrators can create namespaces or change the labels ${NAMESPACE_LABELS.join(", ")}. Add a team with the configuration key teams of the stack`,
    },
  ],
  scope: "cluster",
});

function labels(object: string): string {
  return `(has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`;
}

function isNot(label: string): string {
  return `!('${label}' in ${labels("object")})`;
}

function sameLabel(key: string): string {
  const [now, before] = [labels("object"), labels("oldObject")];
  return `(${key} in ${now}) == (${key} in ${before}) && (!(${key} in ${now}) || ${now}[${key}] == ${before}[${key}])`;
}

/**
 * Device classes of NVIDIA's drivers that this platform does not install, or not yet: pass-through of whole GPUs and compute domains.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v0.4.1, deployments/helm, templates/deviceclass-*.yaml.
 */
export const OTHER_VENDOR_CLASSES = [
  PASSTHROUGH_DEVICE_CLASS.name,
  "compute-domain-daemon.nvidia.com",
  "compute-domain-default-channel.nvidia.com",
] as const;

const TIER_CLASSES = TIERS.map(({ className }) => className);
const VENDOR_CLASSES = [...VENDOR_DEVICE_CLASSES.map(({ name }) => name), ...OTHER_VENDOR_CLASSES];

/**
 * Keeps device classes to those that quotas count. Only cluster administrators write them; and a tier's class, whoever writes it, stays one selector for MIG slices,
 * without configuration and without a name by which pods could get its devices past claims and quota.
 */
export const DEVICE_CLASS_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-device-classes",
  rules: [{ apiGroups: ["resource.k8s.io"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deviceclasses"] }],
  checks: [
    {
      expression: ADMINISTRATOR,
      message: `Only the platform creates device classes. Claim one of ${TIER_CLASSES.join(", ")}`,
    },
    {
      expression: `object.metadata.name in ${celList([...TIER_CLASSES, ...VENDOR_CLASSES])}`,
      message: `No quota counts this device class. A device class must have one of the names ${[...TIER_CLASSES, ...VENDOR_CLASSES].join(", ")}`,
    },
    {
      expression:
        `!(object.metadata.name in ${celList(TIER_CLASSES)}) || (has(object.spec.selectors) && size(object.spec.selectors) == 1 && ` +
        `object.spec.selectors.all(s, has(s.cel) && s.cel.expression.startsWith('${MIG_SELECTOR_START.replaceAll("'", "\\'")}')) && ` +
        "!has(object.spec.extendedResourceName) && (!has(object.spec.config) || size(object.spec.config) == 0))",
      message: "The class of a tier must be one selector for MIG slices, as the stack creates it, without config and extendedResourceName",
    },
  ],
  scope: "cluster",
});

/** Nobody but cluster administrators gets into the pods that have the GPUs, or the node, of everybody. */
export const SYSTEM_PODS_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-system-pods",
  rules: [
    {
      apiGroups: [""],
      apiVersions: ["v1"],
      operations: ["CONNECT"],
      resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy"],
    },
    { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/ephemeralcontainers"] },
  ],
  checks: [
    {
      expression: ADMINISTRATOR,
      message:
        "Only cluster administrators can enter these pods, because they have all GPUs of their node. To see slices, use kubectl get resourceclaims",
    },
  ],
  scope: { namespaces: PRIVILEGED_NAMESPACES },
});

/**
 * A node's kubelet runs commands in every pod of the node, and knows no admission. (Who has the right `nodes/proxy` can also ask the kubelet directly,
 * which no policy sees: no role of the platform gives it.)
 */
export const NODE_PROXY_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-node-proxy",
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CONNECT"], resources: ["nodes/proxy"] }],
  checks: [
    {
      expression: ADMINISTRATOR,
      message:
        "Only cluster administrators can ask a kubelet, because it runs commands in every pod of its node. Use kubectl logs and kubectl exec",
    },
  ],
  scope: "cluster",
});

/** An ephemeral container joins a running pod, and with it the pod's slices and node, past every rule for its containers. Nobody adds one to a team's pod. */
export const EPHEMERAL_CONTAINER_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-ephemeral-containers",
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/ephemeralcontainers"] }],
  checks: [
    {
      expression: "false",
      message: "Ephemeral containers bypass the rules for containers. Use kubectl exec, or run a separate pod with the tools",
    },
  ],
  scope: "teams",
});
