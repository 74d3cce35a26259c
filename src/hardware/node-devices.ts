import type { NodeLayout } from "./types";

/** What a whole GPU is called where devices are counted by profile. */
export const WHOLE_GPU = "whole GPU";

/** The devices of a node by MIG profile: `{"1g.5gb": 16, "2g.10gb": 8, "3g.20gb": 8}` on an all-balanced p4d.24xlarge. */
export function devicesPerNode(layout: NodeLayout): Readonly<Record<string, number>> {
  const devices = layout.gpus.flatMap((gpu) => (gpu.type === "whole" ? [WHOLE_GPU] : gpu.placements.map(({ profile }) => profile.name)));
  const counts: Record<string, number> = {};
  for (const device of devices) {
    counts[device] = (counts[device] ?? 0) + 1;
  }
  return counts;
}
