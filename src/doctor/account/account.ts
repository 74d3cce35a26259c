/** What an account of AWS shows of a cluster's capacity. */
import type { VcpuQuota } from "../../hardware/vcpu-quotas";

/** Something that was asked: what it is, or why it is unknown. */
export type Reading<T> = { readonly type: "read"; readonly value: T } | { readonly type: "unread"; readonly reason: string };

export interface Account {
  readonly subnets: Reading<readonly Subnet[]>;
  /** Running instances of the families that the quotas are about. */
  readonly instances: Reading<readonly Instance[]>;
  readonly quotas: readonly Quota[];
  /** Empty where the stack has no capacity block. */
  readonly reservations: Reading<readonly Reservation[]>;
}

/** A subnet in which the control plane has its addresses, and nodes and pods have theirs. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** Addresses that nobody has. */
  readonly free: number;
}

export interface Instance {
  readonly id: string;
  readonly type: string;
  readonly vcpus: number;
  /** Whether On-Demand quotas count it: Spot instances and those of a capacity block they do not. */
  readonly isOnDemand: boolean;
  /** The EKS cluster whose node it is. */
  readonly cluster: string | undefined;
}

export interface Quota {
  readonly quota: VcpuQuota;
  /** vCPUs. */
  readonly value: Reading<number>;
}

export interface Reservation {
  readonly id: string;
  readonly state: ReservationState;
  readonly instanceType: string;
  readonly instances: number;
  /** When it ends, in milliseconds; undefined: when somebody cancels it. */
  readonly endsAt: number | undefined;
}

/** Source: `CapacityReservationState` in the model of EC2 that the AWS CLI 2 has (aws/aws-cli, `awscli/botocore/data/ec2/2016-11-15`, read 2026-11-29). */
export const RESERVATION_STATES = {
  active: "running",
  pending: "coming",
  scheduled: "coming",
  "payment-pending": "coming",
  assessing: "coming",
  delayed: "coming",
  expired: "over",
  cancelled: "over",
  failed: "over",
  "payment-failed": "over",
  unsupported: "over",
  cancelling: "over",
  unavailable: "over",
} as const;

export type ReservationState = keyof typeof RESERVATION_STATES;
