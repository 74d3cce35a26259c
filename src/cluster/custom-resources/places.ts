/** Reads the pods and claims at the places that the table names. */
import { isObject } from "../../dra/manifest/fields";
import { readText } from "./embedded-text";
import { childrenOf, isUnknown, placesAt } from "./paths";
import type { Place } from "./paths";
import type { CarriedClaim, CarriedContainer, CarriedPod, PodPlace } from "./types";

type Fields = Readonly<Record<string, unknown>>;

/** The lists of containers of a PodSpec. */
export const CONTAINER_LISTS = [
  ["containers", "container"],
  ["initContainers", "initContainer"],
  ["ephemeralContainers", "ephemeralContainer"],
] as const;

/** Fields of a PodSpec, apart from containers, that decide which node and which devices its containers get, and the form of their values. */
const POD_FIELDS = {
  tolerations: "list",
  resourceClaims: "list",
  volumes: "list",
  securityContext: "object",
  overhead: "object",
  hostPID: "scalar",
  hostIPC: "scalar",
  hostNetwork: "scalar",
  hostUsers: "scalar",
  nodeName: "scalar",
  runtimeClassName: "scalar",
} as const;

type Form = (typeof POD_FIELDS)[keyof typeof POD_FIELDS];

/** Names of the fields of a PodSpec. */
export const POD_FIELD_NAMES: readonly string[] = Object.keys(POD_FIELDS);

/** The pod at a place; undefined if nothing there makes one. */
export function podAt(place: PodPlace, at: Place, root: Place): CarriedPod | undefined {
  const { metadata, spec } = partsOf(place, at);
  if (isUnknown(spec.value)) {
    return { path: at.path, unknown: [spec.path], metadata, spec: {}, containers: [] };
  }
  if (!isObject(spec.value)) {
    return undefined;
  }
  const extra = place.containers ?? [];
  const containers = [
    ...listed(spec),
    ...extra.flatMap((path) => placesAt(spec, path)).map(({ path, value }) => containerOf("container", path, value)),
  ];
  const aroundPlaces = (place.around ?? []).flatMap((path) => placesAt(root, path));
  const around = aroundPlaces.map(({ value }) => value);
  const own = podFields(spec.value, place.shape === "template" || !extra.includes(""));
  const merged = around.reduce<Fields>((inner, outer) => withOuter(inner, outer), own);
  const unknown = [
    ...(isUnknown(metadata) ? [`${at.path}.metadata`] : []),
    ...around.flatMap((outer, index) => (isUnknown(outer) ? [place.around?.[index] ?? at.path] : [])),
    ...unknownLists(spec),
  ];
  if (containers.length === 0 && unknown.length === 0 && Object.keys(own).length === 0) {
    return undefined;
  }
  const pod = { path: at.path, unknown, metadata, spec: merged, containers };
  const { patch } = place;
  const patched = patch === undefined ? pod : [...aroundPlaces, spec].flatMap((record) => placesAt(record, patch)).reduce(withPatch, pod);
  return place.claims === undefined ? patched : withClaims(patched, placesAt(spec, place.claims));
}

/** The name of the container that an operator makes of a record without a name. */
const MAIN = "main";

/** A pod with a patch of its spec. A text that is no patch stays for the search by structure. */
function withPatch(pod: CarriedPod, { path, value }: Place): CarriedPod {
  const reading = typeof value === "string" ? readText(value) : undefined;
  const [patch, ...others] = reading?.type === "values" ? reading.values : [];
  if (!isObject(patch) || others.length > 0) {
    return pod;
  }
  const added = listed({ path: `${path}(YAML)`, value: patch });
  const nameOf = ({ content }: CarriedContainer) => (isObject(content) && typeof content["name"] === "string" ? content["name"] : MAIN);
  const containers = pod.containers.map((container) =>
    added
      .filter((other) => nameOf(other) === nameOf(container))
      .reduce<CarriedContainer>((whole, other) => ({ ...whole, content: withFields(whole.content, other.content) }), container),
  );
  const further = added.filter((other) => !pod.containers.some((container) => nameOf(container) === nameOf(other)));
  // Of fields that are no lists those of the patch count.
  const spec = { ...pod.spec, ...withOuter(podFields(patch, true), pod.spec) };
  return { ...pod, spec, containers: [...containers, ...further], texts: [...(pod.texts ?? []), path] };
}

/** A container with the fields of a patch. Lists add up, and records are merged. */
function withFields(content: unknown, patch: unknown): unknown {
  if (Array.isArray(content) && Array.isArray(patch)) {
    return [...(content as unknown[]), ...(patch as unknown[])];
  }
  if (!isObject(content) || !isObject(patch)) {
    return patch ?? content;
  }
  return Object.fromEntries(
    [...new Set([...Object.keys(content), ...Object.keys(patch)])].map((key) => [key, withFields(content[key], patch[key])]),
  );
}

function partsOf({ shape }: PodPlace, at: Place): { readonly metadata: unknown; readonly spec: Place } {
  const fields = isObject(at.value) ? at.value : {};
  return shape === "template" && !isUnknown(at.value)
    ? { metadata: fields["metadata"], spec: { path: `${at.path}.spec`, value: fields["spec"] } }
    : { metadata: fields["metadata"], spec: at };
}

/** The containers in the lists of a PodSpec. */
export function listed(spec: Place): readonly CarriedContainer[] {
  return CONTAINER_LISTS.flatMap(([key, type]) =>
    placesAt(spec, `${key}[]`)
      .filter(({ path }) => path.endsWith("]"))
      .map(({ path, value }) => containerOf(type, path, value)),
  );
}

/** The lists of a PodSpec that are unknown. */
export function unknownLists(spec: Place): readonly string[] {
  return CONTAINER_LISTS.flatMap(([key]) => placesAt(spec, key).filter(({ value }) => isUnknown(value))).map(({ path }) => path);
}

/** A container with its resources under the name that Kubernetes gives them. */
export function containerOf(type: CarriedContainer["type"], path: string, content: unknown): CarriedContainer {
  if (!isObject(content) || content["resources"] !== undefined) {
    return { type, path, content };
  }
  const resources = content["computeResources"] ?? content["resourcesPerNode"];
  return { type, path, content: resources === undefined ? content : { ...content, resources } };
}

/**
 * The fields of a PodSpec in a record.
 * @param isPod whether the record is a pod and no container: both have `resources` and `securityContext`, and those of a container are read with it.
 */
export function podFields(record: Fields, isPod: boolean): Fields {
  const forms: readonly (readonly [string, Form])[] = [
    ...Object.entries(POD_FIELDS).filter(([name]) => isPod || name !== "securityContext"),
    ...(isPod ? [["resources", "object"] as const] : []),
  ];
  return Object.fromEntries(
    forms.filter(([name, form]) => Object.hasOwn(record, name) && hasForm(record[name], form)).map(([name]) => [name, record[name]]),
  );
}

function hasForm(value: unknown, form: Form): boolean {
  if (value === undefined || value === null) {
    return false;
  }
  return isUnknown(value) || form === (Array.isArray(value) ? "list" : isObject(value) ? "object" : "scalar");
}

/** The fields of a pod with those of a record around it. Lists add up; of other fields the inner one counts. */
export function withOuter(inner: Fields, outer: unknown): Fields {
  if (!isObject(outer)) {
    return inner;
  }
  const merged: Record<string, unknown> = { ...inner };
  for (const [name, other] of Object.entries(podFields(outer, true)).filter(([field]) => field !== "resources")) {
    const own = inner[name];
    merged[name] = Array.isArray(own) && Array.isArray(other) ? [...(own as unknown[]), ...(other as unknown[])] : (own ?? other);
  }
  return merged;
}

/** A pod whose controller gives it these claims, and every one of them to each of its containers. */
function withClaims(pod: CarriedPod, claims: readonly Place[]): CarriedPod {
  if (claims.length === 0) {
    return pod;
  }
  const named = claims.map(({ value }, index) => ({ name: `claim-${index}`, ...(isObject(value) ? value : {}) }));
  const references = named.map(({ name }) => ({ name }));
  return {
    ...pod,
    spec: { ...pod.spec, resourceClaims: named },
    containers: pod.containers.map(({ content, ...rest }) => {
      const fields = isObject(content) ? content : {};
      const resources = isObject(fields["resources"]) ? fields["resources"] : {};
      return { ...rest, content: { ...fields, resources: { ...resources, claims: references } } };
    }),
  };
}

/** Versions of claims: in the older one a request has its fields in itself. */
const NESTED = "resource.k8s.io/v1";
const FLAT = "resource.k8s.io/v1beta1";

/**
 * The claim of a record that names a device class, as one of these:  a request of Kubernetes, or a device of an operator with CEL expressions.
 * Further selectors of an operator only narrow what the claim reaches, so the claim is judged without them.
 */
export function claimFrom({ path, value }: Place, defaultClass: string): CarriedClaim {
  if (!isObject(value)) {
    return { path, apiVersion: NESTED, spec: value };
  }
  const { name, count, selectors, celExpressions, deviceClassName = defaultClass, adminAccess, allocationMode, tolerations } = value;
  const written = Array.isArray(celExpressions)
    ? (celExpressions as readonly unknown[]).map((expression) => ({ cel: { expression } }))
    : selectors;
  const exactly = { deviceClassName, count, selectors: written, adminAccess, allocationMode, tolerations };
  const set = Object.fromEntries(Object.entries(exactly).filter(([, field]) => field !== undefined));
  const request = { name: typeof name === "string" ? name : "device", exactly: set };
  return { path, apiVersion: NESTED, spec: { devices: { requests: [request] } } };
}

/** The claim of a record with `devices.requests`, in the version in which its requests are written. */
export function claimSpecAt(path: string, devices: Fields): CarriedClaim {
  const isFlat = childrenOf({ path, value: devices["requests"] }).some(
    ({ value }) => isObject(value) && Object.hasOwn(value, "deviceClassName"),
  );
  return { path, apiVersion: isFlat ? FLAT : NESTED, spec: { devices } };
}
