import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { objectsOfOthers } from "./registrant";
import { reservedBindings, reservedGrants } from "./reserved-rights";
import { PLATFORM_SCHEMA } from "./settings";

/** Checks that only the platform grants the rights that its guardrails withhold from teams. */
export const reserveClusterRights: ResourceValidationPolicy = {
  name: "reserve-cluster-rights",
  displayName: "Teams get no rights over guardrails",
  description:
    "Checks that only the platform's roles and bindings grant rights to allocate devices or to switch guardrails off: claim status, slices, classes, nodes, nodes/proxy, quotas, namespaces, admission, ephemeral containers, escalate, bind, impersonate.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "rbac"],
  remediationSteps:
    "Name the verbs and resources that are needed, without wildcards. `teams` in the platform's stack decides what a team may do.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      .filter(({ group }) => group === "rbac.authorization.k8s.io")
      .flatMap((object) =>
        [...reservedGrants(object), ...reservedBindings(object)].map((finding) => prefixed(`${object.kind}: `, finding)),
      ),
  ),
};
