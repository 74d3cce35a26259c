/** This project's policy pack, in the process of the tests. A process serves a pack once, so test files that share their modules share the pack. */
import { join } from "node:path";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { ROOT } from "./program";

let loaded: Promise<ServedPack> | undefined;

export function projectPack(): Promise<ServedPack> {
  loaded ??= loadPack(join(ROOT, "policy-pack"));
  return loaded;
}
