/** Second link: Node and GPU Feature Discovery have found the GPUs, and all of them. */
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import { GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL } from "../../well-known/labels";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { HOLDS, broken, notYet, subjectOf } from "../check";
import type { NodeCheck } from "../check";
import { claimants } from "../cluster";
import { PATIENCE_MS } from "../patience";
import { hasDaemonSet } from "./daemons";

const GPU_COUNT_LABEL = "nvidia.com/gpu.count";

export const checkGpuLabels: NodeCheck = (node, { cluster, command }) => {
  const { labels, name, group, ageMs } = node;
  const missing = [GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL].filter((label) => labels[label] !== "true");
  if (missing.length > 0) {
    if (ageMs < PATIENCE_MS.boot) {
      return notYet(node, "GPU Feature Discovery finds its GPUs");
    }
    const restart = (label: string) =>
      command.kubectl("-n", GPU_OPERATOR_NAMESPACE, "delete", "pod", "-l", label, "--field-selector", `spec.nodeName=${name}`);
    return hasDaemonSet("featureDiscovery", cluster)
      ? broken("gpu-not-found", {
          ...{ subject: subjectOf(node), seen: `${missing.join(" and ")} not set`, hurts: claimants(node) },
          commands: [restart("app.kubernetes.io/name=node-feature-discovery"), restart(`app=${DAEMON_LABELS.featureDiscovery.app}`)],
        })
      : { holds: false };
  }
  const found = Number(labels[GPU_COUNT_LABEL]);
  return group !== undefined && found < group.gpusPerNode
    ? broken("gpu-lost", {
        subject: subjectOf(node),
        seen: `${String(found)} of ${String(group.gpusPerNode)} GPUs (${GPU_COUNT_LABEL})`,
        hurts: claimants(node),
        commands: [
          command.kubectl("drain", name, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=2m"),
          command.aws("ec2", "terminate-instances", "--instance-ids", node.instance),
        ],
      })
    : HOLDS;
};
