/** Rights that the platform withholds from teams, wherever a role grants them. */
import type { rbac } from "@pulumi/kubernetes/types/input";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { entries, field, fieldsOf } from "../evaluation/properties";
import { readerOf } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { UNKNOWN, unknownPath, untypedEntries } from "../evaluation/snapshot";

interface Reserved {
  readonly group: string;
  readonly resources: readonly string[];
  /** `write`: every verb but get, list and watch. */
  readonly verbs: "write" | "any" | readonly string[];
  /** Reserved only in a ClusterRole, which reaches the pods of the GPU system. In its own namespace a team may have it. */
  readonly clusterOnly?: true;
}

const RESERVED: readonly Reserved[] = [
  {
    group: "resource.k8s.io",
    resources: [
      ...["resourceclaims/status", "resourceclaims/binding", "resourceclaims/driver", "resourceslices", "deviceclasses"],
      ...["devicetaintrules", "devicetaintrules/status"],
    ],
    verbs: "write",
  },
  // The kubelet's own API runs commands in every container of the node, and a GET is enough for it.
  { group: "", resources: ["nodes/proxy"], verbs: "any" },
  {
    group: "",
    resources: [
      ...["nodes", "nodes/status", "namespaces", "namespaces/finalize", "namespaces/status", "resourcequotas", "resourcequotas/status"],
      ...["limitranges", "pods/ephemeralcontainers", "pods/binding", "bindings"],
    ],
    verbs: "write",
  },
  {
    group: "admissionregistration.k8s.io",
    resources: [
      ...[
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
      ],
      ...["validatingwebhookconfigurations", "mutatingwebhookconfigurations"],
    ],
    verbs: "write",
  },
  { group: "node.k8s.io", resources: ["runtimeclasses"], verbs: "write" },
  { group: "apiregistration.k8s.io", resources: ["apiservices"], verbs: "write" },
  {
    group: "certificates.k8s.io",
    resources: ["certificatesigningrequests/approval", "certificatesigningrequests/status", "signers"],
    verbs: "write",
  },
  { group: "nvidia.com", resources: ["clusterpolicies", "nvidiadrivers"], verbs: "write" },
  { group: "nfd.k8s-sigs.io", resources: ["nodefeatures", "nodefeaturerules"], verbs: "write" },
  { group: "rbac.authorization.k8s.io", resources: ["roles", "clusterroles"], verbs: ["escalate", "bind"] },
  { group: "", resources: ["users", "groups", "serviceaccounts"], verbs: ["impersonate"] },
  { group: "", resources: ["pods/exec", "pods/attach", "serviceaccounts/token"], verbs: "any", clusterOnly: true },
];

const READ: readonly string[] = ["get", "list", "watch"];

/** The reserved rights that a Role or ClusterRole grants. */
export function reservedGrants(object: KubernetesObject): readonly Finding[] {
  const { kind, prefix } = object;
  if (kind !== "Role" && kind !== "ClusterRole") {
    return [];
  }
  const rules = readerOf<rbac.v1.Role>(object)("rules");
  const unknown = unknownPath(rules, `${prefix}rules`);
  if (unknown !== undefined) {
    return [undetermined(unknown, "what it grants")];
  }
  return entries(rules).flatMap((item, index) => {
    const { apiGroups, resources, verbs } = fieldsOf(item);
    const granted = RESERVED.flatMap((reserved) =>
      (kind === "ClusterRole" || reserved.clusterOnly !== true) && covers(apiGroups, reserved.group) && includesVerb(verbs, reserved.verbs)
        ? reserved.resources.filter((resource) => coversResource(resources, resource))
        : [],
    );
    return granted.length > 0
      ? [
          `${prefix}rules[${index}] grants ${list(granted)}, which is reserved for the platform. Name only the verbs and resources that are needed`,
        ]
      : [];
  });
}

/** Existing roles with such rights: those of Kubernetes itself and of the operators on the cluster. */
const RESERVED_ROLES =
  /^(cluster-admin|system:(node|masters|kube-.*|controller:.*|certificates\.k8s\.io:.*)|gpu-operator.*|nvidia-.*|node-feature-discovery.*)$/;
/** A team may have them in one namespace. In every namespace they reach the pods of the GPU system. */
const NAMESPACE_ROLES = /^(admin|edit)$/;

/** The reserved rights that a RoleBinding or ClusterRoleBinding grants. */
export function reservedBindings(object: KubernetesObject): readonly Finding[] {
  const { kind, prefix } = object;
  if (kind !== "RoleBinding" && kind !== "ClusterRoleBinding") {
    return [];
  }
  const roleRef = readerOf<rbac.v1.RoleBinding>(object)("roleRef");
  const roleKind = field(roleRef, "kind");
  const name = field(roleRef, "name");
  if (roleRef === UNKNOWN || roleKind === UNKNOWN || name === UNKNOWN) {
    return [undetermined(`${prefix}roleRef`, "what it grants")];
  }
  const isReserved =
    roleKind === "ClusterRole" &&
    typeof name === "string" &&
    (RESERVED_ROLES.test(name) || (kind === "ClusterRoleBinding" && NAMESPACE_ROLES.test(name)));
  return isReserved
    ? [`${prefix}roleRef is ${name}, and its rights are reserved for the platform. Bind a role with only what is needed`]
    : [];
}

function covers(groups: unknown, group: string): boolean {
  return untypedEntries(groups).some((candidate) => candidate === "*" || candidate === group);
}

/** `*` is every resource with every subresource, `*<slash>status` that subresource of every one. */
function coversResource(resources: unknown, resource: string): boolean {
  const subresource = resource.includes("/") ? `*${resource.slice(resource.indexOf("/"))}` : undefined;
  return untypedEntries(resources).some((candidate) => candidate === "*" || candidate === resource || candidate === subresource);
}

function includesVerb(verbs: unknown, wanted: Reserved["verbs"]): boolean {
  return untypedEntries(verbs).some(
    (verb) => verb === "*" || wanted === "any" || (wanted === "write" ? !READ.includes(String(verb)) : wanted.includes(String(verb))),
  );
}

function list(resources: readonly string[]): string {
  const shown = resources.slice(0, 4).join(", ");
  return resources.length > 4 ? `${shown} and ${resources.length - 4} more` : shown;
}
