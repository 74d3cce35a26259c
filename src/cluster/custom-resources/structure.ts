/** Finds pods, claims and objects in a custom resource by their structure, because the kinds of all operators cannot be known. */
import { isObject } from "../../dra/manifest/fields";
import { readText } from "./embedded-text";
import { childrenOf, isUnknown } from "./paths";
import type { Place } from "./paths";
import { CONTAINER_LISTS, POD_FIELD_NAMES, claimFrom, claimSpecAt, containerOf, podFields, unknownLists, withOuter } from "./places";
import type { CarriedClaim, CarriedContainer, CarriedObject, CarriedPod, CustomContents, Unchecked } from "./types";

type Fields = Readonly<Record<string, unknown>>;

/** What the table has read already. */
export interface Covered {
  /** Paths of records that are pods. What they have beside the fields of a pod is searched. */
  readonly pods: ReadonlySet<string>;
  /** Paths of containers and claims, in which nothing else is searched. */
  readonly read: ReadonlySet<string>;
  /** Whether the table has the kind: then fields of a pod without a container (the tolerations of a queue's flavor) are no pod. */
  readonly isKnownKind: boolean;
}

/** Fields that containers have. One with an image, or two without, make a record a container. */
const CONTAINER_FIELDS: readonly string[] = [
  ...["command", "args", "env", "envFrom", "resources", "volumeMounts", "volumeDevices", "securityContext", "computeResources"],
  ...["ports", "workingDir", "imagePullPolicy", "lifecycle", "livenessProbe", "readinessProbe"],
];

/** Lists of a PodSpec whose entries can have an image and are no containers. */
const NO_CONTAINERS: readonly string[] = POD_FIELD_NAMES;

const CONTAINER_KEYS: readonly string[] = CONTAINER_LISTS.map(([key]) => key);

/** Maps whose keys are labels and not amounts. */
const LABEL_MAP = /(?:labels|annotations|selector)$/i;

/** Names of GPUs as a resource. */
const GPU_RESOURCE = /^(?:[a-z0-9.-]+\.)?nvidia\.com\/|^deviceclass\.resource\.kubernetes\.io\//i;

/** Levels of a custom resource. Those that operators have are far fewer. */
export const MAX_LEVELS = 200;

/** Searches a value for everything that {@link Covered} does not have. */
export function searchStructure(root: unknown, covered: Covered): CustomContents {
  const pods: CarriedPod[] = [];
  const claims: CarriedClaim[] = [];
  const objects: CarriedObject[] = [];
  const unchecked: Unchecked[] = [];
  let level = 0;
  visit({ path: "", value: root }, {}, undefined, !covered.isKnownKind);
  return { pods, claims, objects, unchecked };

  /**
   * @param inherited the fields of a PodSpec in the records around. @param metadata beside the record.
   * @param alone whether fields of a pod make one without a container.
   */
  function visit(at: Place, inherited: Fields, metadata: unknown, alone: boolean): void {
    if (level >= MAX_LEVELS) {
      unchecked.push({ path: at.path, reason: "is nested too deeply to be checked. Write the object with fewer levels" });
      return;
    }
    if (!covered.read.has(at.path)) {
      level++;
      visitPart(at, inherited, metadata, alone);
      level--;
    }
  }

  function visitPart(at: Place, inherited: Fields, metadata: unknown, alone: boolean): void {
    const { path, value } = at;
    if (typeof value === "string") {
      visitText(path, value, inherited);
    } else if (Array.isArray(value)) {
      for (const item of childrenOf(at)) {
        visit(item, inherited, undefined, alone);
      }
    } else if (isObject(value)) {
      visitRecord(path, value, inherited, metadata, alone);
    }
  }

  function visitText(path: string, text: string, inherited: Fields): void {
    const parsed = readText(text);
    if (parsed.type === "unreadable") {
      unchecked.push({ path, reason: `${parsed.reason}, so nothing checks what it creates. Write it as an object of the program` });
    }
    for (const value of parsed.type === "values" ? parsed.values : []) {
      visit({ path: `${path}(YAML)`, value }, inherited, undefined, true);
    }
  }

  function visitRecord(path: string, record: Fields, inherited: Fields, metadata: unknown, alone: boolean): void {
    if (path !== "" && isWholeObject(record)) {
      objects.push({ path, body: record });
      return;
    }
    const devices = record["devices"];
    if (isObject(devices) && Array.isArray(devices["requests"])) {
      claims.push(claimSpecAt(path, devices));
      return;
    }
    if (typeof record["deviceClassName"] === "string") {
      claims.push(claimFrom({ path, value: record }, record["deviceClassName"]));
    }
    const at = { path, value: record };
    const isCovered = path !== "" && covered.pods.has(path);
    const isContainer = !isCovered && path !== "" && isContainerRecord(record);
    const containers = isCovered ? [] : containersIn(at).filter((container) => !covered.read.has(container.path));
    const own = podFields(record, !isContainer);
    const around = withOuter(own, inherited);
    const asked = isCovered ? [] : gpuAmounts(at);
    const carried = [...containers, ...(isContainer ? [containerOf("container", path, record)] : []), ...asked];
    const isPod = carried.length > 0 || (!isCovered && alone && Object.keys(own).length > 0);
    if (isPod) {
      pods.push({ path, unknown: unknownLists(at), metadata: record["metadata"] ?? metadata, spec: around, containers: carried });
    }
    const done = new Set(containers.map(({ path: of }) => of));
    // The resources of something that is neither pod nor container can still be those of GPUs.
    const fields = Object.keys(own).filter((key) => isPod || isCovered || key !== "resources");
    const skipped: readonly string[] = [...fields, ...(isContainer ? CONTAINER_FIELDS : [])];
    for (const key of Object.keys(record).filter((candidate) => !skipped.includes(candidate))) {
      for (const child of childrenOf({ path, value: { [key]: record[key] } })) {
        const parts = Array.isArray(child.value) && !covered.read.has(child.path) ? childrenOf(child) : [child];
        for (const part of parts.filter((candidate) => !done.has(candidate.path))) {
          visit(part, around, record["metadata"], alone);
        }
      }
    }
  }
}

/** The containers in the lists of a record: those of a PodSpec, and lists of containers under any other key. */
function containersIn(at: Place): readonly CarriedContainer[] {
  return childrenOf(at).flatMap((list): readonly CarriedContainer[] => {
    const key = lastKey(list.path);
    if (!Array.isArray(list.value) || NO_CONTAINERS.includes(key)) {
      return [];
    }
    const [, type = "container"] = CONTAINER_LISTS.find(([name]) => name === key) ?? [];
    const isContainer = CONTAINER_KEYS.includes(key) ? isListedContainer : isContainerRecord;
    return childrenOf(list)
      .filter(({ value }) => isContainer(value))
      .map(({ path, value }) => containerOf(type, path, value));
  });
}

export function lastKey(path: string): string {
  return path.split(".").at(-1) ?? "";
}

/** An entry of a list that is called `containers`. Some operators fill in the name, others the image. */
function isListedContainer(value: unknown): boolean {
  return (
    isUnknown(value) || (isObject(value) && (typeof value["name"] === "string" || value["image"] !== undefined || isContainerRecord(value)))
  );
}

function isContainerRecord(value: unknown): boolean {
  if (!isObject(value)) {
    return false;
  }
  const count = CONTAINER_FIELDS.filter((key) => Object.hasOwn(value, key) && value[key] !== undefined && value[key] !== null).length;
  const { image, name } = value;
  const hasImage = typeof image === "string" || isObject(image) || isUnknown(image);
  return hasImage ? count > 0 || typeof name === "string" : count > 1;
}

/** GPUs that a map asks for as resources. */
function gpuAmounts({ path, value }: Place): readonly CarriedContainer[] {
  if (!isObject(value) || LABEL_MAP.test(lastKey(path))) {
    return [];
  }
  const asked = Object.entries(value).filter(
    ([name, amount]) => GPU_RESOURCE.test(name) && (typeof amount === "number" || (typeof amount === "string" && /^\d/.test(amount))),
  );
  return asked.length === 0 ? [] : [{ type: "container", path, content: { resources: { limits: Object.fromEntries(asked) } } }];
}

/** An object with a body of its own. A reference has a kind, too, but neither metadata nor a spec. */
export function isWholeObject(record: Fields): boolean {
  return (
    typeof record["apiVersion"] === "string" &&
    typeof record["kind"] === "string" &&
    ["metadata", "spec", "data", "rules", "roleRef", "subjects", "webhooks"].some((key) => typeof record[key] === "object")
  );
}
