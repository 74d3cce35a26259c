/** Last link: the DCGM exporter runs on the node. What it measures is in Prometheus, which the doctor does not ask. */
import { DAEMON_LABELS, DCGM_EXPORTER_LABEL, PAUSED } from "../../well-known/gpu-daemons";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { HOLDS, finding, subjectOf } from "../check";
import type { NodeCheck } from "../check";
import { podsOf } from "../cluster";
import { PATIENCE_MS, minutesText } from "../patience";
import { hasDaemonSet } from "./daemons";

export const checkMetrics: NodeCheck = (node, { cluster, command }) => {
  const label = node.labels[DCGM_EXPORTER_LABEL];
  const isYoung = node.ageMs < PATIENCE_MS.boot || (node.layoutAgeMs ?? Infinity) < PATIENCE_MS.daemon;
  const [exporter] = podsOf("dcgmExporter", node.pods);
  // What is paused is a finding of MIG Manager's.
  if (isYoung || label === PAUSED || exporter?.isReady === true || !hasDaemonSet("dcgmExporter", cluster)) {
    return HOLDS;
  }
  if (exporter !== undefined && exporter.ageMs < PATIENCE_MS.daemon) {
    return { holds: true, notYet: [{ subject: subjectOf(node), waitsFor: "the DCGM exporter starts" }] };
  }
  const restart = command.kubectl(
    ...["-n", GPU_OPERATOR_NAMESPACE, "delete", "pod", "-l", `app=${DAEMON_LABELS.dcgmExporter.app}`],
    ...["--field-selector", `spec.nodeName=${node.name}`],
  );
  return {
    holds: true,
    findings: [
      finding("exporter-absent", {
        subject: subjectOf(node),
        seen:
          exporter === undefined
            ? `no pod of the DCGM exporter (${DCGM_EXPORTER_LABEL} is ${label ?? "not set"})`
            : `the DCGM exporter is not ready ${minutesText(exporter.ageMs)} after its creation`,
        commands: [label === "true" ? restart : command.kubectl("label", "node", node.name, `${DCGM_EXPORTER_LABEL}=true`, "--overwrite")],
      }),
    ],
  };
};
