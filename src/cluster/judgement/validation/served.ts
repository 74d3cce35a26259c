/** Which kinds an API server serves. */
import { nearNames } from "../../../hardware/nearest";
import type { ServedApi, ServedKind } from "../../../releases/api/types";

/** What the API server has of this group version and name; undefined: it answers "no matches for kind". */
export function servedKind(api: ServedApi, apiVersion: string, kind: string): ServedKind | undefined {
  const kinds = Object.hasOwn(api.kinds, apiVersion) ? api.kinds[apiVersion] : undefined;
  return kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

/** Whether a group is one of Kubernetes' own: custom resources never are. */
export function isBuiltInGroup(api: ServedApi, apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return (
    group === "" ||
    Object.keys(api.kinds).some((served) => groupOf(served) === group) ||
    !group.includes(".") ||
    RETIRED_GROUPS.includes(group)
  );
}

/** Groups that Kubernetes once served. */
const RETIRED_GROUPS: readonly string[] = [
  "extensions",
  "policy",
  "storagemigration.k8s.io",
  "internal.apiserver.k8s.io",
  "imagepolicy.k8s.io",
  "settings.k8s.io",
];

/** Why the API server takes no object of this kind, and what is near. */
export function notServed(api: ServedApi, apiVersion: string, kind: string): string {
  const versions = Object.keys(api.kinds).filter((served) => servedKind(api, served, kind) !== undefined);
  const ofGroup = versions.filter((served) => groupOf(served) === groupOf(apiVersion));
  // Objects of v2beta2 are written as those of v2 are, and not as those of v1.
  const same = ofGroup.find((served) => apiVersion.startsWith(served)) ?? ofGroup[0];
  const [elsewhere] = versions;
  const everyKind = [...new Set(Object.values(api.kinds).flatMap((kinds) => Object.keys(kinds)))];
  const near = nearNames(kind, everyKind, 1).map(
    (name) => `${Object.keys(api.kinds).find((served) => servedKind(api, served, name) !== undefined) ?? ""} ${name}`,
  );
  const instead = same ?? elsewhere;
  const hint = instead === undefined ? near[0] : `${instead} ${kind}`;
  return `no matches for kind "${kind}" in version "${apiVersion}": Kubernetes ${api.source.replace(/^v/, "")} does not serve it${hint === undefined ? "" : `; did you mean ${hint}?`}`;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}
