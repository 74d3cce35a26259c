/** Before any test: the programs of the control plane, where there is a driver to test. */
import { CONTROL_PLANE_BINARIES, ensureBinaries } from "../support/go-binaries";
import { draDriverBinary } from "./binaries";

export default async function buildBinaries(): Promise<void> {
  if (draDriverBinary() !== undefined) {
    await ensureBinaries(CONTROL_PLANE_BINARIES);
  }
}
