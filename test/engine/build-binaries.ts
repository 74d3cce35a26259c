/** Before any test: the programs of both tiers, which may have to be built, with progress where jest would show none during a test. */
import { CONTROL_PLANE_BINARIES, OPERATOR_BINARIES, ensureBinaries } from "../support/go-binaries";

export default async function buildBinaries(): Promise<void> {
  await ensureBinaries([...CONTROL_PLANE_BINARIES, ...OPERATOR_BINARIES]);
}
