/** Compares an object as a cluster has it with what the stack declares of it, field by field. */
import { isDeepStrictEqual } from "node:util";
import type { ClusterObject, JsonObject } from "../cluster/objects";
import { isObject } from "../dra/manifest/fields";
import { readQuantity } from "../dra/manifest/quantity";

export interface Difference {
  readonly path: readonly string[];
  /** Undefined: the stack declares nothing here. */
  readonly declared: unknown;
  /** Undefined: the cluster has nothing here. */
  readonly found: unknown;
  /** A list can be replaced as a whole only: where it is, and what it must be. */
  readonly list?: { readonly path: readonly string[]; readonly declared: unknown };
}

/** Fields that say what an object is, or that controllers write. */
const NOT_COMPARED: readonly string[] = ["apiVersion", "kind", "metadata", "status"];

/**
 * What an API server fills in where an author writes nothing. A value that is not in the table is a difference, so that nobody can add a way out unseen.
 * Source: `SetDefaults_...` of Kubernetes v1.34.4 in `pkg/apis/{admissionregistration,core,networking,rbac,resource,storage}/v1/defaults.go`.
 */
const DEFAULTS: readonly { readonly kind: RegExp; readonly path: RegExp; readonly value: unknown }[] = [
  { kind: /^ValidatingAdmissionPolicy$/, path: /^spec\.failurePolicy$/, value: "Fail" },
  { kind: /^ValidatingAdmissionPolicy/, path: /\.matchPolicy$/, value: "Equivalent" },
  { kind: /^ValidatingAdmissionPolicy/, path: /\.(namespaceSelector|objectSelector)$/, value: {} },
  { kind: /^ValidatingAdmissionPolicy/, path: /esourceRules\.\d+\.scope$/, value: "*" },
  { kind: /^Namespace$/, path: /^spec$/, value: { finalizers: ["kubernetes"] } },
  { kind: /^NetworkPolicy$/, path: /\.ports\.\d+\.protocol$/, value: "TCP" },
  { kind: /^NetworkPolicy$/, path: /^spec\.policyTypes$/, value: ["Ingress"] },
  { kind: /^(Cluster)?RoleBinding$/, path: /^subjects\.\d+\.apiGroup$/, value: "rbac.authorization.k8s.io" },
  { kind: /^ResourceClaimTemplate$/, path: /\.allocationMode$/, value: "ExactCount" },
  { kind: /^ResourceClaimTemplate$/, path: /\.count$/, value: 1 },
  { kind: /^ResourceClaimTemplate$/, path: /^spec\.metadata$/, value: {} },
  { kind: /^StorageClass$/, path: /^reclaimPolicy$/, value: "Delete" },
  { kind: /^StorageClass$/, path: /^volumeBindingMode$/, value: "Immediate" },
];

/** Amounts, which an API server can write in another way. */
const AMOUNTS = /^(spec\.hard\.|spec\.limits\.\d+\.(max|min|default|defaultRequest|maxLimitRequestRatio)\.)/;

/** Labels that change what may be done in a namespace, whether declared or not. */
const POWERFUL_LABELS = /^(shared-gpu\/team|resource\.kubernetes\.io\/admin-access|pod-security\.kubernetes\.io\/enforce)$/;

export function differencesOf({ kind, body: declared }: ClusterObject, found: JsonObject): readonly Difference[] {
  const differences: Difference[] = [];
  const compare = (path: readonly string[], wanted: unknown, there: unknown, list: Difference["list"]) => {
    if (isObject(wanted) && isObject(there)) {
      for (const key of new Set([...Object.keys(wanted), ...Object.keys(there)])) {
        if (path.length > 0 || !NOT_COMPARED.includes(key)) {
          compare([...path, key], wanted[key], there[key], list);
        }
      }
    } else if (Array.isArray(wanted) && Array.isArray(there) && wanted.length === there.length) {
      for (const [index, item] of wanted.entries()) {
        compare([...path, String(index)], item, there[index], list ?? { path, declared: wanted });
      }
    } else if (!isSame(kind, path.join("."), wanted, there)) {
      differences.push({ path, declared: wanted, found: there, ...(list === undefined ? {} : { list }) });
    }
  };
  compare([], declared, found, undefined);
  const [wantedLabels, labels] = [labelsOf(declared), labelsOf(found)];
  for (const key of new Set([
    ...Object.keys(wantedLabels),
    ...(kind === "Namespace" ? Object.keys(labels).filter((label) => POWERFUL_LABELS.test(label)) : []),
  ])) {
    compare(["metadata", "labels", key], wantedLabels[key], labels[key], undefined);
  }
  return differences;
}

function labelsOf({ metadata }: JsonObject): JsonObject {
  const labels = isObject(metadata) ? metadata["labels"] : undefined;
  return isObject(labels) ? labels : {};
}

function isSame(kind: string, path: string, declared: unknown, found: unknown): boolean {
  if (isDeepStrictEqual(declared, found)) {
    return true;
  }
  if (declared === undefined) {
    return isEmpty(found) || DEFAULTS.some((each) => each.kind.test(kind) && each.path.test(path) && isDeepStrictEqual(each.value, found));
  }
  if (found === undefined) {
    return isEmpty(declared);
  }
  const [one, other] = AMOUNTS.test(path) ? [readQuantity(declared), readQuantity(found)] : [];
  return one !== undefined && other !== undefined && one.compare(other) === 0;
}

/** An API server leaves out what is empty, or writes it. A selector without terms is none of these: it selects everything. */
function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The merge patch (RFC 7386) that makes the object what it must be. */
export function mergePatchOf(differences: readonly Difference[]): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const { path, declared, list } of differences) {
    const target = list?.path ?? path;
    let at = patch;
    for (const key of target.slice(0, -1)) {
      at = (at[key] ??= {}) as Record<string, unknown>;
    }
    at[target.at(-1) ?? ""] = (list === undefined ? declared : list.declared) ?? null;
  }
  return patch;
}

const MAX_VALUE = 60;

/** `spec.hard.pods is "50", and the stack declares "30"`. */
export function differenceText({ path, declared, found }: Difference): string {
  const text = (value: unknown) => {
    const json = value === undefined ? "not set" : JSON.stringify(value);
    return json.length > MAX_VALUE ? `${json.slice(0, MAX_VALUE)}…` : json;
  };
  return `${path.join(".")} is ${text(found)}, and the stack declares ${declared === undefined ? "nothing" : text(declared)}`;
}
