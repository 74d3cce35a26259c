/** Before any test: the programs of the control plane, kubectl and those of monitoring, which may have to be built, with progress where jest would show none during a test. */
import { liveContext } from "../harness/control-plane/context";
import { CONTROL_PLANE_BINARIES, MONITORING_BINARIES, ensureBinaries } from "../support/go-binaries";

export default async function buildBinaries(): Promise<void> {
  if (liveContext() === undefined) {
    await ensureBinaries(CONTROL_PLANE_BINARIES);
  }
  await ensureBinaries(["kubectl", ...MONITORING_BINARIES]);
}
