/** What still has to be done, checked or known before `pulumi up`. */
import { VCPU_QUOTAS } from "../../hardware/vcpu-quotas";
import { EXTENDED_SUPPORT_USD_PER_HOUR } from "../../releases/eks-support";
import type { SupportPhase } from "../../releases/eks-support";
import { upgradePath } from "../../releases/upgrade-path";
import type { Release } from "../../releases/types";
import type { Group } from "../recorded/nodes";
import type { PlainMap, Recording } from "../monitor/recording";
import type { CapacityType } from "../../well-known/capacity-types";
import { EKS_CLUSTER } from "../../well-known/resource-types";
import type { Todo } from "./report";

export interface DeployContext {
  readonly recording: Recording;
  readonly region: string;
  /** Whether the stack leaves open who may reach the API server, and the rehearsal took `private`. */
  readonly accessUnset: boolean;
  /** Keys whose encrypted values the rehearsal could not read. */
  readonly encrypted: readonly string[];
  /** ESC environments that the rehearsal could not read. */
  readonly environments: readonly string[];
  readonly release: Release | undefined;
  readonly supportType: "STANDARD" | "EXTENDED";
  /** Node groups by instance type: nodes wanted now and at most, and how they are bought. */
  readonly groups: readonly Group[];
  /** Where the Kubernetes version is in its life. */
  readonly support: SupportPhase | undefined;
  /** The day by which support is judged. */
  readonly date: Date;
}

/** The list, most urgent first. */
export function beforeYouDeploy(context: DeployContext): readonly Todo[] {
  return [
    ...access(context),
    ...unread(context),
    ...quotas(context),
    ...offerings(context),
    ...capacity(context),
    ...support(context),
    ...deletion(context),
  ];
}

function access({ accessUnset, recording }: DeployContext): readonly Todo[] {
  if (!accessUnset) {
    return [];
  }
  const { stack } = recording;
  return [
    {
      title: "Choose who can reach the Kubernetes API server",
      detail:
        "apiServerAccess is not set, and `pulumi up` stops without it. The rehearsal used `private`, which allows only the VPC and networks connected to it. Pulumi must then run there. The second command allows your own address too.",
      commands: [
        `pulumi config set apiServerAccess private --stack ${stack}`,
        `pulumi config set apiServerAccess "$(curl -s https://checkip.amazonaws.com)/32" --stack ${stack}`,
      ],
    },
  ];
}

function unread({ encrypted, environments, recording }: DeployContext): readonly Todo[] {
  const values = encrypted.map((key) => ({
    title: `Check the secret setting ${key}`,
    detail: "Its value is encrypted, so the rehearsal ran with a placeholder.",
    commands: [`pulumi config get ${key} --stack ${recording.stack}`],
  }));
  const imports = environments.map((name) => ({
    title: `Check the environment ${name}`,
    detail: "The stack imports it from Pulumi ESC. The rehearsal ran without its settings.",
    commands: [`pulumi env open ${name}`],
  }));
  return [...values, ...imports];
}

/** What a way of buying means for an account. */
const PURCHASES: Readonly<Record<CapacityType, { readonly countsAgainstQuota: boolean; readonly mayBeShort: boolean }>> = {
  ON_DEMAND: { countsAgainstQuota: true, mayBeShort: true },
  SPOT: { countsAgainstQuota: true, mayBeShort: false },
  CAPACITY_BLOCK: { countsAgainstQuota: false, mayBeShort: false },
};

function quotas({ groups, region }: DeployContext): readonly Todo[] {
  const counted = groups.filter((group) => PURCHASES[group.capacityType].countsAgainstQuota);
  return VCPU_QUOTAS.flatMap(({ families, code, name, startsAt }) => {
    const own = counted.filter((group) => families.test(group.instanceType.name));
    const desired = own.reduce((sum, group) => sum + group.desired * group.instanceType.vcpus, 0);
    const max = own.reduce((sum, group) => sum + group.max * group.instanceType.vcpus, 0);
    if (max === 0) {
      return [];
    }
    const types = [...new Set(own.map((group) => group.instanceType.name))].join(", ");
    const now = max === desired ? "" : ` (${desired} for the desired nodes, ${max} when the pools are at their maximum)`;
    return [
      {
        title: `Get a quota of ${max} vCPUs for "${name}"`,
        detail: `Quota ${code} in ${region}, for ${types}${now}. ${startsAt}, and an increase takes hours to days.`,
        commands: [
          `aws service-quotas get-service-quota --service-code ec2 --quota-code ${code} --region ${region} --query Quota.Value`,
          `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${code} --region ${region} --desired-value ${max}`,
        ],
      },
    ];
  });
}

function offerings({ groups, region }: DeployContext): readonly Todo[] {
  const types = [...new Set(groups.filter((group) => group.instanceType.gpus.type === "mig").map((group) => group.instanceType.name))];
  return types.map((type) => ({
    title: `Check which zones offer ${type}`,
    detail: `Only AWS can tell. The rehearsal assumed that every zone of ${region} does. The program asks AWS, and stops before it creates a resource if none of the stack's zones does.`,
    commands: [
      `aws ec2 describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=${type} --region ${region} --query 'InstanceTypeOfferings[].Location'`,
    ],
  }));
}

function capacity({ groups }: DeployContext): readonly Todo[] {
  const onDemand = groups.filter(
    (group) => group.instanceType.gpus.type === "mig" && PURCHASES[group.capacityType].mayBeShort && group.max > 0,
  );
  if (onDemand.length === 0) {
    return [];
  }
  return [
    {
      title: `Expect "insufficient capacity" for ${[...new Set(onDemand.map((group) => group.instanceType.name))].join(", ")}`,
      detail: `On-demand GPU instances are not always available, and a quota is no reservation. Pools ${onDemand.map((group) => group.pool).join(", ")} never fall back to Spot, because an interruption takes the slices of every team on the node. To be sure, buy a capacity block (capacity.type: capacityBlock).`,
      commands: [],
    },
  ];
}

/** Days of warning before a Kubernetes version leaves a phase of its support. */
const SUPPORT_WARNING_DAYS = 120;

function support({ recording, release, supportType, support: phase, date }: DeployContext): readonly Todo[] {
  const when = phase && ending(phase);
  if (release === undefined || when === undefined) {
    return [];
  }
  const then =
    supportType === "EXTENDED"
      ? `The stack stays on the version in extended support until ${release.extendedSupportEnds}, at ${EXTENDED_SUPPORT_USD_PER_HOUR.toFixed(2)} USD more per hour.`
      : "With supportType STANDARD, EKS then upgrades the control plane by itself.";
  const path = upgradePath(release.kubernetesVersion, date);
  const [next] = path;
  const how =
    next === undefined
      ? "This project has no later version: update it."
      : `A new stack can start with ${path.at(-1) ?? next}. A running cluster goes one version at a time: ${path.join(", then ")}.`;
  return [
    {
      title: `Plan the upgrade from Kubernetes ${release.kubernetesVersion}`,
      detail: `${when} ${phase?.type === "ended" ? "EKS upgrades the control plane by itself." : then} ${how}`,
      commands: next === undefined ? [] : [`pulumi config set kubernetesVersion ${next} --stack ${recording.stack}`],
    },
  ];
}

/** A sentence about a support that ends soon or has ended. */
function ending(phase: SupportPhase): string | undefined {
  switch (phase.type) {
    case "standard":
      return phase.days > SUPPORT_WARNING_DAYS
        ? undefined
        : `Its standard support on EKS ends on ${phase.ends}, in ${phase.days} ${phase.days === 1 ? "day" : "days"}.`;
    case "extended":
      return `Its standard support on EKS ended on ${phase.standardEnded}.`;
    case "ended":
      return `Its support on EKS ended on ${phase.ended}.`;
  }
}

function deletion({ recording }: DeployContext): readonly Todo[] {
  const cluster = recording.resources.find((resource) => resource.type === EKS_CLUSTER);
  if (cluster === undefined) {
    return [];
  }
  const isProtected = (cluster.inputs as PlainMap).deletionProtection === true;
  return [
    isProtected
      ? {
          title: "Know how to destroy it",
          detail: "deletionProtection is on: AWS refuses to delete the cluster until it is off.",
          commands: [
            `pulumi config set deletionProtection false --stack ${recording.stack} && pulumi up --stack ${recording.stack} && pulumi destroy --stack ${recording.stack}`,
          ],
        }
      : {
          title: "Turn deletion protection on for anything but a trial",
          detail: "deletionProtection is off: `pulumi destroy` deletes the cluster without asking again.",
          commands: [`pulumi config set deletionProtection true --stack ${recording.stack}`],
        },
  ];
}
