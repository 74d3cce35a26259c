import { TIERS, tierProfile } from "../dra/tiers";
import type { TierName } from "../dra/tiers";
import type { GpuLayout, GpuModel } from "../hardware/types";
import { CONTAINER_DISK_GIB } from "../well-known/container-disk";
import { BUILT_IN_NAMESPACES, PLATFORM_NAMESPACES } from "../well-known/namespaces";
import { checkImage } from "./images";
import { checkDnsLabel, checkUnique, MAX_LABEL_LENGTH } from "./names";
import { nearestValues } from "./reading/nearest";
import { checkPrincipals } from "./principals";
import type { Report } from "./reading/problem";
import { DEFAULT_CHECKPOINTS_GIB } from "./schema";
import type { ShapedConfig } from "./schema";
import type { FashionMnist, GpuPool, Team } from "./types";

/** Namespaces of Kubernetes and of the platform. */
const RESERVED_NAMESPACES: readonly string[] = [...BUILT_IN_NAMESPACES, ...PLATFORM_NAMESPACES];

/** Groups that EKS reserves; among them system:masters, which may do everything. */
const RESERVED_GROUPS = /^(system|eks|aws|amazon|iam):/;

/** The teams. Without `pools` (they have problems of their own) it is not asked whether the slices exist. */
export function resolveTeams(
  raw: ShapedConfig["teams"],
  pools: readonly GpuPool[] | undefined,
  admins: readonly string[],
  report: Report,
): readonly Team[] | undefined {
  if (raw === undefined) {
    return undefined;
  }
  const keyOf = (index: number): string => `teams[${index}]`;
  checkUnique(
    raw.map(({ name }) => name),
    (index) => `${keyOf(index)}.name`,
    report,
  );
  return raw.map(({ name, slices, group, principalArns, pods, cpu, memoryGiB, storageGiB, objects, ...more }, index): Team => {
    const key = keyOf(index);
    if (checkDnsLabel(`${key}.name`, name, MAX_LABEL_LENGTH, report) && (RESERVED_NAMESPACES.includes(name) || name.startsWith("kube-"))) {
      report({
        key: `${key}.name`,
        value: name,
        reason: "Kubernetes or the platform has a namespace of this name",
        nearest: [`team-${name}`],
      });
    }
    if (group !== undefined && RESERVED_GROUPS.test(group)) {
      report({ key: `${key}.group`, value: group, reason: "EKS reserves groups that start with system:, eks:, aws:, amazon: or iam:" });
    }
    for (const tier of TIERS.filter((candidate) => slices[candidate.name] > 0)) {
      if (pools !== undefined && !provides(pools, tier.name)) {
        const reason = `no GPU pool has a ${tier.name} slice in its layout`;
        report({ key: `${key}.slices.${tier.name}`, value: slices[tier.name], reason, nearest: ["0"] });
      }
    }
    checkMembers(principalArns, group, admins, key, report);
    checkObjects(`${key}.objects`, objects, report);
    const ephemeralStorageGiB = more.ephemeralStorageGiB ?? pods * CONTAINER_DISK_GIB.limit;
    checkDisk(`${key}.ephemeralStorageGiB`, ephemeralStorageGiB, report);
    return { name, slices, group, principalArns, pods, cpu, memoryGiB, storageGiB, ephemeralStorageGiB, objects };
  });
}

/** Objects of each kind: enough for the platform's own, and few enough for etcd, which has 8 GiB on EKS, with ConfigMaps and Secrets of 1 MiB. */
const OBJECTS = { least: 10, most: 500 };

function checkObjects(key: string, value: number, report: Report): void {
  if (value < OBJECTS.least) {
    const reason = `the platform and its example workloads need some of them. At least ${OBJECTS.least}`;
    report({ key, value, reason, nearest: [String(OBJECTS.least)] });
  }
  if (value > OBJECTS.most) {
    const reason = `that many ConfigMaps and Secrets of 1 MiB would fill the database of the cluster. At most ${OBJECTS.most}`;
    report({ key, value, reason, nearest: [String(OBJECTS.most)] });
  }
}

function checkDisk(key: string, value: number, report: Report): void {
  if (value < CONTAINER_DISK_GIB.limit) {
    const reason = `a container that names no limit gets ${CONTAINER_DISK_GIB.limit} GiB, so no pod would fit`;
    report({ key, value, reason, nearest: [String(CONTAINER_DISK_GIB.limit)] });
  }
}

/** The members of a team. EKS takes one access entry for a principal, so that an administrator cannot be a team's member too. */
function checkMembers(arns: readonly string[], group: string | undefined, admins: readonly string[], team: string, report: Report): void {
  const list = `${team}.principalArns`;
  checkPrincipals(arns, list, report);
  if (arns.length > 0 && group === undefined) {
    report({ key: `${team}.group`, reason: "it is not set. Name the group whose members principalArns are" });
  }
  arns.forEach((arn, index) => {
    if (admins.includes(arn)) {
      report({
        key: `${list}[${index}]`,
        value: arn,
        reason: "it is in adminPrincipalArns too, and EKS accepts one access entry per principal",
      });
    }
  });
}

type DeployedFashionMnist = FashionMnist & { readonly type: "deployed" };

/** The example workloads: one pod on a slice of each tier, in a team's namespace and within its quota. */
export function resolveFashionMnist(
  raw: ShapedConfig["fashionMnist"],
  teams: readonly Team[] | undefined,
  pools: readonly GpuPool[] | undefined,
  report: Report,
): FashionMnist | undefined {
  if (raw === undefined || raw.type === "none") {
    return raw;
  }
  checkImage("fashionMnist.image", raw.image, report);
  const team = teams?.find(({ name }) => name === raw.team);
  const workloads = { ...raw, checkpoints: raw.checkpoints ?? defaultCheckpoints(team, pools ?? []) };
  if (teams !== undefined) {
    checkWorkloadTeam(workloads, teams, report);
  }
  if (pools !== undefined && raw.colocate && !pools.some(({ layout }) => layout.gpus.some((gpu) => holdsEveryTier(gpu, layout.model)))) {
    const reason = "no GPU pool has a layout with a large, a medium and a small slice on one physical GPU";
    report({ key: "fashionMnist.colocate", value: true, reason, nearest: ["false"] });
  }
  return workloads;
}

/** Shared where the pods can be on one node and the team has the storage: the inference then serves what the training learns. */
function defaultCheckpoints(team: Team | undefined, pools: readonly GpuPool[]): DeployedFashionMnist["checkpoints"] {
  const onOneNode = pools.some((pool) => TIERS.every((tier) => provides([pool], tier.name)));
  const fits = team !== undefined && team.storageGiB >= DEFAULT_CHECKPOINTS_GIB;
  return onOneNode && fits ? { type: "shared", sizeGiB: DEFAULT_CHECKPOINTS_GIB } : { type: "perPod" };
}

function checkWorkloadTeam({ team: name, checkpoints }: DeployedFashionMnist, teams: readonly Team[], report: Report): void {
  const key = "fashionMnist.team";
  const team = teams.find((candidate) => candidate.name === name);
  if (team === undefined) {
    const names = teams.map((candidate) => candidate.name);
    report({
      key,
      value: name,
      reason: `no entry of teams has this name (${names.join(", ") || "there are none"})`,
      nearest: nearestValues(name, names),
    });
    return;
  }
  const missing = TIERS.filter((tier) => team.slices[tier.name] === 0).map((tier) => tier.name);
  if (missing.length > 0) {
    report({
      key,
      value: name,
      reason: `the workloads need a slice of each tier, and this team's quota has none of ${missing.join(", ")}`,
    });
  }
  if (checkpoints.type === "shared" && checkpoints.sizeGiB > team.storageGiB) {
    report({
      key: "fashionMnist.checkpoints.sizeGiB",
      value: checkpoints.sizeGiB,
      reason: `the quota of team ${name} has ${team.storageGiB} GiB of storage. Raise storageGiB of the team, or lower this`,
      ...(team.storageGiB > 0 ? { nearest: [String(team.storageGiB)] } : {}),
    });
  }
}

function provides(pools: readonly GpuPool[], tier: TierName): boolean {
  return pools.some(({ layout }) => layout.gpus.some((gpu) => holds(gpu, layout.model, tier)));
}

function holdsEveryTier(gpu: GpuLayout, model: GpuModel): boolean {
  return TIERS.every((tier) => holds(gpu, model, tier.name));
}

function holds(gpu: GpuLayout, model: GpuModel, tier: TierName): boolean {
  const wanted = tierProfile(tier, model)?.name;
  return wanted !== undefined && gpu.type === "mig" && gpu.placements.some(({ profile }) => profile.name === wanted);
}
