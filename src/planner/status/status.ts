/** What a cluster has, who holds it, what waits and what it costs. */
import type { JsonObject } from "../../cluster/objects";
import { objectAt } from "../../cluster/objects";
import { quotaAmounts } from "../../cluster/quota";
import { TIERS } from "../../dra/tiers";
import { PRICE_SOURCE } from "../../hardware/instance-types";
import { deviceCountKey } from "../../well-known/quota-keys";
import { roundUsd } from "../cost";
import { groupBy } from "../group-by";
import type { Kind } from "../snapshot/kinds";
import { describeGap, gapsAbout } from "../state/gaps";
import type { PlannedCluster } from "../state/cluster";
import { gpuDevices } from "../state/devices";
import type { GpuDevice } from "../state/devices";
import { quotasIn, usedAmounts } from "../state/quotas";
import { explainedQueueOf, pendingOf } from "./pending";
import type { Pending } from "./pending";

/** Devices of one sort. Null: the claims could not be read. */
export interface SliceCounts {
  readonly published: number;
  readonly allocated: number | null;
  readonly free: number | null;
}

export interface Status {
  readonly source: string;
  readonly kubernetesVersion: string | null;
  readonly profiles: readonly ({ readonly gpuModel: string; readonly profile: string } & SliceCounts)[];
  readonly tiers: readonly ({
    readonly tier: string;
    readonly deviceClass: string;
    readonly reservedByQuota: number | null;
  } & SliceCounts)[];
  readonly nodes: readonly ({
    readonly node: string;
    readonly pool: string;
    readonly usdPerHour: number | null;
    readonly usdPerHourIdle: number | null;
  } & SliceCounts)[];
  readonly teams: readonly TeamStatus[];
  readonly pending: readonly Pending[];
  /** Claims that hold devices and that no pod uses. */
  readonly idleClaims: readonly { readonly claim: string; readonly devices: number; readonly usdPerHour: number | null }[];
  readonly cost: {
    /** Of the nodes with GPUs. */
    readonly usdPerHour: number;
    /** Null, as the next two: the claims could not be read. */
    readonly used: number | null;
    /** Of slices that no claim holds, and of what a layout leaves unused. */
    readonly free: number | null;
    /** Of slices that claims hold without a pod. */
    readonly heldIdle: number | null;
    readonly unpriced: readonly string[];
    readonly source: string;
  };
  /** Everything could be read, and all of it that slices depend on is understood. */
  readonly isComplete: boolean;
  readonly missing: readonly string[];
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
}

export interface TeamStatus {
  readonly namespace: string;
  /** Null for a namespace that is no team's. */
  readonly team: string | null;
  readonly allocated: number;
  /** Per tier what the quota lets in; null where no quota limits it. */
  readonly quota: Readonly<Record<string, { readonly limit: number; readonly claimed: number } | null>>;
  readonly usdPerHourUsed: number;
  /** Held by claims that no pod uses. */
  readonly usdPerHourIdle: number;
}

/** Everything that `--status` shows. */
export function statusOf(cluster: PlannedCluster): Status {
  const devices = gpuDevices(cluster);
  const prices = pricesOf(cluster, devices);
  const cost = costOf(cluster, devices, prices);
  const count = counter(cluster);
  const gaps = gapsAbout(cluster.gaps, cluster.pending);
  return {
    source: cluster.source,
    kubernetesVersion: cluster.kubernetesVersion ?? null,
    profiles: profileCounts(devices, count),
    tiers: tierCounts(cluster, devices, count),
    nodes: nodeCounts(cluster, devices, prices, count),
    teams: teamsOf(cluster, devices, prices),
    pending: pendingOf(cluster, explainedQueueOf(cluster)),
    idleClaims: idleClaims(cluster, devices, prices),
    cost,
    isComplete: gaps.length === 0 && !cluster.doubts.some(({ kind }) => kind === undefined || OF_SLICES.includes(kind)),
    missing: gaps.map(describeGap),
    doubts: cluster.doubts.map(({ message }) => message),
    notes: cluster.notes,
  };
}

/** What a slice is, and who holds it, is in these. */
const OF_SLICES: readonly Kind[] = ["Node", "ResourceSlice", "DeviceClass", "ResourceClaim"];

type Count = (devices: readonly GpuDevice[]) => SliceCounts;

function counter({ gaps }: PlannedCluster): Count {
  const isKnown = !gaps.some(({ kind }) => kind === "ResourceClaim");
  return (devices) => (isKnown ? countsOf(devices) : { published: devices.length, allocated: null, free: null });
}

function countsOf(devices: readonly GpuDevice[]): SliceCounts {
  const allocated = devices.filter(({ holder }) => holder !== undefined).length;
  return { published: devices.length, allocated, free: devices.length - allocated };
}

/** Largest first. */
function profileCounts(devices: readonly GpuDevice[], count: Count): Status["profiles"] {
  return [...groupBy(devices, ({ productName, profile }) => `${productName} ${profile}`).values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ first: group[0], counts: count(group) }]))
    .sort((a, b) => (b.first.share ?? 0) - (a.first.share ?? 0))
    .map(({ first: { model, productName, profile }, counts }) => ({ gpuModel: model?.name ?? productName, profile, ...counts }));
}

function tierCounts(cluster: PlannedCluster, devices: readonly GpuDevice[], count: Count): Status["tiers"] {
  const classes = new Set(cluster.state.deviceClasses.map(({ name }) => name));
  const knowsQuotas = !cluster.gaps.some(({ kind }) => kind === "ResourceQuota");
  return TIERS.filter(({ className }) => classes.has(className)).map(({ name, className }) => ({
    tier: name,
    deviceClass: className,
    ...count(devices.filter(({ tier }) => tier === name)),
    reservedByQuota: knowsQuotas ? reserved(cluster, className) : null,
  }));
}

/** What the quotas of all namespaces let in of a class together: of several in one namespace the smallest counts. */
function reserved({ limits }: PlannedCluster, className: string): number {
  const byNamespace = new Map<string, number>();
  for (const { kind, namespace, body } of limits) {
    const limit = kind === "ResourceQuota" ? hardOf(body).get(deviceCountKey(className)) : undefined;
    if (limit !== undefined) {
      byNamespace.set(namespace, Math.min(limit, byNamespace.get(namespace) ?? Number.POSITIVE_INFINITY));
    }
  }
  return [...byNamespace.values()].reduce((sum, limit) => sum + limit, 0);
}

function hardOf(quota: JsonObject): ReadonlyMap<string, number> {
  return quotaAmounts(objectAt(quota, "spec", "hard"));
}

/** What a device costs an hour: its part of its GPU's part of the node. Undefined where the price or the part is unknown. */
type Prices = ReadonlyMap<GpuDevice, number | undefined>;

function pricesOf({ nodes }: PlannedCluster, devices: readonly GpuDevice[]): Prices {
  const perGpu = new Map(
    nodes.map(({ name, usdPerHour, gpus }) => [name, usdPerHour === undefined || gpus === undefined ? undefined : usdPerHour / gpus.count]),
  );
  return new Map(
    devices.map((device) => {
      const price = perGpu.get(device.node);
      return [device, price === undefined || device.share === undefined ? undefined : price * device.share];
    }),
  );
}

function sumOf(devices: readonly GpuDevice[], prices: Prices): number {
  return roundUsd(devices.reduce((sum, device) => sum + (prices.get(device) ?? 0), 0));
}

/** Whether no pod uses what holds a device. */
function isIdle({ holder }: GpuDevice): boolean {
  return holder !== undefined && holder.users.length === 0;
}

function nodeCounts({ nodes, gaps }: PlannedCluster, devices: readonly GpuDevice[], prices: Prices, count: Count): Status["nodes"] {
  const byNode = groupBy(devices, ({ node }) => node);
  return nodes.flatMap(({ name, pool, usdPerHour, gpus }) => {
    const own = byNode.get(name);
    if (own === undefined && gpus === undefined) {
      return [];
    }
    const used = sumOf(
      (own ?? []).filter((device) => device.holder !== undefined && !isIdle(device)),
      prices,
    );
    const known = usdPerHour !== undefined;
    const knowsClaims = !gaps.some(({ kind }) => kind === "ResourceClaim");
    return [
      {
        ...{ node: name, pool, ...count(own ?? []) },
        usdPerHour: known ? usdPerHour : null,
        usdPerHourIdle: known && knowsClaims ? roundUsd(usdPerHour - used) : null,
      },
    ];
  });
}

function teamsOf(cluster: PlannedCluster, devices: readonly GpuDevice[], prices: Prices): readonly TeamStatus[] {
  const held = groupBy(
    devices.filter(({ holder }) => holder !== undefined),
    ({ holder }) => holder?.claim.namespace ?? "",
  );
  return [...new Set([...cluster.teams.keys(), ...held.keys()])].map((namespace) => {
    const own = held.get(namespace) ?? [];
    const quotas = quotasIn(cluster, namespace).map(({ body }) => hardOf(body));
    const used = usedAmounts(cluster, namespace);
    return {
      namespace,
      team: cluster.teams.get(namespace) ?? null,
      allocated: own.length,
      quota: Object.fromEntries(
        TIERS.map(({ name, className }) => {
          const key = deviceCountKey(className);
          const limit = Math.min(...quotas.map((hard) => hard.get(key) ?? Number.POSITIVE_INFINITY));
          return [name, Number.isFinite(limit) ? { limit, claimed: used.get(key) ?? 0 } : null];
        }),
      ),
      usdPerHourUsed: sumOf(
        own.filter((device) => !isIdle(device)),
        prices,
      ),
      usdPerHourIdle: sumOf(own.filter(isIdle), prices),
    };
  });
}

function idleClaims({ claims, gaps }: PlannedCluster, devices: readonly GpuDevice[], prices: Prices): Status["idleClaims"] {
  if (gaps.some(({ kind }) => kind === "ResourceClaim")) {
    return [];
  }
  const held = groupBy(devices, ({ holder }) => holder);
  return claims
    .filter(({ users, claim }) => users.length === 0 && claim.allocation !== undefined)
    .map((planned) => {
      const own = held.get(planned) ?? [];
      const unknown = own.some((device) => prices.get(device) === undefined);
      return {
        claim: `${planned.claim.namespace ?? ""}/${planned.claim.name}`,
        devices: planned.claim.allocation?.devices.length ?? 0,
        usdPerHour: unknown ? null : sumOf(own, prices),
      };
    });
}

function costOf({ nodes, gaps }: PlannedCluster, devices: readonly GpuDevice[], prices: Prices): Status["cost"] {
  const total = nodes.filter(({ gpus }) => gpus !== undefined).reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0);
  const used = sumOf(
    devices.filter((device) => device.holder !== undefined && !isIdle(device)),
    prices,
  );
  const heldIdle = sumOf(devices.filter(isIdle), prices);
  return {
    usdPerHour: roundUsd(total),
    ...(gaps.some(({ kind }) => kind === "ResourceClaim")
      ? { used: null, heldIdle: null, free: null }
      : { used, heldIdle, free: roundUsd(total - used - heldIdle) }),
    unpriced: nodes.filter(({ gpus, usdPerHour }) => gpus !== undefined && usdPerHour === undefined).map(({ name }) => name),
    source: PRICE_SOURCE,
  };
}
