/** Which running pods a step of an `up` stops. Pure. */
import { valueAt } from "../../json/value-at";
import { PARTITION_GATE_NAMESPACE } from "../../well-known/namespaces";
import { EKS_CLUSTER, EKS_NODE_GROUP } from "../../well-known/resource-types";
import { isChanged } from "./changes";
import type { Changes } from "./changes";
import { isGoneAlready, isKept, subjectOf, titleOf } from "./plan";
import type { Step } from "./plan";

export const NAMESPACE = "kubernetes:core/v1:Namespace";
export const WORKLOADS = [
  ...["kubernetes:apps/v1:DaemonSet", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"],
  ...["kubernetes:batch/v1:Job", "kubernetes:core/v1:Pod"],
];

/** Arguments of a node group for whose change EKS replaces its nodes (Amazon EKS user guide, "Update a managed node group"). */
const ROLLING = ["launchTemplate", "releaseVersion", "version"];

/** Whether EKS replaces the nodes of a node group for such changes. */
export function rolls(changes: Changes): boolean {
  return ROLLING.some((argument) => isChanged(changes, argument));
}

export type StoppedPods =
  /** All of them. */
  | { readonly type: "cluster" }
  /** Those on the nodes of a node group. `some`: only some of the nodes go. */
  | { readonly type: "nodeGroup"; readonly name: string; readonly some: boolean }
  | { readonly type: "namespace"; readonly name: string }
  /** Those of a Deployment, a Job or such: `Job mig-large-training`. */
  | { readonly type: "workload"; readonly title: string };

/**
 * The pods that a step ends or evicts; undefined: all keep running.
 * A new layout does not stop pods by itself: MIG Manager fails while slices are in use.
 */
export function podsStoppedBy(step: Step): StoppedPods | undefined {
  if (step.type === "same" || step.type === "create" || isGoneAlready(step) || isKept(step)) {
    return undefined;
  }
  const { type, name } = subjectOf(step);
  const isGone = step.type !== "update";
  if (type === EKS_CLUSTER) {
    return isGone ? { type: "cluster" } : undefined;
  }
  if (type === NAMESPACE) {
    return isGone ? { type: "namespace", name: step.deployed.id } : undefined;
  }
  if (type === EKS_NODE_GROUP) {
    const all = isGone || rolls(step.changes);
    return all || getsSmaller(step) ? { type: "nodeGroup", name, some: !all } : undefined;
  }
  return WORKLOADS.includes(type) && !isOfGate(step) && (isGone || isChanged(step.changes, "spec.template"))
    ? { type: "workload", title: titleOf(step) }
    : undefined;
}

/** The partition gate has no running pod between two runs of Pulumi: each waits for its end. */
function isOfGate({ deployed }: Exclude<Step, { type: "create" }>): boolean {
  return valueAt(deployed.inputs, "metadata", "namespace") === PARTITION_GATE_NAMESPACE;
}

/** Whether a node group ends with fewer nodes. */
function getsSmaller({ deployed, resource }: Extract<Step, { type: "update" }>): boolean {
  const [before, after] = [deployed.inputs, resource.inputs].map((inputs) => Number(valueAt(inputs, "scalingConfig", "desiredSize")));
  return Number(after) < Number(before);
}

/** `every pod on the nodes of NodeGroup a100`. */
export function describeStopped(pods: StoppedPods): string {
  switch (pods.type) {
    case "cluster":
      return "every pod of the cluster";
    case "nodeGroup":
      return `${pods.some ? "the pods on the nodes that go" : "every pod on the nodes"} of NodeGroup ${pods.name}`;
    case "namespace":
      return `every pod in namespace ${pods.name}`;
    case "workload":
      return `the pods of ${pods.title}`;
  }
}
