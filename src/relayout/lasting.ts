/** What makes a relayout last: the stack still declares the former layout, and only it says what nodes get that join the pool. */
import { shellComment, shellLine } from "../cluster/shell-line";
import { isStockLayout } from "../hardware/layouts";
import { namePrefix } from "../well-known/name-prefix";

/** What a stack's file says of the node groups of its GPU pools. */
export interface StackPools {
  readonly stack: string;
  readonly clusterName: string;
  /** Names of the pools in `gpuPools`, in their order. */
  readonly gpuPools: readonly string[];
}

/** What follows the prefix of a name that the AWS provider has made up, or the name of a pool in one that Pulumi has made up for release 0.1. */
const MADE_UP = /^[0-9a-f]{7,26}$/;

/** The place of a node group's pool among those of a stack. Undefined: no pool of this stack has such a node group, so that it is one of another stack. */
export function poolIndexOf(nodeGroup: string, { clusterName, gpuPools }: Omit<StackPools, "stack">): number | undefined {
  const index = gpuPools.findIndex((pool) =>
    [namePrefix(clusterName, pool, "nodeGroup"), `${pool}-`].some(
      (prefix) => nodeGroup.startsWith(prefix) && MADE_UP.test(nodeGroup.slice(prefix.length)),
    ),
  );
  return index === -1 ? undefined : index;
}

/** The commands, one after the other. Of a node group that is not the stack's there are none, and the line says so. */
export function lastingCommands(layout: string, nodeGroup: string, pools: StackPools): readonly string[] {
  const { stack } = pools;
  const index = poolIndexOf(nodeGroup, pools);
  if (index === undefined) {
    return [
      shellComment(
        `no pool of Pulumi.${stack}.yaml calls its node group ${nodeGroup}: write ${layout} into gpuPools[N].layout of the stack that has it, and run pulumi up`,
      ),
    ];
  }
  const key = `gpuPools[${String(index)}].layout`;
  return [
    isStockLayout(layout)
      ? shellLine(["pulumi", "config", "set", "--path", key, layout, "--stack", stack])
      : shellComment(`write the layout ${layout} into ${key} of Pulumi.${stack}.yaml`),
    shellLine(["npm", "start", "--", "--stack", stack]),
    shellLine(["pulumi", "up", "--stack", stack]),
  ];
}
