/** Whom a RoleBinding or ClusterRoleBinding gives which role. */
import type { rbac } from "@pulumi/kubernetes/types/input";
import { TEAM_ROLE } from "../../../src/well-known/team-rights";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { entries, field, fieldsOf } from "../../evaluation/properties";
import { UNKNOWN, asRecord, show } from "../../evaluation/snapshot";
import { readerOf } from "../../resources/objects";
import type { KubernetesObject } from "../../resources/objects";
import { VIEW_ROLE, isReservedName } from "./names";

/** Where a binding is, and which namespaces are the platform's. */
export interface BindingPlace {
  readonly namespace: string | typeof UNKNOWN;
  readonly platformNamespaces: readonly string[];
}

/** A role as a binding names it. */
export interface RoleReference {
  readonly kind: unknown;
  readonly name: string;
}

/** Whether an object is a binding. */
export function isBinding({ kind }: KubernetesObject): boolean {
  return kind === "RoleBinding" || kind === "ClusterRoleBinding";
}

/** What is wrong with a binding by itself. Whether its ClusterRole is one of the program's own, `bound-roles-judged` says. */
export function bindingFindings(object: KubernetesObject, place: BindingPlace): readonly Finding[] {
  const { name } = asRecord(object.read("metadata"));
  return [
    ...(name === UNKNOWN
      ? [undetermined(`${object.prefix}metadata.name`, "whether the binding is one of Kubernetes, EKS or the platform")]
      : []),
    ...(typeof name === "string" && isReservedName(name)
      ? [`${object.prefix}metadata.name is ${name}, a binding of Kubernetes, EKS or the platform. Use another name`]
      : []),
    ...referenceFindings(object),
    ...subjectFindings(object, place),
  ];
}

/** The role that a binding names; undefined where it is unknown or not written. */
export function roleReference(object: KubernetesObject): RoleReference | undefined {
  const roleRef = readerOf<rbac.v1.RoleBinding>(object)("roleRef");
  const kind = field(roleRef, "kind");
  const name = field(roleRef, "name");
  return typeof name === "string" ? { kind, name } : undefined;
}

function referenceFindings(object: KubernetesObject): readonly Finding[] {
  const { prefix, kind, isPatch } = object;
  const path = `${prefix}roleRef`;
  const roleRef = readerOf<rbac.v1.RoleBinding>(object)("roleRef");
  if (isPatch && (roleRef === undefined || roleRef === null)) {
    return [`${path} is missing in a patch, which hides what the binding grants. Write the whole ${kind}`];
  }
  const { kind: roleKind, name } = fieldsOf(roleRef);
  if (roleRef === UNKNOWN || roleKind === UNKNOWN || name === UNKNOWN) {
    return [undetermined(path, "what it grants")];
  }
  if (typeof name !== "string" || (roleKind !== "Role" && roleKind !== "ClusterRole")) {
    return [`${path} is ${show(roleRef)}. Name a Role or a ClusterRole`];
  }
  if (roleKind === "ClusterRole" && name === VIEW_ROLE) {
    return [];
  }
  if (name === TEAM_ROLE) {
    return [`${path} is ${name}, which the platform binds to the group of the team. Set teams[].group in the platform's stack`];
  }
  return isReservedName(name)
    ? [
        `${path} is ${name}, a role of Kubernetes, EKS or the platform. Bind a Role of this program with only what is needed, or the ClusterRole ${VIEW_ROLE}`,
      ]
    : [];
}

function subjectFindings(object: KubernetesObject, place: BindingPlace): readonly Finding[] {
  const subjects = readerOf<rbac.v1.RoleBinding>(object)("subjects");
  const path = `${object.prefix}subjects`;
  if (subjects === UNKNOWN) {
    return [undetermined(path, "who gets the role")];
  }
  return entries(subjects).flatMap((subject, index) => {
    const at = `${path}[${index}]`;
    const { kind, name, namespace } = fieldsOf(subject);
    if (subject === UNKNOWN || kind === UNKNOWN || name === UNKNOWN || namespace === UNKNOWN) {
      return [undetermined(at, "who gets the role")];
    }
    if (typeof name !== "string") {
      return [`${at} has no name. Name the subject`];
    }
    switch (kind) {
      case "ServiceAccount":
        return accountFindings(at, namespace, object.kind, place);
      case "User":
      case "Group":
        return nameFindings(at, name, object.kind, place);
      default:
        return [`${at}.kind is ${show(kind)}. Use ServiceAccount, User or Group`];
    }
  });
}

/** Users and groups of Kubernetes itself, of which only the service accounts of a namespace are somebody in particular. */
function nameFindings(at: string, name: string, kind: string, place: BindingPlace): readonly Finding[] {
  const namespace = /^system:serviceaccounts?:([^:]+)/.exec(name)?.[1];
  if (namespace !== undefined) {
    return accountFindings(at, namespace, kind, place);
  }
  return /^(system|eks|aws|amazon|iam):/.test(name)
    ? [`${at} is ${name}, which stands for everybody, or for parts of Kubernetes and EKS. Name your own group, user or service account`]
    : [];
}

function accountFindings(
  at: string,
  namespace: unknown,
  kind: string,
  { namespace: own, platformNamespaces }: BindingPlace,
): readonly Finding[] {
  // A RoleBinding that leaves it out means its own namespace (`appliesTo` of Kubernetes, pkg/registry/rbac/validation).
  if (kind === "RoleBinding" && (namespace === undefined || namespace === null)) {
    return [];
  }
  if (typeof namespace !== "string") {
    return [`${at}.namespace is not set. Name the namespace of the service account`];
  }
  if (platformNamespaces.includes(namespace)) {
    return [`${at} is a service account of the platform's namespace ${namespace}. Its charts bring its rights`];
  }
  if (kind === "ClusterRoleBinding" || own === namespace) {
    return [];
  }
  return own === UNKNOWN
    ? [undetermined("metadata.namespace", "whether the service account is of the same namespace")]
    : [`${at} is a service account of namespace ${namespace}, and the binding is in ${own}. Use a service account of ${own}`];
}
