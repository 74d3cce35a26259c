/** One thing that is wrong with the configuration of a stack. */
export interface Problem {
  /** Path of the key, as `pulumi config set --path` takes it: `gpuPools[0].layout`. */
  readonly key: string;
  /** What the stack says; undefined where it says nothing. */
  readonly value?: unknown;
  /** Why it is refused: a clause that follows key and value. One that quotes the value itself follows the key alone. */
  readonly reason: string;
  /** Legal values next to the refused one, best first. */
  readonly nearest?: readonly string[];
}

/** Values longer than this are cut where they are printed. */
const MAX_VALUE_LENGTH = 120;

/** One problem as text: `gpuPools[0].instanceType: "p4d.24xlage": no instance type of this name is known; did you mean "p4d.24xlarge"?` */
export function formatProblem({ key, value, reason, nearest = [] }: Problem): string {
  const shown = value === undefined ? undefined : formatValue(value);
  const quoted = typeof value === "string" && shown !== undefined && reason.includes(shown);
  const subject = shown === undefined || quoted ? key : `${key}: ${shown}`;
  return `${subject}: ${reason}${formatNearest(nearest, value)}`;
}

/** All problems of a stack as one message. */
export function formatProblems(problems: readonly Problem[]): string {
  const heading =
    problems.length === 1
      ? "Invalid stack configuration. No resources were created:"
      : `Invalid stack configuration (${problems.length} problems). No resources were created:`;
  return [heading, ...problems.map((problem) => `  - ${formatProblem(problem)}`)].join("\n");
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}...`;
}

/** Strings in quotes, numbers and booleans without, as a stack file writes them. */
function formatNearest(nearest: readonly string[], value: unknown): string {
  if (nearest.length === 0) {
    return "";
  }
  const plain = typeof value === "number" || typeof value === "boolean" ? /^(-?\d+|true|false)$/ : /^$/;
  const quoted = nearest.map((candidate) => (plain.test(candidate) ? candidate : JSON.stringify(candidate)));
  return `; did you mean ${quoted.join(" or ")}?`;
}

/** Takes note of a problem; whoever reads the configuration goes on, so that all problems are told at once. */
export type Report = (problem: Problem) => void;
