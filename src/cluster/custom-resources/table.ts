/** The custom resources that people run on shared GPUs, as data. A kind that is not here is an unknown one. */
import { PLAIN, SIZING } from "./plain";
import { QUEUEING } from "./queueing";
import { SERVING } from "./serving";
import { TRAINING } from "./training";
import type { CustomKinds } from "./types";
import { VIRTUAL_MACHINES } from "./virtual-machines";
import { WORKFLOWS } from "./workflows";

/** Every entry of the table, a family at a time. */
export const CUSTOM_KINDS: readonly CustomKinds[] = [
  ...TRAINING,
  ...SERVING,
  ...WORKFLOWS,
  ...QUEUEING,
  ...VIRTUAL_MACHINES,
  ...PLAIN,
  ...SIZING,
];

const BY_NAME: ReadonlyMap<string, CustomKinds> = new Map(
  CUSTOM_KINDS.flatMap((entry) => entry.kinds.map((kind) => [nameOf(entry.group, kind), entry] as const)),
);

function nameOf(group: string, kind: string): string {
  return `${kind}.${group}`;
}

/** What is known about a kind of custom resource. */
export function findCustomKind(group: string, kind: string): CustomKinds | undefined {
  return BY_NAME.get(nameOf(group, kind));
}
