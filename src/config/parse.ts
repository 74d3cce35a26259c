import { defaultRelease } from "../releases/find";
import { resolveAccess } from "./access";
import { checkAddresses } from "./addresses";
import { resolveRelease } from "./charts";
import { resolveClusterName, resolveControlPlane, resolveRegion, resolveTags } from "./control-plane";
import { checkGpuModels } from "./gpu-models";
import { checkImage } from "./images";
import { resolveMonitoring } from "./monitoring/monitoring";
import { resolveNetwork } from "./network";
import { resolveGpuPools, resolveSystemPool } from "./pools";
import { checkPartition } from "./principals";
import type { Problem } from "./reading/problem";
import { resolveOvercommitments } from "./quotas";
import type { RawConfig } from "./schema";
import { shapeConfig } from "./reading/shape";
import { resolveFashionMnist, resolveTeams } from "./teams";
import type { StackConfig } from "./types";

export { formatProblem, formatProblems } from "./reading/problem";
export type { Problem } from "./reading/problem";
export type { RawConfig } from "./schema";

/** A configuration that is legal in every part, or everything that is wrong with it. */
export type ParseResult =
  { readonly type: "config"; readonly config: StackConfig } | { readonly type: "invalid"; readonly problems: readonly Problem[] };

/**
 * Turns what a stack says into a StackConfig. Never throws; tells every problem at once, as far as one does not hide another
 * (a GPU pool whose instance type is unknown has no layout to check).
 */
export function parseConfig(raw: RawConfig): ParseResult {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);

  const shaped = shapeConfig(raw, report);
  const region = resolveRegion(shaped.region, report);
  const network = resolveNetwork(shaped, region, report);
  const release = resolveRelease(shaped, report);
  const gpuPools = resolveGpuPools(shaped.gpuPools, shaped.availabilityZones, release?.release ?? defaultRelease(), report);
  if (gpuPools !== undefined && release !== undefined) {
    checkGpuModels(gpuPools, release.charts.gpuOperator, report);
  }
  // With a pool missing from the list, what its slices are for cannot be judged.
  const knownPools = gpuPools?.length === shaped.gpuPools?.length ? gpuPools : undefined;
  const teams = resolveTeams(shaped.teams, knownPools, shaped.adminPrincipalArns ?? [], report);
  if (region !== undefined) {
    checkPartition(shaped.adminPrincipalArns ?? [], "adminPrincipalArns", region, report);
    (shaped.teams ?? []).forEach(({ principalArns = [] }, index) => {
      checkPartition(principalArns, `teams[${index}].principalArns`, region, report);
    });
  }
  const systemPool = resolveSystemPool(shaped.systemPool, report);
  if (network !== undefined && systemPool !== undefined && knownPools !== undefined && problems.length === 0) {
    checkAddresses(network, systemPool, knownPools, report);
  }
  const { overcommit } = shaped;
  const comparable = teams !== undefined && knownPools !== undefined && overcommit !== undefined;
  const overcommitments = comparable ? resolveOvercommitments(teams, knownPools, overcommit, report) : undefined;
  if (shaped.partitionGate !== undefined) {
    checkImage("partitionGate.image", shaped.partitionGate.image, report);
  }

  const config = complete({
    clusterName: resolveClusterName(shaped.clusterName, report),
    region,
    tags: resolveTags(shaped.tags, report),
    network,
    apiServerAccess: shaped.apiServerAccess === undefined ? undefined : resolveAccess(shaped.apiServerAccess, report),
    controlPlane: resolveControlPlane(shaped, report),
    systemPool,
    gpuPools,
    release: release?.release,
    charts: release?.charts,
    teams,
    overcommitments,
    fashionMnist: resolveFashionMnist(shaped.fashionMnist, teams, knownPools, report),
    partitionGate: shaped.partitionGate,
    monitoring: resolveMonitoring(
      shaped.monitoring,
      { raw, network, teams: shaped.teams?.map(({ name }) => name), chart: release?.charts.kubePrometheusStack },
      report,
    ),
  });
  return config !== undefined && problems.length === 0 ? { type: "config", config } : { type: "invalid", problems };
}

type Complete<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** The record, or undefined while one of its fields is. */
function complete<T extends object>(parts: T): Complete<T> | undefined {
  return Object.values(parts).includes(undefined) ? undefined : (parts as Complete<T>);
}
