/** The daemon sets of the GPU Operator and of the DRA driver, as the charts of the stack make them. */
import { listAt, nameOf, objectAt } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import type { DaemonName } from "../../well-known/gpu-daemons";
import { DRA_DRIVER_NAMESPACE } from "../../well-known/namespaces";
import { finding } from "../check";
import type { Answer, ClusterCheck, Examined } from "../check";
import type { ObservedCluster } from "../cluster";
import type { Finding } from "../finding";

/** The daemon set whose pods have the labels of a daemon. */
export function daemonSetOf(daemon: DaemonName, { observation }: ObservedCluster): JsonObject | undefined {
  const wanted = Object.entries(DAEMON_LABELS[daemon]);
  return observation.objects.DaemonSet.find((set) => {
    const labels = objectAt(set, "spec", "template", "metadata", "labels");
    return wanted.every(([key, value]) => labels[key] === value);
  });
}

/** Whether it is there, as far as is known. */
export function hasDaemonSet(daemon: DaemonName, cluster: ObservedCluster): boolean {
  return !cluster.hasRead("DaemonSet") || daemonSetOf(daemon, cluster) !== undefined;
}

const OF_OPERATOR: readonly DaemonName[] = ["featureDiscovery", "migManager", "dcgmExporter"];

export const checkDaemons: ClusterCheck = (examined): Answer => {
  const { cluster, command, rollout } = examined;
  const absent = (daemons: readonly DaemonName[]) => daemons.filter((daemon) => !hasDaemonSet(daemon, cluster));
  const [operator, driver] = [absent(OF_OPERATOR), absent(["draPlugin"])];
  if (operator.length + driver.length > 0 && rollout.type === "running") {
    return { notYet: [{ subject: "GPU Operator and DRA driver", waitsFor: "pulumi up installs their charts" }] };
  }
  const hurts = cluster.pods.filter(({ hasClaims }) => hasClaims).map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    findings: [
      ...(operator.length === 0
        ? []
        : [
            finding("operator-absent", {
              subject: "GPU Operator",
              seen: `no daemon set for ${operator.map((daemon) => Object.values(DAEMON_LABELS[daemon])[0]).join(", ")}`,
              commands: [command.up()],
            }),
          ]),
      ...(driver.length === 0
        ? placementFindings(examined)
        : [
            finding("driver-absent", {
              subject: "DRA driver",
              seen: "no daemon set for its kubelet plugin",
              hurts,
              commands: [command.up()],
            }),
          ]),
    ],
  };
};

function placementFindings({ cluster, declaration, command }: Examined): readonly Finding[] {
  const set = daemonSetOf("draPlugin", cluster);
  if (set === undefined) {
    return [];
  }
  const subject = `DaemonSet ${DRA_DRIVER_NAMESPACE}/${nameOf(set)}`;
  const { nodeSelector, tolerations } = declaration.driverPlacement;
  const pod = objectAt(set, "spec", "template", "spec");
  const selector = objectAt(pod, "nodeSelector");
  const wrong = Object.keys({ ...selector, ...nodeSelector }).filter((key) => selector[key] !== nodeSelector[key]);
  const hasTolerations = tolerations.every((wanted) =>
    listAt(pod, "tolerations").some((found) =>
      ["key", "operator", "effect"].every((field) => valueAt(found, field) === valueAt(wanted, field)),
    ),
  );
  const patch = {
    ...(wrong.length === 0 ? {} : { nodeSelector: Object.fromEntries(wrong.map((key) => [key, nodeSelector[key] ?? null])) }),
    ...(hasTolerations ? {} : { tolerations: [...listAt(pod, "tolerations"), ...tolerations] }),
  };
  const [version, declared] = [versionOf(set), declaration.release.draDriver.version];
  return [
    ...(Object.keys(patch).length === 0
      ? []
      : [
          finding("driver-not-gated", {
            subject,
            seen: [
              ...wrong.map(
                (key) =>
                  `nodeSelector ${key} is ${String(selector[key] ?? "not set")}, and the stack declares ${nodeSelector[key] ?? "none"}`,
              ),
              ...(hasTolerations ? [] : ["it does not tolerate the taint of GPU nodes"]),
            ].join("; "),
            commands: [
              command.kubectl(
                ...["-n", DRA_DRIVER_NAMESPACE, "patch", "daemonset", nameOf(set), "--type", "merge"],
                ...["-p", JSON.stringify({ spec: { template: { spec: patch } } })],
              ),
            ],
          }),
        ]),
    ...(version === undefined || version === declared
      ? []
      : [
          finding("driver-version-differs", {
            subject,
            seen: `version ${version}, and the stack declares ${declared}`,
            commands: [command.up()],
          }),
        ]),
  ];
}

/** As charts label it. Undefined where they do not. */
function versionOf(set: JsonObject): string | undefined {
  const version = valueAt(set, "metadata", "labels", "app.kubernetes.io/version");
  return typeof version === "string" ? version.replace(/^v/, "") : undefined;
}
