/**
 * What the cluster says of slices and claims, as metrics.
 * kube-state-metrics has none of it: it reads ResourceQuotas and pods, and its custom-resource state ignores kinds that are not defined by a
 * CustomResourceDefinition (`docs/metrics/extend/customresourcestate-metrics.md` of kube-state-metrics v2.20.0, and its discovery, read 2026-11-28).
 * So a small exporter of the stack lists them and calls `renderSliceMetrics`. This file runs inside the cluster, with nothing beside it.
 */
import { DRIVER } from "../../well-known/attributes";
import { INSTANCE_TYPE_LABEL, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";

/** Which tier a profile is on which GPU product. */
export interface TierOfProduct {
  readonly productName: string;
  readonly profile: string;
  readonly tier: string;
}

/** What the exporter is told about the stack. */
export interface SliceMetricsSettings {
  readonly tiers: readonly TierOfProduct[];
  /** Tier by device class, for claims that wait. */
  readonly classes: Readonly<Record<string, string>>;
}

interface Attribute {
  readonly string?: string;
}

export interface SliceObject {
  readonly spec: {
    readonly driver: string;
    readonly nodeName?: string;
    readonly pool: { readonly name: string; readonly generation?: number };
    readonly devices?: readonly { readonly name: string; readonly attributes?: Readonly<Record<string, Attribute>> }[];
  };
}

interface Request {
  readonly name: string;
  readonly exactly?: { readonly deviceClassName?: string };
  readonly firstAvailable?: readonly { readonly deviceClassName?: string }[];
}

export interface ClaimObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly spec: { readonly devices?: { readonly requests?: readonly Request[] } };
  readonly status?: {
    readonly allocation?: {
      readonly devices?: { readonly results?: readonly AllocationResult[] };
    };
  };
}

interface AllocationResult {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
}

export interface NodeObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** The objects that the metrics are made of. */
export interface ClusterObjects {
  readonly slices: readonly SliceObject[];
  readonly claims: readonly ClaimObject[];
  /** GPU nodes. */
  readonly nodes: readonly NodeObject[];
}

/** One device of NVIDIA's driver. `profile` is empty for a whole GPU, `tier` for what no tier means. */
const DEVICE_LABELS = ["node", "instance_type", "gpu_uuid", "device", "profile", "product", "tier"] as const;

/** Every metric of the exporter with its labels. */
export const SLICE_METRICS = {
  shared_gpu_node_info: {
    help: "A GPU node, with the layout that MIG Manager applies and how far it is.",
    labels: ["node", "instance_type", "layout", "mig_state"],
  },
  shared_gpu_slice_published: { help: "A published device of NVIDIA's DRA driver.", labels: DEVICE_LABELS },
  shared_gpu_slice_allocated: {
    help: "A device that is allocated to a claim of the namespace that is the team.",
    labels: ["team", ...DEVICE_LABELS],
  },
  shared_gpu_claim_pending_since_seconds: {
    help: "When a claim without devices was created, in seconds since 1970. for_pod says whether a pod made it.",
    labels: ["team", "claim", "tier", "for_pod"],
  },
} as const;

type DeviceLabels = Readonly<Record<(typeof DEVICE_LABELS)[number], string>>;

/** Devices by pool and name. */
export type KnownDevices = ReadonlyMap<string, DeviceLabels>;

export interface RenderedMetrics {
  /** In Prometheus' text format. */
  readonly text: string;
  /** For the next call. */
  readonly known: KnownDevices;
}

/**
 * Renders the metrics.
 * @param known what the last call returned: a device that a claim still holds stays what it was while its node publishes nothing, as after a restart of the driver's plugin.
 */
export function renderSliceMetrics(
  { slices, claims, nodes }: ClusterObjects,
  settings: SliceMetricsSettings,
  known: KnownDevices,
): RenderedMetrics {
  const labelsOf = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  const instanceType = (node: string) => labelsOf.get(node)?.[INSTANCE_TYPE_LABEL] ?? "";
  const published = publishedDevices(slices, instanceType, settings);
  const held = new Map<string, DeviceLabels>();
  const allocated = claims.flatMap(({ metadata: { namespace }, spec, status }) =>
    (status?.allocation?.devices?.results ?? [])
      // Whoever has admin access looks on, and holds nothing.
      .filter(({ driver, adminAccess = false }) => driver === DRIVER && !adminAccess)
      .map(({ pool, device, request }) => {
        const key = `${pool}/${device}`;
        const found = published.get(key) ?? known.get(key) ?? { ...NOTHING_KNOWN, node: pool, instance_type: instanceType(pool), device };
        const labels = { ...found, tier: found.tier || tierOfRequest(spec, request, settings) };
        held.set(key, labels);
        return { team: namespace, ...labels };
      }),
  );
  const pending = claims
    .filter(({ status }) => status?.allocation === undefined)
    .map(({ metadata: { namespace, name, creationTimestamp, ownerReferences = [] }, spec }) => ({
      labels: {
        team: namespace,
        claim: name,
        tier: tierOfRequest(spec, undefined, settings),
        for_pod: String(ownerReferences.some(({ kind }) => kind === "Pod")),
      },
      value: Date.parse(creationTimestamp) / 1000,
    }));
  const text = [
    family(
      "shared_gpu_node_info",
      [...labelsOf].map(([node, labels]) =>
        present({
          node,
          instance_type: instanceType(node),
          layout: labels[MIG_CONFIG_LABEL] ?? "",
          mig_state: labels[MIG_CONFIG_STATE_LABEL] ?? "",
        }),
      ),
    ),
    family("shared_gpu_slice_published", [...published.values()].map(present)),
    family("shared_gpu_slice_allocated", unique(allocated).map(present)),
    family("shared_gpu_claim_pending_since_seconds", pending),
  ];
  return { text: text.join(""), known: new Map([...held, ...published]) };
}

const NOTHING_KNOWN = { gpu_uuid: "", profile: "", product: "", tier: "" };

/** Devices of the newest generation of each pool. */
function publishedDevices(
  slices: readonly SliceObject[],
  instanceType: (node: string) => string,
  { tiers }: SliceMetricsSettings,
): KnownDevices {
  const own = slices.filter(({ spec }) => spec.driver === DRIVER);
  const newest = new Map<string, number>();
  for (const { spec } of own) {
    newest.set(spec.pool.name, Math.max(newest.get(spec.pool.name) ?? 0, spec.pool.generation ?? 0));
  }
  return new Map(
    own
      .filter(({ spec }) => (spec.pool.generation ?? 0) === newest.get(spec.pool.name))
      .flatMap(({ spec }) =>
        (spec.devices ?? []).map(({ name, attributes = {} }) => {
          const text = (attribute: string) => (attributes[attribute] ?? attributes[`${DRIVER}/${attribute}`])?.string ?? "";
          const [profile, product, node] = [text("profile"), text("productName"), spec.nodeName ?? spec.pool.name];
          const labels: DeviceLabels = {
            node,
            instance_type: instanceType(node),
            gpu_uuid: text("parentUUID") || text("uuid"),
            device: name,
            profile,
            product,
            tier: tiers.find((candidate) => candidate.productName === product && candidate.profile === profile)?.tier ?? "",
          };
          return [`${spec.pool.name}/${name}`, labels] as const;
        }),
      ),
  );
}

/** The tier that a claim asks for, by the class that the request names first; empty if that is no tier's. Without the name of a request, of all of them. */
function tierOfRequest({ devices }: ClaimObject["spec"], request: string | undefined, { classes }: SliceMetricsSettings): string {
  const asked = (devices?.requests ?? []).filter(({ name }) => request === undefined || name === request.split("/")[0]);
  const names = asked.flatMap(({ exactly, firstAvailable = [] }) =>
    [exactly, ...firstAvailable].flatMap((each) => each?.deviceClassName ?? []),
  );
  return names.map((name) => classes[name]).find((tier) => tier !== undefined) ?? "";
}

/** Several claims of one team can hold one device where it is shared. */
function unique<T extends Readonly<Record<string, string>>>(entries: readonly T[]): readonly T[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function present(labels: Sample["labels"]): Sample {
  return { labels, value: 1 };
}

function family(name: keyof typeof SLICE_METRICS, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = SLICE_METRICS[name].labels.map((label) => `${label}="${escape(labels[label] ?? "")}"`);
    return `${name}{${pairs.join(",")}} ${String(value)}\n`;
  });
  return `# HELP ${name} ${SLICE_METRICS[name].help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

/** As the text format wants it. */
function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
