/** What the account of the cluster runs out of: addresses in subnets, vCPUs of a quota, and the time of a reservation. Only `--aws` asks for them. */
import { podTitle } from "../../cluster/objects";
import { shellLine } from "../../cluster/shell-line";
import type { VcpuQuota } from "../../hardware/vcpu-quotas";
import { ZONE_LABEL } from "../../well-known/labels";
import { RESERVATION_STATES } from "../account/account";
import type { Account, Instance, Reading, Reservation, Subnet } from "../account/account";
import { finding } from "../check";
import type { Answer, Examined } from "../check";
import { instanceOf } from "../cluster";
import type { DeclaredReservation } from "../declaration";
import type { Finding, NotYet, Unchecked } from "../finding";

/**
 * EKS takes up to five addresses of these subnets for an upgrade of the control plane, and recommends 16.
 * Source: Amazon EKS user guide, "Amazon EKS networking requirements for VPC and subnets" (read 2026-11-29).
 */
const FEW_ADDRESSES = 16;

const DAY_MS = 86_400_000;
/** As the alert `SharedGpuReservationEnds` has it. */
const RESERVATION_DAYS = 3;

export function checkAccount(account: Account, examined: Examined): Answer {
  const foreign = ofOtherAccount(account.instances, examined);
  if (foreign !== undefined) {
    return { unchecked: [foreign] };
  }
  const reservations = account.reservations;
  const answers = [
    ...of(account.subnets, ADDRESSES, (subnets) => subnets.flatMap((subnet) => addresses(subnet, examined))),
    ...account.quotas.flatMap(({ quota, value }) =>
      both(value, account.instances, quotaOf(quota), (most, instances) => vcpus(quota, most, instances, examined)),
    ),
    ...of(reservations, RESERVATIONS, (found) =>
      examined.declaration.reservations.flatMap((declared) =>
        found.filter(({ id }) => id === declared.id).flatMap((reservation) => ends(reservation, declared, examined)),
      ),
    ),
  ];
  return {
    findings: answers.filter((answer): answer is Finding => "severity" in answer),
    notYet: answers.filter((answer): answer is NotYet => "waitsFor" in answer),
    unchecked: answers.filter((answer): answer is Unchecked => "reason" in answer),
  };
}

type One = Finding | NotYet | Unchecked;

/** What is asked. */
type Subject = Omit<Unchecked, "reason">;

const ADDRESSES: Subject = { what: "addresses left in the subnets", kinds: ["subnet-nearly-full"] };
const RESERVATIONS: Subject = { what: "the ends of reservations", kinds: ["reservation-ends", "reservation-differs"] };
const QUOTAS: Subject = { what: "quotas", kinds: ["quota-too-small"] };

function quotaOf({ code, name }: VcpuQuota): Subject {
  return { ...QUOTAS, what: `the quota ${code} (${name})` };
}

function of<T>(reading: Reading<T>, subject: Subject, check: (value: T) => readonly One[]): readonly One[] {
  return reading.type === "unread" ? [{ ...subject, reason: reading.reason }] : check(reading.value);
}

function both<T, U>(one: Reading<T>, other: Reading<U>, what: Subject, check: (one: T, other: U) => readonly One[]): readonly One[] {
  return of(one, what, (value) => of(other, what, (second) => check(value, second)));
}

/** Whoever has several profiles easily asks the wrong account, in which nothing is missing. */
function ofOtherAccount(instances: Reading<readonly Instance[]>, { cluster }: Examined): Unchecked | undefined {
  const own = cluster.observation.objects.Node.map(instanceOf).filter((id) => id.startsWith("i-"));
  if (instances.type === "unread" || own.length === 0 || instances.value.some(({ id }) => own.includes(id))) {
    return undefined;
  }
  const reason = "the account and region that the AWS CLI asks have none of the cluster's instances. AWS_PROFILE names another account";
  const kinds = [ADDRESSES, QUOTAS, RESERVATIONS].flatMap((each) => each.kinds ?? []);
  return { what: "addresses, quotas and reservations", reason, kinds };
}

function addresses({ id, zone, free }: Subnet, { cluster, command }: Examined): readonly One[] {
  if (free >= FEW_ADDRESSES) {
    return [];
  }
  const inZone = new Set(
    cluster.planned.state.nodes.filter(({ metadata }) => metadata.labels?.[ZONE_LABEL] === zone).map(({ metadata }) => metadata.name),
  );
  const waiting = cluster.pods.filter(({ phase, nodeName }) => phase === "Pending" && nodeName !== undefined && inZone.has(nodeName));
  return [
    finding("subnet-nearly-full", {
      subject: `subnet ${id}`,
      ...(free === 0 ? { severity: "error" as const, hurts: waiting.map(podTitle) } : {}),
      seen: `${String(free)} addresses are left, in ${zone}`,
      commands: [
        // Interfaces that nothing uses any more keep their addresses.
        command.aws(
          ...["ec2", "describe-network-interfaces", "--filters", `Name=subnet-id,Values=${id}`, "Name=status,Values=available"],
          ...["--query", "NetworkInterfaces[].NetworkInterfaceId", "--output", "text"],
        ),
      ],
    }),
  ];
}

function vcpus(
  { code, name, families }: Account["quotas"][number]["quota"],
  most: number,
  instances: readonly Instance[],
  { declaration: { nodeGroups, clusterName }, command }: Examined,
): readonly One[] {
  const own = nodeGroups.filter(({ instanceType, capacityType }) => capacityType === "ON_DEMAND" && families.test(instanceType.name));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  const needed = sum(own.map(({ desired, instanceType }) => desired * instanceType.vcpus));
  const neededAtMost = sum(own.map(({ max, instanceType }) => max * instanceType.vcpus));
  const others = sum(
    instances
      .filter(({ type, isOnDemand, cluster }) => isOnDemand && families.test(type) && cluster !== clusterName)
      .map((each) => each.vcpus),
  );
  if (most >= neededAtMost + others) {
    return [];
  }
  const isShort = most < needed + others;
  const wants = isShort ? `needs ${String(needed)}` : `needs ${String(neededAtMost)} when its pools are at their maximum`;
  return [
    finding("quota-too-small", {
      subject: `quota ${code} (${name})`,
      ...(isShort ? {} : { severity: "warning" as const }),
      seen: `it is ${String(most)} vCPUs. The stack ${wants}, and other instances of the account have ${String(others)}`,
      commands: [
        command.aws(
          ...["service-quotas", "request-service-quota-increase", "--service-code", "ec2", "--quota-code", code],
          ...["--desired-value", String(neededAtMost + others)],
        ),
      ],
    }),
  ];
}

function ends(reservation: Reservation, declared: DeclaredReservation, examined: Examined): readonly One[] {
  const { id, state, endsAt } = reservation;
  const { cluster, declaration, command } = examined;
  const subject = `reservation ${id} of pool ${declared.pool}`;
  const phase = RESERVATION_STATES[state];
  if (phase === "coming") {
    return [{ subject, waitsFor: `it is ${state}` }];
  }
  const leftMs = endsAt === undefined ? Infinity : endsAt - cluster.now;
  const isOver = phase === "over" || leftMs <= 0;
  const pods = cluster.gpuNodes
    .filter(({ group }) => group?.pools.includes(declared.pool) === true)
    .flatMap((node) => node.pods.filter(({ hasClaims }) => hasClaims).map(podTitle));
  const end = endsAt === undefined ? "" : `, and ends at ${new Date(endsAt).toISOString()}`;
  const ending = finding("reservation-ends", {
    subject,
    ...(isOver ? { severity: "error" as const } : {}),
    seen: `it is ${state}${end}`,
    hurts: pods,
    commands: [
      command.aws(
        ...["ec2", "describe-capacity-block-extension-offerings", "--capacity-reservation-id", id],
        ...["--capacity-block-extension-duration-hours", "24"],
      ),
    ],
  });
  const differences = differencesOf(reservation, declared);
  const pool = declaration.gpuPools.indexOf(declared.pool);
  const differing = finding("reservation-differs", {
    subject,
    seen: differences.map(({ text }) => text).join("; "),
    commands: [
      ...differences.flatMap(({ endDate }) =>
        endDate === undefined
          ? []
          : [
              shellLine([
                ...[
                  "pulumi",
                  "config",
                  "set",
                  "--path",
                  `gpuPools[${String(pool)}].capacity.endDate`,
                  endDate,
                  "--stack",
                  declaration.stack,
                ],
              ]),
            ],
      ),
      command.up(),
    ],
  });
  return [...(isOver || leftMs < RESERVATION_DAYS * DAY_MS ? [ending] : []), ...(differences.length > 0 && !isOver ? [differing] : [])];
}

interface Difference {
  readonly text: string;
  /** What the configuration must say. */
  readonly endDate?: string;
}

function differencesOf({ instanceType, instances, endsAt }: Reservation, declared: DeclaredReservation): readonly Difference[] {
  const end = endsAt === undefined ? undefined : new Date(endsAt).toISOString();
  return [
    ...(instanceType === declared.instanceType ? [] : [{ text: `it is for ${instanceType}, and the pool has ${declared.instanceType}` }]),
    ...(instances >= declared.nodes
      ? []
      : [{ text: `it is for ${String(instances)} instances, and the pool has ${String(declared.nodes)} nodes` }]),
    // Of an end that the configuration does not say, no alert tells before.
    ...(end === undefined || (declared.endDate !== undefined && Date.parse(declared.endDate) === endsAt)
      ? []
      : [{ text: `it ends at ${end}, and the stack says ${declared.endDate ?? "nothing"}`, endDate: end }]),
  ];
}
