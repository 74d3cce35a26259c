/** ResourceSlices as somebody wrote them out of a cluster (`kubectl get resourceslices -o yaml`). */
import { z } from "zod";
import { DRIVER } from "../../well-known/attributes";

/** A device as it was published. Values of attributes are kept as they are: a later driver can write another form. */
export interface CapturedDevice {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly capacity: Readonly<Record<string, { readonly value: string }>>;
  /** Fields besides these, such as `consumesCounters` and `capacity.memory.requestPolicy`. */
  readonly otherFields: readonly string[];
}

/** What NVIDIA's driver published for one node. */
export interface CapturedNode {
  readonly name: string;
  readonly pool: string;
  /** Names of the slices, as far as the capture has them. */
  readonly sliceNames: readonly string[];
  /** Slices of the newest generation that are in the capture, and how many there should be. */
  readonly slices: number;
  readonly resourceSliceCount: number;
  readonly devices: readonly CapturedDevice[];
  /** Fields of the slices besides these, such as `sharedCounters`. */
  readonly otherFields: readonly string[];
}

export type Capture =
  | { readonly type: "capture"; readonly nodes: readonly CapturedNode[]; readonly slicesOfOtherDrivers: number }
  /** `reason` is a sentence that says what to write instead. */
  | { readonly type: "unreadable"; readonly reason: string };

/** Quantities are strings; YAML that a person shortened has numbers. */
const QUANTITY = z.union([z.string(), z.number().transform(String)]);

const DEVICE = z.looseObject({
  name: z.string(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  capacity: z.record(z.string(), z.looseObject({ value: QUANTITY })).default({}),
});

const SPEC = z.looseObject({
  driver: z.string(),
  nodeName: z.string().optional(),
  pool: z.looseObject({ name: z.string(), generation: z.int(), resourceSliceCount: z.int() }),
  devices: z.array(DEVICE).nullish(),
});

const SLICE = z.looseObject({
  metadata: z.looseObject({ name: z.string().optional() }).optional(),
  spec: SPEC,
});

type Slice = z.infer<typeof SLICE>;

/** Versions with the same form. In v1beta1 a device has its attributes below `basic`. */
const API_VERSIONS: readonly unknown[] = ["resource.k8s.io/v1", "resource.k8s.io/v1beta2"];

const HOW = "Write the slices with `kubectl get resourceslices.v1.resource.k8s.io -o yaml`";

/**
 * The nodes of a capture, in its order.
 * @param documents parsed YAML or JSON: slices, lists of slices, or both.
 */
export function readCapture(documents: readonly unknown[]): Capture {
  const slices: Slice[] = [];
  for (const { apiVersion, kind, object } of documents.flatMap((document) => objectsOf(document))) {
    if (kind !== "ResourceSlice") {
      return { type: "unreadable", reason: `The file has an object of another kind than ResourceSlice. ${HOW}` };
    }
    if (!API_VERSIONS.includes(apiVersion)) {
      return { type: "unreadable", reason: `The slices are of another version than ${API_VERSIONS.join(" and ")}. ${HOW}` };
    }
    const slice = SLICE.safeParse(object);
    if (!slice.success) {
      const [issue] = slice.error.issues;
      return { type: "unreadable", reason: `A slice cannot be read at ${issue?.path.join(".") ?? "its root"}. ${HOW}` };
    }
    slices.push(slice.data);
  }
  const own = slices.filter(({ spec }) => spec.driver === DRIVER);
  if (own.length === 0) {
    return {
      type: "unreadable",
      reason: `The file has no slice of the driver ${DRIVER}. ${HOW}, in a cluster whose nodes have published their GPUs`,
    };
  }
  const pools = new Map<string, Slice[]>();
  for (const slice of own) {
    const { name } = slice.spec.pool;
    pools.set(name, [...(pools.get(name) ?? []), slice]);
  }
  return { type: "capture", nodes: [...pools.values()].map(nodeOf), slicesOfOtherDrivers: slices.length - own.length };
}

interface Named {
  readonly apiVersion: unknown;
  readonly kind: unknown;
  readonly object: unknown;
}

/** Items of a typed list need not repeat what they are. */
const LIST = z.looseObject({ apiVersion: z.string(), kind: z.enum(["List", "ResourceSliceList"]), items: z.array(z.unknown()) });
const OBJECT = z.looseObject({ apiVersion: z.string(), kind: z.string() });

function objectsOf(document: unknown): readonly Named[] {
  const list = LIST.safeParse(document);
  if (list.success) {
    const { apiVersion, kind, items } = list.data;
    const isTyped = kind === "ResourceSliceList";
    return items.map((object) => ({ ...named(object, isTyped ? { apiVersion, kind: "ResourceSlice" } : {}), object }));
  }
  return [{ ...named(document, {}), object: document }];
}

function named(object: unknown, inherited: Partial<Named>): Pick<Named, "apiVersion" | "kind"> {
  const own = OBJECT.safeParse(object);
  return own.success ? own.data : { apiVersion: inherited.apiVersion, kind: inherited.kind };
}

/** What counts of a pool: slices of older generations are leftovers of an update. */
function nodeOf(slices: readonly Slice[]): CapturedNode {
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  const current = slices.filter(({ spec }) => spec.pool.generation === newest);
  const [first] = current;
  return {
    name: first?.spec.nodeName ?? "",
    pool: first?.spec.pool.name ?? "",
    sliceNames: current.flatMap(({ metadata }) => metadata?.name ?? []),
    slices: current.length,
    resourceSliceCount: first?.spec.pool.resourceSliceCount ?? 0,
    devices: current.flatMap(({ spec }) => spec.devices ?? []).map(deviceOf),
    otherFields: [...new Set(current.flatMap(({ spec }) => fieldsOf(spec).filter((field) => !Object.hasOwn(SPEC.shape, field))))],
  };
}

function deviceOf(device: z.infer<typeof DEVICE>): CapturedDevice {
  const { name, attributes, capacity } = device;
  const quantities = Object.entries(capacity);
  return {
    name,
    attributes,
    capacity: Object.fromEntries(quantities.map(([of, { value }]) => [of, { value }])),
    otherFields: [
      ...fieldsOf(device).filter((field) => !Object.hasOwn(DEVICE.shape, field)),
      ...quantities.flatMap(([of, quantity]) =>
        fieldsOf(quantity)
          .filter((field) => field !== "value")
          .map((field) => `capacity.${of}.${field}`),
      ),
    ],
  };
}

/** Those with a value. */
function fieldsOf(object: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(object).filter((field) => object[field] !== undefined && object[field] !== null);
}
