/**
 * The types of the fields that the planner reads without a reader of their own. An API server gives no others, but anybody can have written a file.
 * Source: the types of Kubernetes v1.34.4, `staging/src/k8s.io/api/{core,resource}/v1/types.go`.
 */
import type { JsonObject } from "../../cluster/objects";
import { isObject, problem } from "../../dra/manifest/fields";
import { readQuantity } from "../../dra/manifest/quantity";
import type { Kind } from "./kinds";

type Shape =
  | "string"
  | "boolean"
  | "integer"
  | "quantity"
  | { readonly mapOf: Shape }
  | { readonly listOf: Shape }
  /** Fields that are not named can be anything. */
  | { readonly fields: Readonly<Record<string, Shape>> };

const STRINGS: Shape = { mapOf: "string" };
const QUANTITIES: Shape = { mapOf: "quantity" };
const METADATA: Shape = { fields: { name: "string", namespace: "string", labels: STRINGS, annotations: STRINGS } };
const SELECTORS: Shape = { listOf: { fields: { cel: { fields: { expression: "string" } } } } };

const taintsWith = (effect: Shape): Shape => ({ listOf: { fields: { key: "string", value: "string", effect } } });

const DEVICE: Readonly<Record<string, Shape>> = {
  attributes: { mapOf: { fields: { string: "string", version: "string", int: "integer", bool: "boolean" } } },
  capacity: { mapOf: { fields: {} } },
  taints: taintsWith("string"),
};

/** In v1beta1 a capacity is a quantity, and what a device has is under `basic`. */
const BASIC: Shape = { fields: { ...DEVICE, capacity: { mapOf: "quantity" } } };

const SHAPES: Readonly<Partial<Record<Kind, Readonly<Record<string, Shape>>>>> = {
  Node: {
    spec: { fields: { taints: taintsWith("string"), unschedulable: "boolean" } },
    status: { fields: { allocatable: QUANTITIES } },
  },
  ResourceQuota: { spec: { fields: { hard: QUANTITIES } }, status: { fields: { used: QUANTITIES } } },
  LimitRange: {
    spec: {
      fields: {
        limits: {
          listOf: { fields: { type: "string", default: QUANTITIES, defaultRequest: QUANTITIES, min: QUANTITIES, max: QUANTITIES } },
        },
      },
    },
  },
  Pod: { spec: { fields: {} }, status: { fields: {} } },
  Event: { reason: "string", message: "string", involvedObject: { fields: { kind: "string", name: "string", namespace: "string" } } },
  DeviceClass: { spec: { fields: { selectors: SELECTORS, extendedResourceName: "string" } } },
  PersistentVolumeClaim: {
    spec: { fields: { storageClassName: "string", volumeName: "string" } },
    status: { fields: { phase: "string" } },
  },
  PersistentVolume: { spec: { fields: { storageClassName: "string" } } },
  StorageClass: { provisioner: "string", volumeBindingMode: "string" },
};

const SLICE: Shape = { fields: { devices: { listOf: { fields: { name: "string", ...DEVICE } } } } };
const BETA_SLICE: Shape = { fields: { devices: { listOf: { fields: { name: "string", basic: BASIC } } } } };

/** What of an object is of another type than in the API. @param path of the object, for problems. */
export function shapeProblems(kind: Kind, object: JsonObject, path: string): readonly string[] {
  const problems: string[] = [];
  check(object["metadata"], METADATA, `${path}.metadata`, problems);
  if (kind === "ResourceSlice") {
    check(object["spec"], object["apiVersion"] === "resource.k8s.io/v1beta1" ? BETA_SLICE : SLICE, `${path}.spec`, problems);
  }
  for (const [key, shape] of Object.entries(SHAPES[kind] ?? {})) {
    check(object[key], shape, `${path}.${key}`, problems);
  }
  return problems;
}

function check(value: unknown, shape: Shape, path: string, problems: string[]): void {
  if (value === undefined || value === null) {
    return;
  }
  if (typeof shape === "string") {
    const expected = expectedInstead(value, shape);
    if (expected !== undefined) {
      problems.push(problem(path, value, `must be ${expected}`));
    }
  } else if ("listOf" in shape) {
    if (!Array.isArray(value)) {
      problems.push(problem(path, value, "must be a list"));
      return;
    }
    for (let index = 0; index < value.length; index++) {
      check(value[index], shape.listOf, `${path}[${String(index)}]`, problems);
    }
  } else if (!isObject(value)) {
    problems.push(problem(path, value, "must be an object"));
  } else {
    // A list of the entries would be made for every device of a large cluster.
    for (const key in "mapOf" in shape ? value : shape.fields) {
      const part = "mapOf" in shape ? shape.mapOf : shape.fields[key];
      if (part !== undefined && value[key] !== undefined) {
        check(value[key], part, `${path}.${key}`, problems);
      }
    }
  }
}

/** Undefined: the value is as it must be. */
function expectedInstead(value: unknown, shape: Extract<Shape, string>): string | undefined {
  switch (shape) {
    case "string":
      return typeof value === "string" ? undefined : "a string";
    case "boolean":
      return typeof value === "boolean" ? undefined : "a boolean";
    case "integer":
      return Number.isInteger(value) ? undefined : "an integer";
    case "quantity":
      return readQuantity(value) === undefined ? "a quantity, such as 500m or 16Gi" : undefined;
  }
}
