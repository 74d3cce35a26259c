/** Fourth link: the DRA driver's plugin runs on the node, and has been started after the last change of the layout. */
import { nameOf } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import { DRA_DRIVER_NAMESPACE } from "../../well-known/namespaces";
import { HOLDS, broken, finding, notYet, subjectOf } from "../check";
import type { Examined, NodeCheck } from "../check";
import { claimants, podsOf } from "../cluster";
import type { ObservedNode, ObservedPod } from "../cluster";
import type { Commands } from "../commands";
import { PATIENCE_MS, minutesText } from "../patience";
import { daemonSetOf, hasDaemonSet } from "./daemons";

/** Clocks of the API server and of the node. */
const CLOCKS_DIFFER_MS = 10_000;

export const checkPlugin: NodeCheck = (node, examined) => {
  const { cluster, command } = examined;
  if (!hasDaemonSet("draPlugin", cluster)) {
    return { holds: false };
  }
  const [plugin] = podsOf("draPlugin", node.pods).filter(({ overdueMs }) => overdueMs === undefined);
  const { layoutAgeMs = Infinity } = node;
  const isYoung = node.ageMs < PATIENCE_MS.boot || layoutAgeMs < PATIENCE_MS.daemon;
  if (plugin === undefined) {
    return isYoung ? notYet(node, "the DRA driver's plugin starts") : broken("plugin-absent", absence(node, examined));
  }
  if (plugin.startedAt === undefined) {
    return isYoung || plugin.ageMs < PATIENCE_MS.daemon
      ? notYet(node, "the DRA driver's plugin starts")
      : broken("plugin-not-ready", {
          subject: `Pod ${DRA_DRIVER_NAMESPACE}/${plugin.name}`,
          seen: reasonOf(plugin),
          hurts: claimants(node),
          commands: [restartPlugin(node, command)],
        });
  }
  const olderMs = node.stateChangedAt === undefined ? 0 : node.stateChangedAt - plugin.startedAt;
  return olderMs > CLOCKS_DIFFER_MS && layoutAgeMs >= PATIENCE_MS.label
    ? {
        holds: true,
        findings: [
          finding("plugin-older-than-layout", {
            subject: subjectOf(node),
            seen: `the plugin was started ${minutesText(olderMs)} before MIG Manager last changed the node`,
            hurts: claimants(node),
            commands: [restartPlugin(node, command)],
          }),
        ],
      }
    : HOLDS;
};

/** Has the plugin list the devices again. */
export function restartPlugin({ name }: ObservedNode, { kubectl }: Commands): string {
  const [[label, value] = ["", ""]] = Object.entries(DAEMON_LABELS.draPlugin);
  return kubectl("-n", DRA_DRIVER_NAMESPACE, "delete", "pod", "-l", `${label}=${value}`, "--field-selector", `spec.nodeName=${name}`);
}

function reasonOf({ waiting, phase, ageMs }: ObservedPod): string {
  return `${waiting === undefined ? `phase ${phase}` : [waiting.reason, waiting.message].filter((part) => part !== "").join(": ")}, ${minutesText(ageMs)} after its creation`;
}

/** Why the daemon set controller makes no pod is in its events. */
function absence(node: ObservedNode, { cluster, command }: Examined) {
  const set = daemonSetOf("draPlugin", cluster);
  const name = set === undefined ? "" : nameOf(set);
  const quota = cluster.observation.objects.Event.flatMap((event) => {
    const isAbout =
      valueAt(event, "reason") === "FailedCreate" &&
      valueAt(event, "involvedObject", "kind") === "DaemonSet" &&
      valueAt(event, "involvedObject", "name") === name;
    return isAbout ? [/exceeded quota: ([^,]+),/.exec(String(valueAt(event, "message")))?.[1] ?? ""] : [];
  }).find((each) => quotaExists(each, cluster));
  return {
    subject: subjectOf(node),
    seen: `no pod of the DRA driver's plugin${quota === undefined ? "" : `: the quota ${quota} of ${DRA_DRIVER_NAMESPACE} lets no more in`}`,
    hurts: claimants(node),
    commands: [
      quota === undefined
        ? command.kubectl("-n", DRA_DRIVER_NAMESPACE, "rollout", "restart", `daemonset/${name}`)
        : command.kubectl("-n", DRA_DRIVER_NAMESPACE, "delete", "resourcequota", quota),
    ],
  };
}

function quotaExists(name: string, { observation }: Examined["cluster"]): boolean {
  return observation.objects.ResourceQuota.some(
    (quota) => nameOf(quota) === name && valueAt(quota, "metadata", "namespace") === DRA_DRIVER_NAMESPACE,
  );
}
