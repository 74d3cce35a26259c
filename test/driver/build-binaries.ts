/** Before any test: the programs of the control plane, where there is a driver to test. */
import { CONTROL_PLANE_BINARIES, ensureBinaries } from "../support/go-binaries";
import { draDriverBinary } from "../harness/gpu-node/binaries";

const SKIPPED = "\nDRA_DRIVER_BINARY names no gpu-kubelet-plugin, so its tests are skipped. docs/testing.md says where you get it\n";

export default async function buildBinaries(): Promise<void> {
  if (draDriverBinary() === undefined) {
    process.stdout.write(SKIPPED);
    return;
  }
  await ensureBinaries(CONTROL_PLANE_BINARIES);
}
