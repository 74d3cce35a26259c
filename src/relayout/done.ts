/** When nothing is left to do on a node. */
import { beyond } from "../cluster/readiness";
import type { Counts } from "../cluster/readiness";
import type { PoolNode } from "./pool";
import type { Work } from "./work";

/** @param devices what a node publishes afterwards, by node. @returns whether a node is as the work wants it, and as every other one. */
export function isDone(node: PoolNode, { work, devices }: { readonly work: Work; readonly devices: ReadonlyMap<string, Counts> }): boolean {
  const { name, record, migState } = node;
  return record.type === "none" && isChanged(node, work) && migState === "success" && hasExactly(node.devices, devices.get(name));
}

function isChanged({ name, layout, bootId }: PoolNode, work: Work): boolean {
  switch (work.type) {
    case "layout":
      return layout === work.layout;
    case "reboot":
      return hasRestarted(bootId, work.run.boots.get(name));
  }
}

/** Whether a node has booted since. Unknown boot IDs are no proof of that. */
export function hasRestarted(now: string | undefined, before: string | undefined): boolean {
  return now !== undefined && before !== undefined && now !== before;
}

/** Whether exactly these devices are published. */
export function hasExactly(devices: Counts | undefined, wanted: Counts | undefined): boolean {
  return devices !== undefined && wanted !== undefined && beyond(devices, wanted) === "" && beyond(wanted, devices) === "";
}
