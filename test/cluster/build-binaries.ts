/**
 * Before any test: the programs of the control plane, kubectl, those of monitoring and what Kubernetes says of selectors, which may have to be built, with progress
 * where jest would show none during a test. `npm run build:cluster-tier` does only that.
 */
import { liveContext } from "../harness/control-plane/context";
import { CONTROL_PLANE_BINARIES, MONITORING_BINARIES, ensureBinaries } from "../support/go-binaries";

export default async function buildBinaries(): Promise<void> {
  if (liveContext() === undefined) {
    await ensureBinaries(CONTROL_PLANE_BINARIES);
  }
  await ensureBinaries(["kubectl", ...MONITORING_BINARIES, "selector-verdicts"]);
}

if (require.main === module) {
  void buildBinaries();
}
