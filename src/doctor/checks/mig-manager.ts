/** Third link: MIG Manager has divided the GPUs, or is at it for no longer than it needs. */
import { nameOf } from "../../cluster/objects";
import { DAEMON_LABELS, DCGM_EXPORTER_LABEL, MIG_MANAGER_NODES, PAUSED } from "../../well-known/gpu-daemons";
import { MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { HOLDS, broken, finding, notYet, subjectOf } from "../check";
import type { Examined, Link, NodeCheck } from "../check";
import { claimants, podsOf } from "../cluster";
import type { ObservedNode } from "../cluster";
import { PATIENCE_MS, minutesText } from "../patience";
import { daemonSetOf, hasDaemonSet } from "./daemons";

export const checkMigManager: NodeCheck = (node, examined) => {
  const { command, cluster } = examined;
  const state = node.labels[MIG_CONFIG_STATE_LABEL];
  const subject = subjectOf(node);
  const hurts = claimants(node);
  const tryAgain = command.kubectl(
    ...["-n", GPU_OPERATOR_NAMESPACE, "delete", "pod", "-l", `app=${DAEMON_LABELS.migManager.app}`],
    ...["--field-selector", `spec.nodeName=${node.name}`],
  );
  const { layoutAgeMs } = node;
  const age = layoutAgeMs === undefined ? "" : ` for at least ${minutesText(layoutAgeMs)}`;
  const isYoung = (limitMs: number) => layoutAgeMs === undefined || layoutAgeMs < limitMs;
  switch (state) {
    case "success":
      return whenDivided(node, examined);
    case "failed":
      if (layoutAgeMs !== undefined && layoutAgeMs < PATIENCE_MS.label) {
        return notYet(node, `MIG Manager tries again, or fails for good`);
      }
      return hurts.length === 0
        ? broken("mig-failed", { subject, seen: `${MIG_CONFIG_STATE_LABEL}=failed${age}`, commands: [tryAgain] })
        : broken("mig-failed-in-use", {
            ...{ subject, seen: `${MIG_CONFIG_STATE_LABEL}=failed${age}, and ${String(hurts.length)} pods have claims here`, hurts },
            commands: [
              // The drain ends in its timeout by design: the pods go once the plugin is back.
              `${command.kubectl("drain", node.name, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=2m")} || true`,
              tryAgain,
              command.kubectl("uncordon", node.name),
            ],
          });
    case "pending":
      return isYoung(PATIENCE_MS.partition)
        ? notYet(node, `MIG Manager divides its GPUs (pending${age})`)
        : broken("mig-stuck-pending", { subject, seen: `${MIG_CONFIG_STATE_LABEL}=pending${age}`, hurts, commands: [tryAgain] });
    case "rebooting":
      return isYoung(PATIENCE_MS.partition)
        ? notYet(node, `it restarts for MIG mode (rebooting${age})`)
        : broken("mig-stuck-rebooting", {
            ...{ subject, seen: `${MIG_CONFIG_STATE_LABEL}=rebooting${age}`, hurts },
            commands: [command.aws("ec2", "reboot-instances", "--instance-ids", node.instance)],
          });
    default:
      if (node.ageMs < PATIENCE_MS.boot) {
        return notYet(node, "MIG Manager begins");
      }
      if (!hasDaemonSet("migManager", cluster)) {
        return { holds: false };
      }
      return podsOf("migManager", node.pods).length === 0
        ? { holds: false, findings: [absent(node, examined)] }
        : broken("mig-state-unset", { subject, seen: `${MIG_CONFIG_STATE_LABEL} is ${state ?? "not set"}`, hurts, commands: [tryAgain] });
  }
};

function whenDivided(node: ObservedNode, examined: Examined): Link {
  const { cluster, command } = examined;
  const isSettled = node.ageMs >= PATIENCE_MS.boot && (node.layoutAgeMs ?? Infinity) >= PATIENCE_MS.daemon;
  if (!isSettled || !hasDaemonSet("migManager", cluster)) {
    return HOLDS;
  }
  return {
    holds: true,
    findings: [
      // It has done its work, but would not follow the next change of the layout.
      ...(podsOf("migManager", node.pods).length === 0 ? [{ ...absent(node, examined), severity: "warning" as const }] : []),
      ...(node.labels[DCGM_EXPORTER_LABEL] === PAUSED
        ? [
            finding("exporter-paused", {
              subject: subjectOf(node),
              seen: `${DCGM_EXPORTER_LABEL}=${PAUSED}, and ${MIG_CONFIG_STATE_LABEL}=success`,
              commands: [command.kubectl("label", "node", node.name, `${DCGM_EXPORTER_LABEL}=true`, "--overwrite")],
            }),
          ]
        : []),
    ],
  };
}

function absent(node: ObservedNode, { cluster, command }: Examined) {
  const set = daemonSetOf("migManager", cluster);
  const [[label, value] = ["", ""]] = Object.entries(MIG_MANAGER_NODES);
  const isWanted = node.labels[label] === value;
  return finding("mig-manager-absent", {
    subject: subjectOf(node),
    seen: isWanted ? "no pod of MIG Manager" : `no pod of MIG Manager: the label ${label} is ${node.labels[label] ?? "not set"}`,
    hurts: claimants(node),
    commands: isWanted
      ? [command.kubectl("-n", GPU_OPERATOR_NAMESPACE, "rollout", "restart", `daemonset/${set === undefined ? "" : nameOf(set)}`)]
      : [command.kubectl("label", "node", node.name, `${label}=${value}`, "--overwrite")],
  });
}
