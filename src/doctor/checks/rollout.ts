/** The last `pulumi up`: whether it ended, and whether it was one of this configuration. */
import { PARTITION_GATE_NAMESPACE } from "../../well-known/namespaces";
import { finding } from "../check";
import type { ClusterCheck } from "../check";

export const checkRollout: ClusterCheck = ({ rollout, command }) => {
  const subject = `Job ${PARTITION_GATE_NAMESPACE}/${PARTITION_GATE_NAMESPACE}`;
  switch (rollout.type) {
    case "done":
      return {};
    case "running":
      return { notYet: [{ subject: "pulumi up", waitsFor: rollout.waitsFor }] };
    case "failed":
      return { findings: [finding("gate-failed", { subject, seen: rollout.message, commands: [command.up()] })] };
    case "otherConfiguration":
      return {
        findings: [
          finding("configuration-not-deployed", {
            subject,
            seen: "the partition gate waited for other pools or layouts than the stack declares",
            commands: [command.up()],
          }),
        ],
      };
  }
};
