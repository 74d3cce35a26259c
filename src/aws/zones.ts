/** Where the pools can be: the availability zones of the stack held against what AWS has in the account's region. */
import { getInstanceTypeOfferings } from "@pulumi/aws/ec2/getInstanceTypeOfferings";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import { RunError } from "@pulumi/pulumi";
import type { InvokeOptions } from "@pulumi/pulumi";
import type { Problem } from "../config/reading/problem";
import { formatProblems } from "../config/reading/problem";
import type { GpuPool, StackConfig } from "../config/types";

/** A GPU pool and the zone that all its nodes are in. */
export interface PlacedGpuPool {
  readonly pool: GpuPool;
  readonly zone: string;
}

/** The answer of `lookupZones`. */
export interface ResolvedZones {
  /** In the order of the configuration. */
  readonly gpuPools: readonly PlacedGpuPool[];
}

/** What AWS says of the region. */
export interface ZoneFacts {
  /** The zones of the region, without Local Zones and Wavelength Zones. */
  readonly zones: readonly {
    /** As this account calls it: `us-east-1a`. Accounts differ in which zone a name means. */
    readonly name: string;
    /** The same in every account: `use1-az4`. */
    readonly id: string;
  }[];
  /** Names of the zones that offer an instance type, by the type's name. An offering is no promise of capacity. */
  readonly offerings: ReadonlyMap<string, readonly string[]>;
}

type ZoneConfig = Pick<StackConfig, "region" | "network" | "systemPool" | "gpuPools">;

/**
 * Zone ids in which EKS puts no control plane network interfaces, so that a subnet there fails the cluster's creation.
 * Source: Amazon EKS user guide, "VPC and subnet requirements", 2026-11.
 */
const ZONES_WITHOUT_CONTROL_PLANE: readonly string[] = ["use1-az3", "usw1-az2", "cac1-az3"];

const list = (zones: readonly string[]): string => (zones.length === 0 ? "none" : zones.join(", "));

/**
 * Decides the zone of every GPU pool, or reports every problem: a zone that the region does not have, one that cannot hold the control plane, one without
 * the system pool's instance type, a pinned zone that does not offer the pool's type, a type that no zone of the stack offers.
 * A pool that is not pinned gets the first zone of `network.availabilityZones` that offers its type.
 */
export function resolveZones(
  config: ZoneConfig,
  facts: ZoneFacts,
): { readonly type: "resolved"; readonly zones: ResolvedZones } | { readonly type: "invalid"; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const configured = config.network.availabilityZones;
  const offeredIn = (instanceType: string): readonly string[] => facts.offerings.get(instanceType) ?? [];
  const usable = facts.zones.filter(({ id }) => !ZONES_WITHOUT_CONTROL_PLANE.includes(id)).map(({ name }) => name);

  configured.forEach((name, index) => {
    const key = `availabilityZones[${index}]`;
    const zone = facts.zones.find((candidate) => candidate.name === name);
    const systemType = config.systemPool.instanceType.name;
    if (zone === undefined) {
      problems.push({ key, value: name, reason: `${config.region} has no such zone for this account`, nearest: usable });
    } else if (ZONES_WITHOUT_CONTROL_PLANE.includes(zone.id)) {
      problems.push({
        key,
        value: name,
        reason: `it is ${zone.id} in this account, where EKS cannot put a control plane`,
        nearest: usable,
      });
    } else if (!offeredIn(systemType).includes(name)) {
      const nearest = offeredIn(systemType).filter((offering) => usable.includes(offering));
      problems.push({ key, value: name, reason: `it does not offer ${systemType}, the instance type of systemPool`, nearest });
    }
  });

  const gpuPools: PlacedGpuPool[] = [];
  config.gpuPools.forEach((pool, index) => {
    const type = pool.instanceType.name;
    const offering = configured.filter((zone) => offeredIn(type).includes(zone));
    const elsewhere = offeredIn(type).filter((zone) => usable.includes(zone));
    const zone = pool.availabilityZone ?? offering[0];
    if (zone === undefined) {
      const reason = `no zone of availabilityZones (${list(configured)}) offers it; zones of ${config.region} that do: ${list(elsewhere)}`;
      problems.push({ key: `gpuPools[${index}].instanceType`, value: type, reason });
    } else if (!offering.includes(zone)) {
      const reason = `it does not offer ${type}; zones of ${config.region} that do: ${list(elsewhere)}`;
      problems.push({ key: `gpuPools[${index}].availabilityZone`, value: zone, reason, nearest: offering });
    } else {
      gpuPools.push({ pool, zone });
    }
  });

  return problems.length > 0 ? { type: "invalid", problems } : { type: "resolved", zones: { gpuPools } };
}

/**
 * Asks AWS for the region's zones and for what each offers, and decides the zone of every GPU pool. Await it before the first resource: it
 * throws `RunError` with every problem, so that nothing has been registered when the configuration cannot be met.
 */
export async function lookupZones(config: ZoneConfig, opts?: InvokeOptions): Promise<ResolvedZones> {
  const types = new Set([config.systemPool, ...config.gpuPools].map(({ instanceType }) => instanceType.name));
  const [available, offerings] = await Promise.all([
    // Local Zones and Wavelength Zones are other zone types; neither can hold a control plane.
    getAvailabilityZones({ filters: [{ name: "zone-type", values: ["availability-zone"] }] }, opts),
    Promise.all(
      [...types].map(async (type) => {
        const answer = await getInstanceTypeOfferings(
          { locationType: "availability-zone", filters: [{ name: "instance-type", values: [type] }] },
          opts,
        );
        return [type, [...answer.locations].sort()] as const;
      }),
    ),
  ]);
  const zones = available.names.map((name, index) => ({ name, id: available.zoneIds[index] ?? "" }));
  const answer = resolveZones(config, { zones, offerings: new Map(offerings) });
  if (answer.type === "invalid") throw new RunError(formatProblems(answer.problems));
  return answer.zones;
}
