/** The commands of findings. */
import type { JsonObject } from "../cluster/objects";
import { kubectlFor, shellLine } from "../cluster/shell-line";
import type { Kubectl } from "../cluster/shell-line";
import { doctorLine, relayoutLine } from "../relayout/command-lines";

export interface Commands {
  /** A command of kubectl for the cluster that was read. */
  readonly kubectl: Kubectl;
  /** The same with an object on its standard input. */
  readonly kubectlWith: (object: JsonObject, ...args: readonly string[]) => string;
  readonly aws: (...args: readonly string[]) => string;
  /** `npm run relayout` for the cluster that was read. */
  readonly relayout: (...args: readonly string[]) => string;
  /** `npm run doctor` for the cluster that was read. */
  readonly doctor: (...args: readonly string[]) => string;
  /** `pulumi up` that first reads what there is. */
  readonly up: () => string;
}

export interface CommandTarget {
  /** The kubectl context that was read; undefined for a file: kubectl's current context is used then. */
  readonly context: string | undefined;
  readonly stack: string;
  readonly region: string;
}

export function commandsFor({ context, stack, region }: CommandTarget): Commands {
  const kubectl = kubectlFor(context);
  return {
    kubectl,
    kubectlWith: (object, ...args) => `${kubectl(...args, "-f", "-")} <<'EOF'\n${JSON.stringify(object)}\nEOF`,
    aws: (...args) => shellLine(["aws", ...args, "--region", region]),
    relayout: (...args) => relayoutLine({ context, stack }, ...args),
    doctor: (...args) => doctorLine({ context, stack }, ...args),
    up: () => shellLine(["pulumi", "up", "--refresh", "--stack", stack]),
  };
}
