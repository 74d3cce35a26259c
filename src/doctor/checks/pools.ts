/** Whether every GPU pool has the nodes that it must have. */
import { INSTANCE_TYPE_LABEL } from "../../well-known/labels";
import { finding } from "../check";
import type { Answer, ClusterCheck } from "../check";

export const checkPools: ClusterCheck = ({ cluster: { gpuNodes }, declaration: { gpuGroups, clusterName }, rollout, command }): Answer => {
  const lacking = gpuGroups.flatMap((group) => {
    const joined = gpuNodes.filter((node) => node.group === group).length;
    // A node of this type with another layout is a finding of its own, and probably the one that is missing here.
    const astray = gpuNodes.filter((node) => node.group === undefined && node.labels[INSTANCE_TYPE_LABEL] === group.instanceType).length;
    return joined + astray < group.nodes ? [{ group, joined }] : [];
  });
  const text = ({ group, joined }: (typeof lacking)[number]) => `${String(joined)} of ${String(group.nodes)} nodes have joined`;
  const subjectOf = ({ group }: (typeof lacking)[number]) => `pool ${group.pools.join(", ")} (${group.instanceType} with ${group.layout})`;
  return rollout.type === "running" || rollout.type === "otherConfiguration"
    ? { notYet: lacking.map((each) => ({ subject: subjectOf(each), waitsFor: `nodes: ${text(each)}` })) }
    : {
        findings: lacking.map((each) =>
          finding("nodes-missing", {
            subject: subjectOf(each),
            seen: text(each),
            commands: [
              command.aws("eks", "list-nodegroups", "--cluster-name", clusterName),
              // Why EC2 starts no instance is in the health of the node group. Terminating one that never joined makes the group start another.
              ...each.group.pools.map((pool) =>
                command.aws(
                  ...["ec2", "describe-instances", "--filters", `Name=tag:eks:nodegroup-name,Values=${clusterName}-${pool}-*`],
                  ...["--query", "Reservations[].Instances[].[InstanceId,State.Name,LaunchTime]", "--output", "text"],
                ),
              ),
            ],
          }),
        ),
      };
};
