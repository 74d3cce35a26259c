/**
 * Before any test: the programs of both tiers, which may have to be built, with progress where jest would show none during a test; and which parts are real.
 * `npm run build:engine-tier` does only that.
 */
import { CONTROL_PLANE_BINARIES, OPERATOR_BINARIES, ensureBinaries } from "../support/go-binaries";
import { describeParts, installedParts } from "../harness/engine/parts";

export default async function buildBinaries(): Promise<void> {
  process.stderr.write(`\n${describeParts(installedParts()).join("\n")}\n`);
  await ensureBinaries([...CONTROL_PLANE_BINARIES, ...OPERATOR_BINARIES]);
}

if (require.main === module) {
  void buildBinaries();
}
