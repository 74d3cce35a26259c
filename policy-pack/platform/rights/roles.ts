/** What a Role or ClusterRole grants, held against what it may. */
import type { rbac } from "@pulumi/kubernetes/types/input";
import { WRITE_VERBS } from "../../../src/well-known/team-rights";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { entries, fieldsOf } from "../../evaluation/properties";
import { UNKNOWN, asRecord, unknownPath, untypedEntries } from "../../evaluation/snapshot";
import { readerOf } from "../../resources/objects";
import type { KubernetesObject } from "../../resources/objects";
import { allowedVerbs, isPublicPath } from "./allowed";
import { isReservedName } from "./names";

type RoleKind = "Role" | "ClusterRole";

/** Labels by which Kubernetes adds the rules of a ClusterRole to its own roles `admin`, `edit` and `view`. */
const AGGREGATE_LABEL = "rbac.authorization.k8s.io/aggregate-to-";

const INSTEAD: Readonly<Record<RoleKind, string>> = {
  Role: "Name what the platform's Role team-member holds, reads, leases, events, or kinds of the setting customGroups",
  ClusterRole: "It reaches every namespace, so it may only read kinds without secrets. Grant other rights by a Role in the namespace",
};

/** What is wrong with a role. @param customGroups API groups of custom resources that roles may hold. */
export function roleFindings(object: KubernetesObject, customGroups: readonly string[]): readonly Finding[] {
  const { prefix, isPatch } = object;
  const kind = object.kind === "ClusterRole" ? "ClusterRole" : "Role";
  const read = readerOf<rbac.v1.ClusterRole>(object);
  const rules = read("rules");
  if (isPatch && (rules === undefined || rules === null)) {
    return [
      `${prefix}rules are missing in a patch, which hides what the role grants. Write the whole ${kind}`,
      ...aggregation(object),
      ...metadata(object),
    ];
  }
  const unknown = unknownPath(rules, `${prefix}rules`);
  if (unknown !== undefined) {
    return [undetermined(unknown, "what it grants")];
  }
  return [
    ...aggregation(object),
    ...metadata(object),
    ...entries(rules).flatMap((rule, index) => ruleFindings(fieldsOf(rule), `${prefix}rules[${index}]`, kind, customGroups)),
  ];
}

function aggregation(object: KubernetesObject): readonly Finding[] {
  const rule = object.read("aggregationRule");
  if (rule === UNKNOWN) {
    return [undetermined(`${object.prefix}aggregationRule`, "what it grants")];
  }
  return rule === undefined || rule === null
    ? []
    : [`${object.prefix}aggregationRule grants whatever other roles grant, now and later. List the rules`];
}

function metadata(object: KubernetesObject): readonly Finding[] {
  const all = object.read("metadata");
  const { name, labels } = asRecord(all);
  const path = `${object.prefix}metadata`;
  if (all === UNKNOWN || name === UNKNOWN) {
    return [undetermined(all === UNKNOWN ? path : `${path}.name`, "whether the role is one of Kubernetes, EKS or the platform")];
  }
  if (labels === UNKNOWN) {
    return [undetermined(`${path}.labels`, "whether Kubernetes adds the rules to its own roles")];
  }
  const aggregated = Object.keys(asRecord(labels)).filter((label) => label.startsWith(AGGREGATE_LABEL));
  return [
    ...(isReservedName(String(name))
      ? [
          `${path}.name is ${String(name)}, a role of Kubernetes, EKS or the platform, whose holders would lose what they need. Use another name`,
        ]
      : []),
    ...aggregated.map((label) => `${path}.labels has ${label}, which adds the rules to a role of Kubernetes. Bind this role by itself`),
  ];
}

function ruleFindings(
  rule: Partial<Readonly<Record<"apiGroups" | "resources" | "verbs" | "nonResourceURLs", unknown>>>,
  path: string,
  kind: RoleKind,
  customGroups: readonly string[],
): readonly Finding[] {
  const groups = untypedEntries(rule.apiGroups);
  const resources = untypedEntries(rule.resources);
  const verbs = untypedEntries(rule.verbs);
  const wildcards = [
    ...(groups.includes("*") ? ["apiGroups"] : []),
    ...(resources.some((resource) => String(resource).includes("*")) ? ["resources"] : []),
  ];
  if (wildcards.length > 0) {
    return [`${path}.${wildcards.join(" and ")} has a wildcard, which grants what nobody has looked at. ${INSTEAD[kind]}`];
  }
  const denied = groups.flatMap((group) =>
    resources.flatMap((resource) => {
      const allowed = allowedVerbs(kind, String(group), String(resource), customGroups);
      const more = verbs.filter((verb) => !isAllowed(String(verb), allowed));
      return more.length > 0 ? [`${more.join(", ")} on ${String(resource)}${group === "" ? "" : `.${String(group)}`}`] : [];
    }),
  );
  const paths = untypedEntries(rule.nonResourceURLs).filter(
    (url) => kind === "Role" || typeof url !== "string" || !isPublicPath(url) || verbs.some((verb) => verb !== "get" && verb !== "head"),
  );
  return [
    ...(denied.length > 0 ? [`${path} grants ${list(denied)}. ${INSTEAD[kind]}`] : []),
    ...(paths.length > 0
      ? [
          `${path}.nonResourceURLs has ${list(paths.map(String))}. A ClusterRole may get /metrics, health, version and discovery, and a Role has none`,
        ]
      : []),
  ];
}

/** Every verb is as much as each of them: the API server knows no more for these kinds. */
function isAllowed(verb: string, allowed: ReturnType<typeof allowedVerbs>): boolean {
  return allowed === "all" || allowed.includes(verb) || (verb === "*" && WRITE_VERBS.every((each) => allowed.includes(each)));
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, 4).join("; ");
  return items.length > 4 ? `${shown} and ${items.length - 4} more` : shown;
}
