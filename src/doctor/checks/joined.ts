/** First link of a node's chain: it is ready, and has the labels, the taints and the image of its pool. */
import { listAt } from "../../cluster/objects";
import type { NodeTaint } from "../../dra/allocator";
import { valueAt } from "../../json/value-at";
import { INSTANCE_TYPE_LABEL, MIG_CONFIG_LABEL } from "../../well-known/labels";
import { HOLDS, broken, finding, notYet, subjectOf } from "../check";
import type { Examined, Link, NodeCheck } from "../check";
import { claimants, sinceMs } from "../cluster";
import type { ObservedNode } from "../cluster";
import type { GpuGroup } from "../declaration";
import type { Finding } from "../finding";
import { PATIENCE_MS, minutesText } from "../patience";

export const checkJoined: NodeCheck = (node, examined) => {
  if (node.group === undefined) {
    return withoutPool(node, examined);
  }
  const readiness = checkReady(node, examined);
  if (!readiness.holds) {
    return readiness;
  }
  const findings = [
    ...labelFindings(node, node.group, examined),
    ...taintFindings(node, node.group, examined),
    ...pressureFindings(node, examined),
    ...imageFindings(node, node.group, examined),
  ];
  // A taint with this effect evicts daemons too, so that what comes after is its consequence.
  return { holds: !foreignTaints(node, node.group).some(({ effect }) => effect === "NoExecute"), findings };
};

function withoutPool(node: ObservedNode, { declaration: { gpuGroups }, cluster, command, rollout }: Examined): Link {
  const { name, labels, instance } = node;
  if (rollout.type === "running" || rollout.type === "otherConfiguration") {
    return notYet(node, "pulumi up gives it a layout of the stack, or replaces it");
  }
  const instanceType = labels[INSTANCE_TYPE_LABEL] ?? "unknown";
  const alike = gpuGroups.filter((group) => group.instanceType === instanceType);
  const lacking = alike.find((group) => cluster.gpuNodes.filter((other) => other.group === group).length < group.nodes);
  const group = lacking ?? alike[0];
  const seen = `${MIG_CONFIG_LABEL}=${labels[MIG_CONFIG_LABEL] ?? "(not set)"} on a ${instanceType}`;
  const hurts = claimants(node);
  const drain = command.kubectl("drain", name, "--ignore-daemonsets", "--delete-emptydir-data");
  if (group === undefined) {
    return broken("node-of-no-pool", {
      ...{ subject: subjectOf(node), seen, hurts },
      commands: [drain, command.aws("ec2", "terminate-instances", "--instance-ids", instance)],
    });
  }
  const relabel = command.kubectl("label", "node", name, `${MIG_CONFIG_LABEL}=${group.layout}`, "--overwrite");
  return broken("node-layout-differs", {
    ...{ subject: subjectOf(node), seen: `${seen}, and the stack declares ${group.layout}`, hurts },
    commands: hurts.length === 0 ? [relabel] : [drain, relabel, command.kubectl("uncordon", name)],
  });
}

function checkReady(node: ObservedNode, { cluster: { now, observation }, command }: Examined): Link {
  const ready = listAt(node.body, "status", "conditions").find((condition) => valueAt(condition, "type") === "Ready");
  if (valueAt(ready, "status") === "True" || observation.names === "numbered") {
    return HOLDS;
  }
  const forMs = Math.min(sinceMs(valueAt(ready, "lastTransitionTime"), now), node.ageMs);
  if (forMs < PATIENCE_MS.restart) {
    return notYet(node, "its kubelet reports");
  }
  return broken("node-not-ready", {
    subject: subjectOf(node),
    seen: `Ready is ${String(valueAt(ready, "status") ?? "not set")} for ${minutesText(forMs)}`,
    hurts: claimants(node),
    commands: [command.aws("ec2", "terminate-instances", "--instance-ids", node.instance)],
  });
}

function labelFindings(node: ObservedNode, { labels }: GpuGroup, { command }: Examined): readonly Finding[] {
  return Object.entries(labels)
    .filter(([key, value]) => node.labels[key] !== value)
    .map(([key, value]) =>
      finding("node-label-differs", {
        subject: subjectOf(node),
        seen: `${key} is ${node.labels[key] ?? "not set"}, and its pool declares ${value}`,
        commands: [command.kubectl("label", "node", node.name, `${key}=${value}`, "--overwrite")],
      }),
    );
}

/** Taints that controllers of Kubernetes and of EKS set and remove by themselves. */
const OF_CONTROLLERS = /(^|\.)(kubernetes\.io|k8s\.io|amazonaws\.com|k8s\.aws)\//;

function foreignTaints({ taints }: ObservedNode, group: GpuGroup): readonly NodeTaint[] {
  return taints.filter(
    ({ key, effect }) =>
      effect !== "PreferNoSchedule" &&
      !OF_CONTROLLERS.test(key) &&
      !group.taints.some((declared) => declared.key === key && declared.effect === effect),
  );
}

function taintFindings(node: ObservedNode, group: GpuGroup, { command }: Examined): readonly Finding[] {
  const subject = subjectOf(node);
  const missing = group.taints.filter(
    ({ key, value, effect }) =>
      !node.taints.some((taint) => taint.key === key && taint.effect === effect && (taint.value ?? "") === (value ?? "")),
  );
  return [
    ...missing.map(({ key, value, effect }) =>
      finding("node-taint-missing", {
        ...{ subject, seen: `the taint ${key}=${value ?? ""}:${effect} of its pool is missing` },
        commands: [command.kubectl("taint", "node", node.name, `${key}=${value ?? ""}:${effect}`, "--overwrite")],
      }),
    ),
    ...foreignTaints(node, group).map(({ key, value, effect }) =>
      finding("node-taint-foreign", {
        ...{ subject, seen: `the taint ${key}${value === undefined || value === "" ? "" : `=${value}`}:${effect} is none of its pool` },
        hurts: effect === "NoExecute" ? claimants(node) : [],
        commands: [command.kubectl("taint", "node", node.name, `${key}:${effect}-`)],
      }),
    ),
    ...(valueAt(node.body, "spec", "unschedulable") === true
      ? [finding("node-cordoned", { subject, seen: "somebody has cordoned it", commands: [command.kubectl("uncordon", node.name)] })]
      : []),
  ];
}

const PRESSURES: readonly unknown[] = ["MemoryPressure", "DiskPressure", "PIDPressure"];

function pressureFindings(node: ObservedNode, { cluster: { now }, command }: Examined): readonly Finding[] {
  return listAt(node.body, "status", "conditions")
    .filter(
      (condition) =>
        PRESSURES.includes(valueAt(condition, "type")) &&
        valueAt(condition, "status") === "True" &&
        sinceMs(valueAt(condition, "lastTransitionTime"), now) >= PATIENCE_MS.controllers,
    )
    .map((condition) =>
      finding("node-under-pressure", {
        subject: subjectOf(node),
        seen: `${String(valueAt(condition, "type"))} for ${minutesText(sinceMs(valueAt(condition, "lastTransitionTime"), now))}`,
        hurts: claimants(node),
        commands: [
          command.kubectl("drain", node.name, "--ignore-daemonsets", "--delete-emptydir-data"),
          command.kubectl("uncordon", node.name),
        ],
      }),
    );
}

function imageFindings(
  node: ObservedNode,
  { kubeletVersion }: GpuGroup,
  { declaration: { release }, command, rollout }: Examined,
): readonly Finding[] {
  if (rollout.type === "running") {
    return [];
  }
  const kubelet = /^v(\d+\.\d+\.\d+)/.exec(String(valueAt(node.body, "status", "nodeInfo", "kubeletVersion")))?.[1];
  const [device] = node.slices.flatMap((slice) => listAt(slice, "spec", "devices"));
  const driver = valueAt(device, "attributes", "driverVersion", "version");
  const differences = [
    ...(kubelet !== undefined && kubeletVersion !== undefined && kubelet !== kubeletVersion
      ? [`its kubelet is ${kubelet}, and the pinned image has ${kubeletVersion}`]
      : []),
    ...(typeof driver === "string" && !isSameVersion(driver, release.gpuAmi.driverVersion)
      ? [`its NVIDIA driver is ${driver}, and the pinned image has ${release.gpuAmi.driverVersion}`]
      : []),
  ];
  return differences.length === 0
    ? []
    : [finding("node-image-differs", { subject: subjectOf(node), seen: differences.join("; "), commands: [command.up()] })];
}

/** The DRA driver publishes 580.159.3 for 580.159.03, because a semantic version has no leading zeros. */
function isSameVersion(one: string, other: string): boolean {
  const parts = (version: string) => version.split(".").map(Number).join(".");
  return parts(one) === parts(other);
}
