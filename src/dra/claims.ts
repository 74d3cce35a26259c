/** Claims of every API version, read into one normal form. */
import type { KubernetesRules } from "../releases/kubernetes";
import { Fields, isObject, problem, readLeniently } from "./manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault } from "./manifest/names";
import { readClaimSpec } from "./claims/spec";
import type { AllocatedDevice, Claim, ResourceClaim } from "./claims/types";

export * from "./claims/types";

/** What a manifest turned out to be. Problems are `path: value: reason`. */
export type ClaimReading =
  { readonly type: "claim"; readonly claim: Claim } | { readonly type: "invalid"; readonly problems: readonly string[] };

/** `ObjectMeta`. */
const METADATA_FIELDS = [
  ...["name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"],
  ...["deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields"],
];

/**
 * Reads a ResourceClaim or ResourceClaimTemplate of any group version that the Kubernetes version has (in v1beta1 a request's fields are in the request itself).
 * It rejects what the API server rejects: unknown fields, wrong types, names and references, selectors that do not compile, limits.
 * It does not check what only a cluster knows: whether device classes exist, quotas, and whether the namespace has the label
 * `resource.kubernetes.io/admin-access=true` that `adminAccess` needs.
 *
 * @param manifest a parsed YAML or JSON document
 */
export function readClaim(manifest: unknown, rules: KubernetesRules): ClaimReading {
  const problems: string[] = [];
  const claim = readObject(manifest, rules, problems);
  return claim !== undefined && problems.length === 0 ? { type: "claim", claim } : { type: "invalid", problems };
}

function readObject(manifest: unknown, rules: KubernetesRules, problems: string[]): Claim | undefined {
  const { versions } = rules.claimApi;
  const header = readLeniently(manifest, "", problems);
  const apiVersion = versions.find((version) => version === header?.value("apiVersion"));
  const kind = header?.value("kind");
  if (header === undefined || apiVersion === undefined || (kind !== "ResourceClaim" && kind !== "ResourceClaimTemplate")) {
    const legal = `must be ResourceClaim or ResourceClaimTemplate of ${versions.join(", ")}`;
    problems.push(problem("kind", `${String(header?.value("apiVersion"))} ${String(kind)}`, legal));
    return undefined;
  }
  const fields = Fields.read(
    manifest,
    "",
    ["apiVersion", "kind", "metadata", "spec", ...(kind === "ResourceClaim" ? ["status"] : [])],
    problems,
  );
  const metadata = fields && readMetadata(fields);
  if (fields === undefined || metadata === undefined) {
    return undefined;
  }
  if (kind === "ResourceClaim") {
    const spec = readClaimSpec(fields.value("spec"), "spec", apiVersion, rules, problems);
    return { kind, apiVersion, ...metadata, spec, ...readStatus(fields, problems) };
  }
  const template = Fields.read(fields.value("spec"), "spec", ["metadata", "spec"], problems);
  const copied = template && Fields.read(template.value("metadata"), "spec.metadata", ["labels", "annotations"], problems);
  if (copied !== undefined) {
    checkLabels(copied);
  }
  return { kind, apiVersion, ...metadata, spec: readClaimSpec(template?.value("spec"), "spec.spec", apiVersion, rules, problems) };
}

function readMetadata(object: Fields): { readonly name: string; readonly namespace: string | undefined } | undefined {
  const metadata = Fields.read(object.value("metadata"), "metadata", METADATA_FIELDS, object.problems);
  if (metadata === undefined) {
    return undefined;
  }
  checkLabels(metadata);
  const name = metadata.string("name") ?? "";
  const prefix = metadata.string("generateName") ?? "";
  const namespace = metadata.string("namespace") || undefined;
  const faults = {
    name: name !== "" ? dnsSubdomainFault(name) : prefix === "" ? "required" : undefined,
    generateName: prefix === "" ? undefined : dnsSubdomainFault(prefix.replace(/-$/, "")),
    namespace: namespace === undefined ? undefined : dnsLabelFault(namespace),
  };
  for (const [key, fault] of Object.entries(faults)) {
    if (fault !== undefined) {
      metadata.refuse(key, fault);
    }
  }
  return { name: name === "" ? prefix : name, namespace };
}

function checkLabels(metadata: Fields): void {
  for (const [key, value] of Object.entries(metadata.stringMap("labels"))) {
    const fault = labelKeyFault(key) ?? labelValueFault(value);
    if (fault !== undefined) {
      metadata.problems.push(problem(`${metadata.path("labels")}[${key}]`, value, fault));
    }
  }
  for (const [key, value] of Object.entries(metadata.stringMap("annotations"))) {
    const fault = labelKeyFault(key.toLowerCase());
    if (fault !== undefined) {
      metadata.problems.push(problem(`${metadata.path("annotations")}[${key}]`, value, fault));
    }
  }
}

/**
 * What `status` says the claim holds. Of the status, which only the cluster writes, nothing else is read,
 * so fields of later Kubernetes versions are no problem here.
 */
function readStatus(claim: Fields, problems: string[]): Pick<ResourceClaim, "allocation" | "reservations"> {
  const status = readLeniently(claim.value("status"), "status", problems);
  const reservations = status?.list("reservedFor").length ?? 0;
  if (status?.isSet("allocation") !== true) {
    return { allocation: undefined, reservations };
  }
  const allocation = readLeniently(status.value("allocation"), "status.allocation", problems);
  const devices = allocation && readLeniently(allocation.value("devices"), "status.allocation.devices", problems);
  const results = (devices?.list("results") ?? []).flatMap((item, index) =>
    readResult(item, `status.allocation.devices.results[${String(index)}]`, problems),
  );
  return { allocation: { devices: results, nodeName: nodeNameIn(allocation?.value("nodeSelector")) }, reservations };
}

function readResult(value: unknown, path: string, problems: string[]): readonly AllocatedDevice[] {
  const result = readLeniently(value, path, problems);
  const [request, driver, pool, device] = ["request", "driver", "pool", "device"].map((key) => result?.string(key));
  if (request === undefined || driver === undefined || pool === undefined || device === undefined) {
    problems.push(problem(path, value, "must name request, driver, pool and device"));
    return [];
  }
  return [{ request, driver, pool, device, adminAccess: result?.boolean("adminAccess") ?? false }];
}

/** The node of a selector as kube-scheduler writes it for devices of one node: one term about `metadata.name`. */
function nodeNameIn(nodeSelector: unknown): string | undefined {
  const terms = isObject(nodeSelector) ? nodeSelector["nodeSelectorTerms"] : undefined;
  const fields: unknown = Array.isArray(terms) && isObject(terms[0]) ? terms[0]["matchFields"] : undefined;
  const field: unknown = Array.isArray(fields)
    ? fields.find((candidate) => isObject(candidate) && candidate["key"] === "metadata.name")
    : undefined;
  const values = isObject(field) ? field["values"] : undefined;
  return Array.isArray(values) && typeof values[0] === "string" ? values[0] : undefined;
}
