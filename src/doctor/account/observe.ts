/** Asks an account of AWS, with calls that change nothing, and reads the answers. What is not as AWS documents it is named, and not taken for anything. */
import { z } from "zod";
import { VCPU_QUOTAS } from "../../hardware/vcpu-quotas";
import type { VcpuQuota } from "../../hardware/vcpu-quotas";
import type { Declaration } from "../declaration";
import { RESERVATION_STATES } from "./account";
import type { Account, Instance, Quota, Reading, Reservation, ReservationState, Subnet } from "./account";

/** What the AWS CLI has said. */
export type AwsAnswer =
  | { readonly type: "answer"; readonly json: unknown }
  /** In its words. */
  | { readonly type: "failed"; readonly reason: string };

/** Runs the AWS CLI. @param args without the name of the program, the region and the form of the output. */
export type AwsCli = (...args: readonly string[]) => Promise<AwsAnswer>;

/** The quotas that count instances of a stack. */
export function quotasOf({ nodeGroups }: Pick<Declaration, "nodeGroups">): readonly VcpuQuota[] {
  return VCPU_QUOTAS.filter(({ families }) =>
    nodeGroups.some(({ instanceType, capacityType }) => capacityType === "ON_DEMAND" && families.test(instanceType.name)),
  );
}

export async function observeAccount(aws: AwsCli, declaration: Declaration): Promise<Account> {
  const types = VCPU_QUOTAS.filter(({ families }) => declaration.nodeGroups.some(({ instanceType }) => families.test(instanceType.name)));
  const [subnets, instances, reservations, quotas] = await Promise.all([
    subnetsOf(aws, declaration.clusterName),
    instancesOf(
      aws,
      types.flatMap(({ beginnings }) => beginnings),
    ),
    reservationsOf(
      aws,
      declaration.reservations.map(({ id }) => id),
    ),
    Promise.all(quotasOf(declaration).map((quota) => quotaOf(aws, quota))),
  ]);
  return { subnets, instances, reservations, quotas };
}

/** An answer is whole: the CLI reads all pages itself. */
const WHOLE = { NextToken: z.undefined().optional() };

const CLUSTER = z.object({ cluster: z.object({ resourcesVpcConfig: z.object({ subnetIds: z.array(z.string()).min(1) }) }) });

const SUBNETS = z.object({
  Subnets: z.array(
    z.object({
      SubnetId: z.string().regex(/^subnet-[0-9a-f]+$/),
      AvailabilityZone: z.string(),
      AvailableIpAddressCount: z.int().nonnegative(),
    }),
  ),
  ...WHOLE,
});

async function subnetsOf(aws: AwsCli, clusterName: string): Promise<Reading<readonly Subnet[]>> {
  const cluster = read(await aws("eks", "describe-cluster", "--name", clusterName), CLUSTER);
  if (cluster.type === "unread") {
    return cluster;
  }
  const { subnetIds } = cluster.value.cluster.resourcesVpcConfig;
  const found = mapped(read(await aws("ec2", "describe-subnets", "--subnet-ids", ...subnetIds), SUBNETS), ({ Subnets }) =>
    Subnets.map(({ SubnetId, AvailabilityZone, AvailableIpAddressCount }) => ({
      ...{ id: SubnetId, zone: AvailabilityZone, free: AvailableIpAddressCount },
    })),
  );
  return complete(found, subnetIds);
}

const INSTANCES = z.object({
  Reservations: z.array(
    z.object({
      Instances: z.array(
        z.object({
          InstanceId: z.string().regex(/^i-[0-9a-f]+$/),
          InstanceType: z.string(),
          // Only instances that are not On-Demand ones have it.
          InstanceLifecycle: z.enum(["spot", "scheduled", "capacity-block", "interruptible-capacity-reservation"]).optional(),
          CpuOptions: z.object({ CoreCount: z.int().positive(), ThreadsPerCore: z.int().positive() }),
          Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
        }),
      ),
    }),
  ),
  ...WHOLE,
});

/** The tag by which EKS marks the nodes of its node groups. */
const CLUSTER_TAG = "eks:cluster-name";

async function instancesOf(aws: AwsCli, beginnings: readonly string[]): Promise<Reading<readonly Instance[]>> {
  const filters = [
    "Name=instance-state-name,Values=pending,running",
    `Name=instance-type,Values=${beginnings.map((each) => `${each}*`).join(",")}`,
  ];
  return mapped(read(await aws("ec2", "describe-instances", "--filters", ...filters), INSTANCES), ({ Reservations }) =>
    Reservations.flatMap(({ Instances }) =>
      Instances.map(({ InstanceId, InstanceType, InstanceLifecycle, CpuOptions, Tags }) => ({
        id: InstanceId,
        type: InstanceType,
        vcpus: CpuOptions.CoreCount * CpuOptions.ThreadsPerCore,
        isOnDemand: InstanceLifecycle === undefined,
        cluster: Tags.find(({ Key }) => Key === CLUSTER_TAG)?.Value,
      })),
    ),
  );
}

const QUOTA = z.object({
  Quota: z.object({ QuotaCode: z.string(), Value: z.number().nonnegative(), ErrorReason: z.undefined().optional() }),
});

async function quotaOf(aws: AwsCli, quota: VcpuQuota): Promise<Quota> {
  const name = ["--service-code", "ec2", "--quota-code", quota.code];
  const applied = await aws("service-quotas", "get-service-quota", ...name);
  // An account that never had another value has none of its own ("GetServiceQuota", API reference of Service Quotas).
  const isDefault = applied.type === "failed" && applied.reason.includes("NoSuchResourceException");
  const answer = read(isDefault ? await aws("service-quotas", "get-aws-default-service-quota", ...name) : applied, QUOTA);
  return {
    quota,
    value:
      answer.type === "read" && answer.value.Quota.QuotaCode !== quota.code
        ? { type: "unread", reason: `the answer is about ${answer.value.Quota.QuotaCode}` }
        : mapped(answer, ({ Quota: { Value } }) => Value),
  };
}

const RESERVATIONS = z.object({
  CapacityReservations: z.array(
    z
      .object({
        CapacityReservationId: z.string(),
        State: z.enum(Object.keys(RESERVATION_STATES) as [ReservationState, ...ReservationState[]]),
        InstanceType: z.string(),
        TotalInstanceCount: z.int().nonnegative(),
        EndDateType: z.enum(["limited", "unlimited"]),
        EndDate: z.iso.datetime({ offset: true }).optional(),
      })
      .refine(({ EndDateType, EndDate }) => EndDateType === "unlimited" || EndDate !== undefined, {
        message: "EndDateType is limited, and there is no EndDate",
      }),
  ),
  ...WHOLE,
});

async function reservationsOf(aws: AwsCli, ids: readonly string[]): Promise<Reading<readonly Reservation[]>> {
  if (ids.length === 0) {
    return { type: "read", value: [] };
  }
  const answer = read(await aws("ec2", "describe-capacity-reservations", "--capacity-reservation-ids", ...ids), RESERVATIONS);
  const found = mapped(answer, ({ CapacityReservations }) =>
    CapacityReservations.map(({ CapacityReservationId, State, InstanceType, TotalInstanceCount, EndDateType, EndDate = "" }) => ({
      ...{ id: CapacityReservationId, state: State, instanceType: InstanceType, instances: TotalInstanceCount },
      endsAt: EndDateType === "limited" ? Date.parse(EndDate) : undefined,
    })),
  );
  return complete(found, ids);
}

/** Of what an answer leaves out nothing is known. */
function complete<T extends { readonly id: string }>(found: Reading<readonly T[]>, ids: readonly string[]): Reading<readonly T[]> {
  const missing = found.type === "read" ? ids.filter((id) => !found.value.some((each) => each.id === id)) : [];
  return missing.length === 0 ? found : { type: "unread", reason: `the answer does not have ${missing.join(", ")}` };
}

function read<T>(answer: AwsAnswer, schema: z.ZodType<T>): Reading<T> {
  if (answer.type === "failed") {
    return { type: "unread", reason: answer.reason };
  }
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) {
    return { type: "read", value: parsed.data };
  }
  const [issue] = parsed.error.issues;
  return { type: "unread", reason: `the answer is not as AWS documents it: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` };
}

function mapped<T, U>(reading: Reading<T>, change: (value: T) => U): Reading<U> {
  return reading.type === "unread" ? reading : { type: "read", value: change(reading.value) };
}
