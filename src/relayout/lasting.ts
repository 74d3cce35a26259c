/** What makes a relayout last: the stack still declares the former layout, and only it says what nodes get that join the pool. */
import { shellLine } from "../cluster/shell-line";
import { isStockLayout } from "../hardware/layouts";

/** The place of a node group's pool among those of the stack. EKS calls the group after cluster and pool (`src/aws/naming.ts`). Undefined: no name says it. */
export function poolIndexOf(nodeGroup: string, gpuPools: readonly string[]): number | undefined {
  const found = gpuPools.flatMap((name, index) => (`-${nodeGroup}-`.includes(`-${name}-`) ? [index] : []));
  return found.length === 1 ? found[0] : undefined;
}

/** The key of the stack that says the layout of a pool. */
export function layoutKey(poolIndex: number | undefined): string {
  return `gpuPools[${poolIndex === undefined ? "N" : String(poolIndex)}].layout`;
}

/** The commands, one after the other. @param poolIndex undefined: the stack file does not say which pool it is. */
export function lastingCommands(layout: string, stack: string, poolIndex: number | undefined): readonly string[] {
  const key = layoutKey(poolIndex);
  return [
    isStockLayout(layout)
      ? shellLine(["pulumi", "config", "set", "--path", key, layout, "--stack", stack])
      : `# write the layout ${layout} into ${key} of Pulumi.${stack}.yaml`,
    ...(poolIndex === undefined ? [`# N is the place of the pool in Pulumi.${stack}.yaml, counted from 0`] : []),
    shellLine(["npm", "start", "--", "--stack", stack]),
    shellLine(["pulumi", "up", "--stack", stack]),
  ];
}
