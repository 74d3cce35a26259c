/** Roles and their bindings. Source: `pkg/apis/rbac/validation` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dnsSubdomainFault } from "../../../dra/manifest/names";
import { pathSegmentFault } from "./metadata";
import { asList, asPart, each, isGiven, named, oneOf, required, text } from "./rules";
import type { Part, Problems } from "./rules";

export function roleProblems({ rules }: Part, scope: "Namespaced" | "Cluster"): Problems {
  return each(rules, "rules", ({ verbs, apiGroups, resources, nonResourceURLs }, at) => {
    const missing = (list: unknown, field: string) => (asList(list).length === 0 ? [problem(`${at}.${field}`, undefined, "required")] : []);
    if (asList(nonResourceURLs).length > 0) {
      return [
        ...missing(verbs, "verbs"),
        ...(scope === "Namespaced" ? [problem(`${at}.nonResourceURLs`, undefined, "is allowed in a ClusterRole only")] : []),
        ...(asList(apiGroups).length > 0 || asList(resources).length > 0
          ? [problem(`${at}.nonResourceURLs`, undefined, "not allowed beside resources")]
          : []),
      ];
    }
    return [...missing(verbs, "verbs"), ...missing(apiGroups, "apiGroups"), ...missing(resources, "resources")];
  });
}

export function bindingProblems({ roleRef, subjects }: Part, scope: "Namespaced" | "Cluster"): Problems {
  const { apiGroup, kind, name } = asPart(roleRef);
  return [
    ...(isGiven(apiGroup) ? oneOf(apiGroup, "roleRef.apiGroup", ["rbac.authorization.k8s.io"]) : []),
    ...(isGiven(kind)
      ? oneOf(kind, "roleRef.kind", scope === "Cluster" ? ["ClusterRole"] : ["Role", "ClusterRole"])
      : required(kind, "roleRef.kind")),
    ...named(name, "roleRef.name", pathSegmentFault),
    ...each(subjects, "subjects", (subject, at) => subjectProblems(subject, at, scope)),
  ];
}

function subjectProblems({ kind, name, namespace, apiGroup }: Part, path: string, scope: "Namespaced" | "Cluster"): Problems {
  const isAccount = kind === "ServiceAccount";
  return [
    ...(isGiven(kind) ? oneOf(kind, `${path}.kind`, ["ServiceAccount", "User", "Group"]) : required(kind, `${path}.kind`)),
    ...(isAccount ? named(name, `${path}.name`, dnsSubdomainFault) : required(name, `${path}.name`)),
    ...(isAccount && scope === "Cluster" ? required(namespace, `${path}.namespace`) : []),
    ...(isAccount
      ? isGiven(apiGroup)
        ? [problem(`${path}.apiGroup`, apiGroup, 'must be "" for a ServiceAccount')]
        : []
      : oneOf(text(apiGroup), `${path}.apiGroup`, ["rbac.authorization.k8s.io"])),
  ];
}
