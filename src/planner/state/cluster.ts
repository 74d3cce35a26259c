/** A cluster as the planner knows it: read from a snapshot, with what is wrong with it and what is missing. */
import type { ClusterObject } from "../../cluster/objects";
import type { ClusterState, RunningPod } from "../../dra/allocator";
import type { ResourceClaim } from "../../dra/claims";
import type { Pod, ResourceAmounts } from "../../dra/pods";
import type { GpuModel, InstanceType } from "../../hardware/types";
import type { Release } from "../../releases/types";
import type { Kind } from "../snapshot/kinds";
import type { Gap } from "../snapshot/snapshot";

export interface PlannedCluster {
  readonly source: string;
  /** `1.34`; undefined where nothing says so. */
  readonly kubernetesVersion: string | undefined;
  /** What its Kubernetes version does, and how the driver of that release names devices. */
  readonly release: Release;
  /** What could not be read. */
  readonly gaps: readonly Gap[];
  /** What was read and is not understood, or not modelled: no answer that it could change is certain. */
  readonly doubts: readonly Doubt[];
  /** What is odd, and changes no answer. */
  readonly notes: readonly string[];
  /** What the scheduler's model is given: bound pods are in it, pending ones are not. */
  readonly state: ClusterState;
  readonly bound: readonly BoundPod[];
  readonly nodes: readonly PlannedNode[];
  /** Pods without a node, those created first first. */
  readonly pending: readonly WaitingPod[];
  readonly claims: readonly PlannedClaim[];
  /** ResourceQuotas and LimitRanges. */
  readonly limits: readonly ClusterObject[];
  /** Names of teams by their namespaces. */
  readonly teams: ReadonlyMap<string, string>;
  /** What controllers could not create, as an event says. */
  readonly failures: readonly Failure[];
}

/** Something that the planner does not understand. */
export interface Doubt {
  readonly message: string;
  /** What it is about; undefined for the whole cluster. */
  readonly kind: Kind | undefined;
  /** `take`: it can only take devices or room away, so that "does not fit" stays certain. `change`: any answer can be otherwise. */
  readonly could: "take" | "change";
  /** Where it is, if it can change answers about one namespace only. */
  readonly namespace?: string;
}

export interface PlannedNode {
  readonly name: string;
  /** Node group, or what distinguishes nodes without one: instance type and layout. */
  readonly pool: string;
  /** Undefined for a type that the catalogue does not have. */
  readonly instanceType: InstanceType | undefined;
  /** Its MIG GPUs. */
  readonly gpus: { readonly model: GpuModel; readonly count: number } | undefined;
  /** What the node lists at; undefined where no list has it. */
  readonly usdPerHour: number | undefined;
}

/** A pod on a node. Claims made from templates are its claims by name, where they exist. */
export interface BoundPod extends RunningPod {
  readonly limits: ResourceAmounts;
}

/** A pod without a node. */
export interface WaitingPod {
  /** Claims made from templates are its claims by name, where they exist. */
  readonly pod: Pod;
  readonly limits: ResourceAmounts;
  /** What kube-scheduler has written into it. */
  readonly condition: { readonly reason: string; readonly message: string } | undefined;
}

export interface PlannedClaim {
  readonly claim: ResourceClaim;
  /** Pods that it is reserved for. */
  readonly users: readonly string[];
  /** The pod that it was made for; undefined for a claim that somebody wrote. */
  readonly madeFor: string | undefined;
}

export interface Failure {
  readonly namespace: string;
  /** `Pod train`, `ReplicaSet web-5d9`. */
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
}
