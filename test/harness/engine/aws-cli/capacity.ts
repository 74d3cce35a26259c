/**
 * What an account has room for, as the AWS CLI prints it: subnets, quotas, reservations, and its running instances.
 * Forms: the examples of the AWS CLI (aws/aws-cli, `awscli/examples/{ec2,eks,service-quotas}`) and the API references of EC2, EKS and Service Quotas (read 2026-11-29).
 */
import type { Call } from "./parse";
import { parseFilter } from "./parse";
import { Refusal } from "./refusal";

export interface CapacityState {
  readonly clusterName: string;
  readonly subnets: { readonly id: string; readonly zone: string; free: number }[];
  /** Interfaces that nothing uses. Each keeps some addresses. */
  readonly interfaces: { readonly id: string; readonly subnet: string; readonly addresses: number }[];
  readonly instances: {
    readonly id: string;
    readonly type: string;
    readonly cores: number;
    readonly lifecycle?: string;
    readonly cluster?: string;
  }[];
  /** By code, with the value that AWS gives every account, and the one that this account was given. */
  readonly quotas: Map<string, { readonly name: string; readonly byDefault: number; own?: number }>;
  readonly reservations: { readonly id: string; state: string; readonly type: string; readonly count: number; endDate?: string }[];
}

const ACCOUNT = "123456789012";
const REGION = "us-east-1";

/** Undefined: it is no call about capacity. @throws Refusal */
export function capacityAnswer({ operation, options }: Call, state: CapacityState): object | undefined {
  const one = (name: string) => options.get(name)?.[0] ?? "";
  switch (operation) {
    case "eks describe-cluster":
      return cluster(one("name"), state);
    case "ec2 describe-subnets":
      return { Subnets: (options.get("subnet-ids") ?? state.subnets.map(({ id }) => id)).map((id) => subnet(id, state)) };
    case "ec2 describe-network-interfaces":
      return { NetworkInterfaces: filtered(options, state.interfaces, interfaceFields).map(networkInterface) };
    case "ec2 describe-instances":
      return {
        Reservations: filtered(options, state.instances, instanceFields).map((each) => ({ Groups: [], Instances: [instance(each)] })),
      };
    case "service-quotas get-service-quota":
    case "service-quotas get-aws-default-service-quota":
    case "service-quotas request-service-quota-increase":
      return quota(operation, one, state);
    case "ec2 describe-capacity-reservations":
      return { CapacityReservations: (options.get("capacity-reservation-ids") ?? []).map((id) => reservation(id, state)) };
    case "ec2 describe-capacity-block-extension-offerings":
      reservation(one("capacity-reservation-id"), state);
      return { CapacityBlockExtensionOfferings: [] };
    default:
      return undefined;
  }
}

function cluster(name: string, { clusterName, subnets }: CapacityState): object {
  if (name !== clusterName) {
    throw new Refusal(`(ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: ${name}.`);
  }
  return {
    cluster: {
      name,
      arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${name}`,
      status: "ACTIVE",
      resourcesVpcConfig: { subnetIds: subnets.map(({ id }) => id) },
    },
  };
}

function subnet(id: string, { subnets }: CapacityState): object {
  const found = subnets.find((each) => each.id === id);
  if (found === undefined) {
    throw new Refusal(`(InvalidSubnetID.NotFound) when calling the DescribeSubnets operation: The subnet ID '${id}' does not exist`);
  }
  return {
    ...{ SubnetId: id, AvailabilityZone: found.zone, AvailableIpAddressCount: found.free, CidrBlock: "10.0.0.0/19", State: "available" },
    ...{ VpcId: "vpc-a01106c2", DefaultForAz: false, MapPublicIpOnLaunch: false, AssignIpv6AddressOnCreation: false, Tags: [] },
  };
}

type Fields = Readonly<Record<string, string>>;

const interfaceFields = ({ subnet: id }: CapacityState["interfaces"][number]): Fields => ({ "subnet-id": id, status: "available" });

const instanceFields = ({ type }: CapacityState["instances"][number]): Fields => ({
  "instance-type": type,
  "instance-state-name": "running",
});

/** Values of filters can have an asterisk. */
function filtered<T>(options: Call["options"], things: readonly T[], fieldsOf: (thing: T) => Fields): readonly T[] {
  return (options.get("filters") ?? []).map(parseFilter).reduce<readonly T[]>(
    (left, { name, values }) =>
      left.filter((thing) => {
        const field = fieldsOf(thing)[name];
        if (field === undefined) {
          throw new Refusal(`(InvalidParameterValue): The filter '${name}' is invalid`);
        }
        return values.some((value) => (value.endsWith("*") ? field.startsWith(value.slice(0, -1)) : field === value));
      }),
    things,
  );
}

function networkInterface({ id, subnet: subnetId }: CapacityState["interfaces"][number]): object {
  return { NetworkInterfaceId: id, SubnetId: subnetId, Status: "available", InterfaceType: "interface", OwnerId: ACCOUNT };
}

function instance({ id, type, cores, lifecycle, cluster: name }: CapacityState["instances"][number]): object {
  return {
    ...{ InstanceId: id, InstanceType: type, State: { Code: 16, Name: "running" }, CpuOptions: { CoreCount: cores, ThreadsPerCore: 2 } },
    ...(lifecycle === undefined ? {} : { InstanceLifecycle: lifecycle }),
    Tags: name === undefined ? [] : [{ Key: "eks:cluster-name", Value: name }],
  };
}

function quota(operation: string, one: (name: string) => string, { quotas }: CapacityState): object {
  const code = one("quota-code");
  const found = quotas.get(code);
  const value = operation === "service-quotas get-aws-default-service-quota" ? found?.byDefault : found?.own;
  if (one("service-code") !== "ec2" || found === undefined) {
    throw new Refusal(
      "(NoSuchResourceException) when calling the operation: The request failed because the specified service does not exist.",
    );
  }
  if (operation === "service-quotas request-service-quota-increase") {
    const wanted = Number(one("desired-value"));
    if (!(wanted > (found.own ?? found.byDefault))) {
      throw new Refusal(
        "(IllegalArgumentException) when calling the RequestServiceQuotaIncrease operation: You must provide a quota value greater than the current quota value.",
      );
    }
    // AWS takes hours to days for it.
    found.own = wanted;
    return {
      RequestedQuota: {
        Id: "d187537f6dc0412d9a7b1d8ab3c5ec4aKSs2lQUb",
        ServiceCode: "ec2",
        QuotaCode: code,
        DesiredValue: wanted,
        Status: "PENDING",
      },
    };
  }
  if (value === undefined) {
    throw new Refusal("(NoSuchResourceException) when calling the GetServiceQuota operation: ");
  }
  return {
    Quota: {
      ...{
        ServiceCode: "ec2",
        ServiceName: "Amazon Elastic Compute Cloud (Amazon EC2)",
        QuotaCode: code,
        QuotaName: found.name,
        Value: value,
      },
      ...{ QuotaArn: `arn:aws:servicequotas:${REGION}:${ACCOUNT}:ec2/${code}`, Unit: "None", Adjustable: true, GlobalQuota: false },
    },
  };
}

function reservation(id: string, { reservations }: CapacityState): object {
  const found = reservations.find((each) => each.id === id);
  if (found === undefined) {
    throw new Refusal(
      `(InvalidCapacityReservationId.NotFound) when calling the DescribeCapacityReservations operation: The capacity reservation ID '${id}' does not exist`,
    );
  }
  const { state, type, count, endDate } = found;
  return {
    ...{ CapacityReservationId: id, OwnerId: ACCOUNT, InstanceType: type, InstancePlatform: "Linux/UNIX", AvailabilityZone: `${REGION}a` },
    ...{
      Tenancy: "default",
      TotalInstanceCount: count,
      AvailableInstanceCount: 0,
      EbsOptimized: true,
      EphemeralStorage: false,
      State: state,
    },
    ...{ StartDate: "2026-11-01T11:30:00+00:00", EndDateType: endDate === undefined ? "unlimited" : "limited" },
    ...(endDate === undefined ? {} : { EndDate: endDate }),
    ...{ InstanceMatchCriteria: "targeted", CreateDate: "2026-10-30T09:00:00+00:00", Tags: [], ReservationType: "capacity-block" },
  };
}
