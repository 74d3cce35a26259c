/**
 * The types of the fields that the planner reads without a reader of their own. An API server gives no others, but anybody can have written a file.
 * Source: the types of Kubernetes v1.34.4, `staging/src/k8s.io/api/{core,resource}/v1/types.go`.
 */
import type { JsonObject } from "../../cluster/objects";
import { isOption } from "../../cluster/shell-line";
import { isObject, problem } from "../../dra/manifest/fields";
import { readQuantity } from "../../dra/manifest/quantity";
import type { Kind } from "./kinds";

type Shape =
  | "string"
  /** Commands have it as a word. */
  | "name"
  | "boolean"
  | "quantity"
  | { readonly mapOf: Shape }
  | { readonly listOf: Shape }
  /** Fields that are not named can be anything. */
  | { readonly fields: Readonly<Record<string, Shape>> };

const STRINGS: Shape = { mapOf: "string" };
const QUANTITIES: Shape = { mapOf: "quantity" };
const METADATA: Shape = { fields: { name: "name", namespace: "name", labels: STRINGS, annotations: STRINGS } };
const SELECTORS: Shape = { listOf: { fields: { cel: { fields: { expression: "string" } } } } };

const TEXT: Shape = { fields: { string: "string" } };
const TAINTS: Shape = { listOf: { fields: { key: "string", value: "string", effect: "string" } } };

/** Selectors are evaluated with whatever value an attribute has. These the planner reads itself. */
const DEVICE: Readonly<Record<string, Shape>> = {
  attributes: { fields: { profile: TEXT, productName: TEXT, parentUUID: TEXT, uuid: TEXT } },
  capacity: { fields: {} },
  taints: TAINTS,
};

/** In v1beta1 what a device has is under `basic`. */
const BASIC: Shape = { fields: DEVICE };

const object = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields: { metadata: METADATA, ...fields } });

const OTHER = object({});
const LIMITS: Shape = {
  listOf: { fields: { type: "string", default: QUANTITIES, defaultRequest: QUANTITIES, min: QUANTITIES, max: QUANTITIES } },
};

const SHAPES: Readonly<Partial<Record<Kind, Shape>>> = {
  Node: object({
    spec: { fields: { taints: TAINTS, unschedulable: "boolean" } },
    status: { fields: { allocatable: QUANTITIES } },
  }),
  ResourceQuota: object({ spec: { fields: { hard: QUANTITIES } }, status: { fields: { used: QUANTITIES } } }),
  LimitRange: object({ spec: { fields: { limits: LIMITS } } }),
  Pod: object({ spec: { fields: {} }, status: { fields: {} } }),
  Event: object({
    reason: "string",
    message: "string",
    involvedObject: { fields: { kind: "string", name: "string", namespace: "string" } },
  }),
  DeviceClass: object({ spec: { fields: { selectors: SELECTORS, extendedResourceName: "string" } } }),
  PersistentVolumeClaim: object({
    spec: { fields: { storageClassName: "string", volumeName: "string" } },
    status: { fields: { phase: "string" } },
  }),
  PersistentVolume: object({ spec: { fields: { storageClassName: "string" } } }),
  StorageClass: object({ provisioner: "string", volumeBindingMode: "string" }),
};

const slice = (device: Readonly<Record<string, Shape>>): Shape =>
  object({ spec: { fields: { devices: { listOf: { fields: { name: "string", ...device } } } } } });
const SLICE = slice(DEVICE);
const BETA_SLICE = slice({ basic: BASIC });

/** What of an object is of another type than in the API. @param path of the object, for problems. */
export function shapeProblems(kind: Kind, object: JsonObject, path: string): readonly string[] {
  const shape = shapeOf(kind, object);
  // Mostly nothing is, and then no path is asked for.
  if (fits(object, shape)) {
    return [];
  }
  const problems: string[] = [];
  check(object, shape, path, problems);
  return problems;
}

function shapeOf(kind: Kind, { apiVersion }: JsonObject): Shape {
  return kind === "ResourceSlice" ? (apiVersion === "resource.k8s.io/v1beta1" ? BETA_SLICE : SLICE) : (SHAPES[kind] ?? OTHER);
}

function fits(value: unknown, shape: Shape): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  if (typeof shape === "string") {
    return expectedInstead(value, shape) === undefined;
  }
  if ("listOf" in shape) {
    return Array.isArray(value) && value.every((item) => fits(item, shape.listOf));
  }
  if (!isObject(value)) {
    return false;
  }
  // A list of the entries would be made for every device of a large cluster.
  if ("mapOf" in shape) {
    for (const key in value) {
      if (!fits(value[key], shape.mapOf)) {
        return false;
      }
    }
    return true;
  }
  for (const key in shape.fields) {
    const part = shape.fields[key];
    if (part !== undefined && !fits(value[key], part)) {
      return false;
    }
  }
  return true;
}

/** Names what does not fit. */
function check(value: unknown, shape: Shape, path: string, problems: string[]): void {
  if (fits(value, shape)) {
    return;
  }
  if (typeof shape === "string") {
    problems.push(problem(path, value, `must be ${expectedInstead(value, shape) ?? shape}`));
  } else if ("listOf" in shape) {
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        check(item, shape.listOf, `${path}[${String(index)}]`, problems);
      });
    } else {
      problems.push(problem(path, value, "must be a list"));
    }
  } else if (isObject(value)) {
    for (const key of Object.keys("mapOf" in shape ? value : shape.fields)) {
      const part = "mapOf" in shape ? shape.mapOf : shape.fields[key];
      if (part !== undefined) {
        check(value[key], part, `${path}.${key}`, problems);
      }
    }
  } else {
    problems.push(problem(path, value, "must be an object"));
  }
}

/** Undefined: the value is as it must be. */
function expectedInstead(value: unknown, shape: Extract<Shape, string>): string | undefined {
  switch (shape) {
    case "string":
      return typeof value === "string" ? undefined : "a string";
    case "name":
      return typeof value !== "string" ? "a string" : isOption(value) ? "a name, which begins with no hyphen" : undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : "a boolean";
    case "quantity":
      return readQuantity(value) === undefined ? "a quantity, such as 500m or 16Gi" : undefined;
  }
}
