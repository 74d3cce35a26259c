import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import type { KubernetesObject } from "../resources/objects";
import { namespaceOf, objectsOfOthers } from "./registrant";
import { bindingFindings } from "./rights/bindings";
import type { BindingPlace } from "./rights/bindings";
import { roleFindings } from "./rights/roles";
import { RIGHTS_SCHEMA, customGroupsOf, platformNamespacesOf } from "./settings";
import type { RightsSettings } from "./settings";

/** Group of everything that grants rights in a cluster. */
export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Checks that roles and bindings of others hold only what the tables of `rights/` allow. */
export const reserveClusterRights: ResourceValidationPolicy = {
  name: "reserve-cluster-rights",
  displayName: "Teams get no rights over guardrails",
  description:
    "Checks that roles and bindings of others than the platform grant only what a team's members may do in their namespace, and reading without Secrets in the cluster.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "rbac"],
  remediationSteps:
    "Name the verbs and resources that are needed, without wildcards, in a Role of the namespace. `teams` in the platform's stack decides what a team may do.",
  configSchema: { properties: RIGHTS_SCHEMA },
  validateResource: onKubernetes((resource) => {
    const settings = resource.getConfig<RightsSettings>();
    return objectsOfOthers(resource)
      .filter(({ group }) => group === RBAC_GROUP)
      .flatMap((object) => {
        const place: BindingPlace = { namespace: namespaceOf(object, resource), platformNamespaces: platformNamespacesOf(settings) };
        return rightsFindings(object, place, customGroupsOf(settings)).map((finding) => prefixed(`${object.kind}: `, finding));
      });
  }),
};

function rightsFindings(object: KubernetesObject, place: BindingPlace, customGroups: readonly string[]): readonly Finding[] {
  switch (object.kind) {
    case "Role":
    case "ClusterRole":
      return roleFindings(object, customGroups);
    case "RoleBinding":
    case "ClusterRoleBinding":
      return bindingFindings(object, place);
    default:
      return [`${object.prefix}kind is not one that this policy knows. Use Role, ClusterRole, RoleBinding or ClusterRoleBinding`];
  }
}
