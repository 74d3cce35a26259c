import type { StackValidationPolicy } from "@pulumi/policy";
import { TEAM_ROLE } from "../../src/well-known/team-rights";
import { prefixed } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onStack } from "../evaluation/on-stack";
import type { Stack } from "../evaluation/on-stack";
import type { Resource } from "../evaluation/on-resource";
import { UNKNOWN, asRecord, untypedEntries } from "../evaluation/snapshot";
import { isKubernetesType } from "../resources/kubernetes-type";
import { kubernetesObjects } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { isRegisteredByPlatform, namespaceOf, objectsOfOthers, resourceOf } from "./registrant";
import { RBAC_GROUP } from "./reserve-cluster-rights";
import { isBinding, roleReference } from "./rights/bindings";
import { VIEW_ROLE, isReservedName } from "./rights/names";
import { roleFindings } from "./rights/roles";
import { BOUND_ROLES_SCHEMA, customGroupsOf } from "./settings";
import type { RightsSettings } from "./settings";

/**
 * Checks that a binding names a ClusterRole that this program registers and the pack judges: the cluster has dozens of others, of charts and of EKS, and their
 * rights are known to nobody here. A Role is its namespace's own, where the API server lets nobody write one with more than they hold.
 *
 * Where the platform is part of the stack, it also knows which group is which team's, and keeps each to its own namespace.
 */
export const boundRolesJudged: StackValidationPolicy = {
  name: "bound-roles-judged",
  displayName: "Bindings name roles that are judged",
  description:
    "Checks that bindings name ClusterRoles of the same program, or the role view, and no team's group in another team's namespace.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "rbac"],
  remediationSteps: "Register the ClusterRole in the same program, or use a Role in the namespace of the binding.",
  configSchema: { properties: BOUND_ROLES_SCHEMA },
  validateStack: onStack({
    types: isKubernetesType,
    check: (member, stack) => {
      const resource = resourceOf(member, stack);
      return objectsOfOthers(resource)
        .filter((object) => object.group === RBAC_GROUP && isBinding(object))
        .flatMap((object) =>
          [...referenceFindings(object, stack), ...groupFindings(object, resource, stack)].map((finding) =>
            prefixed(`${object.kind}: `, finding),
          ),
        );
    },
  }),
};

function referenceFindings(object: KubernetesObject, stack: Stack): readonly Finding[] {
  const role = roleReference(object);
  // What is unknown, and what no program may bind, reserve-cluster-rights says.
  if (role?.kind !== "ClusterRole" || isReservedName(role.name) || judgedRoles(stack).has(role.name)) {
    return [];
  }
  return [
    `${object.prefix}roleRef is the ClusterRole ${role.name}, whose rights are unknown here. Register it in this program, bind ${VIEW_ROLE}, or use a Role in the namespace`,
  ];
}

function groupFindings(object: KubernetesObject, resource: Resource, stack: Stack): readonly Finding[] {
  const namespace = namespaceOf(object, resource);
  return untypedEntries(object.read("subjects")).flatMap((subject, index) => {
    const { kind, name } = asRecord(subject);
    const own = kind === "Group" ? teamNamespaces(stack).get(name) : undefined;
    return own !== undefined && object.kind === "RoleBinding" && namespace !== UNKNOWN && namespace !== own
      ? [
          `${object.prefix}subjects[${index}] is the group of team ${own}, and the binding is in ${namespace}. A team has rights in its own namespace only`,
        ]
      : [];
  });
}

const judged = new WeakMap<Stack, ReadonlySet<unknown>>();

/** Names of the ClusterRoles that the program registers whole, and in which nothing is wrong. */
function judgedRoles(stack: Stack): ReadonlySet<unknown> {
  const customGroups = customGroupsOf(stack.getConfig<RightsSettings>());
  const names =
    judged.get(stack) ??
    new Set(
      rbacObjects(stack)
        .filter(({ object }) => object.kind === "ClusterRole" && !object.isPatch && roleFindings(object, customGroups).length === 0)
        .map(({ object }) => asRecord(object.read("metadata"))["name"]),
    );
  judged.set(stack, names);
  return names;
}

const teams = new WeakMap<Stack, ReadonlyMap<unknown, string>>();

/** The namespaces of the teams by their groups, as the platform binds them. */
function teamNamespaces(stack: Stack): ReadonlyMap<unknown, string> {
  const namespaces =
    teams.get(stack) ??
    new Map(
      rbacObjects(stack)
        .filter(
          ({ object, resource }) => isRegisteredByPlatform(resource, resource.getConfig()) && roleReference(object)?.name === TEAM_ROLE,
        )
        .flatMap(({ object, resource }) => {
          const namespace = namespaceOf(object, resource);
          return untypedEntries(object.read("subjects")).flatMap((subject): readonly (readonly [unknown, string])[] =>
            namespace === UNKNOWN ? [] : [[asRecord(subject)["name"], namespace]],
          );
        }),
    );
  teams.set(stack, namespaces);
  return namespaces;
}

function rbacObjects(stack: Stack): readonly { readonly object: KubernetesObject; readonly resource: Resource }[] {
  return stack.members.flatMap((member) => {
    const resource = resourceOf(member, stack);
    return kubernetesObjects(resource)
      .filter(({ group }) => group === RBAC_GROUP)
      .map((object) => ({ object, resource }));
  });
}
