/** Everything that a capture says about the model, in a form that can go into a public report: nodes have numbers, in the order of the capture. */
import { instanceMemory } from "../../hardware/instance-memory";
import { formatProfileCounts, countProfiles } from "../../hardware/placement";
import type { GpuLayout } from "../../hardware/types";
import { compareNode } from "./compare";
import type { ComparedNode, Difference, NodeComparison } from "./compare";
import type { CapturedNode } from "./read";

export interface NodeResult {
  /** From 1, in the order of the capture. Nodes with the same result are one entry. */
  readonly nodes: readonly number[];
  readonly result: "equal" | "differs" | "unknown";
  /** What the nodes are, in a line; of an `unknown` one, why it cannot be compared. */
  readonly description: string;
  readonly differences: readonly Difference[];
  /** What of the model rests on no capture, so that a difference is no surprise. */
  readonly assumptions: readonly string[];
}

export interface CaptureResult {
  /** `differs` goes before `unknown`, which goes before `equal`. */
  readonly result: NodeResult["result"];
  readonly nodes: readonly NodeResult[];
}

export function compareCapture(nodes: readonly CapturedNode[]): CaptureResult {
  const groups = new Map<string, NodeResult>();
  for (const [index, node] of nodes.entries()) {
    const result = resultOf(compareNode(node));
    const key = JSON.stringify(result);
    groups.set(key, { ...result, nodes: [...(groups.get(key)?.nodes ?? []), index + 1] });
  }
  const results = [...groups.values()];
  const worst = (["differs", "unknown"] as const).find((each) => results.some(({ result }) => result === each));
  return { result: worst ?? "equal", nodes: results };
}

function resultOf(comparison: NodeComparison): NodeResult {
  switch (comparison.type) {
    case "unknown":
      return { nodes: [], result: "unknown", description: comparison.reason, differences: [], assumptions: [] };
    case "equal":
    case "differs": {
      const { node } = comparison;
      const differences = comparison.type === "differs" ? comparison.differences : [];
      const assumptions = [...memoryAssumptions(node, differences), ...node.model.assumptions];
      return { nodes: [], result: comparison.type, description: describe(node), differences, assumptions };
    }
  }
}

/** For each profile whose memory differs, the driver of its figure, where that is not the node's. */
function memoryAssumptions({ model, driverVersion }: ComparedNode, differences: readonly Difference[]): readonly string[] {
  const branchOf = (version: string | undefined): string | undefined => version?.split(".")[0];
  return model.profiles
    .filter(({ name }) => differences.some(({ subject, of }) => subject === "capacity memory" && of === name))
    .flatMap((profile) => {
      const { capturedWith } = instanceMemory(model, profile, driverVersion);
      return branchOf(capturedWith) === branchOf(driverVersion)
        ? []
        : [
            `the memory of ${profile.name} is that of ${capturedWith === undefined ? "a listing without a driver" : `NVIDIA driver ${capturedWith}`}`,
          ];
    });
}

function describe({ model, layout, lines, driverVersion, devices }: ComparedNode): string {
  const published = layout.gpus.filter((gpu) => gpu.type === "whole" || gpu.placements.length > 0);
  const contents = new Map<string, number>();
  for (const gpu of published) {
    contents.set(contentsOf(gpu), (contents.get(contentsOf(gpu)) ?? 0) + 1);
  }
  const gpus = [...contents].map(([content, count]) => `${String(count)} of ${content}`).join("; ");
  return `${model.productName}, NVIDIA driver ${driverVersion}, DRA driver ${lines.map((line) => `${line}.x`).join(" or ")}, ${String(devices)} devices: ${gpus}`;
}

function contentsOf(gpu: GpuLayout): string {
  return gpu.type === "whole" ? "a whole GPU" : formatProfileCounts(countProfiles(gpu.placements));
}
