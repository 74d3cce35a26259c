import type { CaptureResult, NodeResult } from "./result";

const WORDS: Readonly<Record<NodeResult["result"], string>> = { equal: "equal", differs: "differs", unknown: "cannot tell" };

/** The result in words. */
export function formatCaptureResult({ nodes }: CaptureResult, slicesOfOtherDrivers: number): string {
  const counts = (Object.keys(WORDS) as NodeResult["result"][]).map((result) => {
    const count = nodes.filter((entry) => entry.result === result).reduce((sum, entry) => sum + entry.nodes.length, 0);
    return `${WORDS[result]}: ${String(count)}`;
  });
  return [
    ...nodes.map(formatNodes),
    ...(slicesOfOtherDrivers === 0 ? [] : [`Slices of other drivers, which were left out: ${String(slicesOfOtherDrivers)}\n`]),
    `Nodes that are ${counts.join(", ")}\n`,
  ].join("\n");
}

function formatNodes({ nodes, result, description, differences, assumptions }: NodeResult): string {
  const title = `${nodes.length === 1 ? "Node" : "Nodes"} ${nodes.join(", ")}: ${WORDS[result]}`;
  const lines = differences.map(
    ({ subject, of, published, model, count }) =>
      `  ${subject} of ${String(count)} x ${of}: published ${published}, the model says ${model}`,
  );
  const notes = result === "differs" ? assumptions.map((text) => `  The model assumes: ${text}`) : [];
  return [title, `  ${description}`, ...lines, ...notes, ""].join("\n");
}
