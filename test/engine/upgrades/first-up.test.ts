/** A new user who changes `kubernetesVersion`: the rehearsal and the first `up` are green on every Kubernetes version of the catalogue. */
import { join } from "node:path";
import { RELEASES, defaultRelease } from "../../../src/releases/find";
import { loadPack } from "../../../src/rehearsal/policy/load-pack";
import { rehearse } from "../../../src/rehearsal/rehearse";
import { ROOT } from "../../support/program";
import { waitForRunning } from "../../harness/fleet/cluster";
import { Deployment } from "../../harness/engine/deployment";
import { linkProgram } from "../../harness/engine/project";
import { errorsOf } from "../../harness/engine/workspace";

/** `up.test.ts` is about the default. */
const OTHERS = RELEASES.filter((release) => release !== defaultRelease());

describe.each(OTHERS.map((release) => [release.kubernetesVersion, release] as const))("Kubernetes %s", (kubernetesVersion, release) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await Deployment.open({ fleet: { release } });
  });
  afterAll(() => deployment.close());

  test("the rehearsal finds nothing", async () => {
    const root = join(deployment.workspace.folder, "project");
    linkProgram(root);
    const report = await rehearse({
      root,
      ...{ stack: "dev", manifests: [], namespace: "default", strict: true, policyPackConfig: undefined, today: new Date("2026-11-28") },
      loadPack: () => loadPack(join(ROOT, "policy-pack")),
    });
    expect(report.findings).toEqual([]);
    expect(report.result).toBe("ok");
  });

  test("the first `up` makes everything, the policy pack passes it, and the examples run on slices", async () => {
    const first = await deployment.workspace.up();
    expect(errorsOf(first)).toEqual([]);
    expect(first.steps.filter(({ op }) => op !== "create")).toEqual([]);
    expect(first.violations.filter(({ enforcementLevel, isDowngraded }) => enforcementLevel === "mandatory" || isDowngraded)).toEqual([]);
    const { body } = await deployment.api.request("GET", "/version");
    expect(JSON.stringify(body)).toContain(`v${kubernetesVersion}.`);
    const [cluster] = deployment.workspace.standIns.cloud.all.filter(({ type }) => type === "aws:eks/cluster:Cluster");
    expect(cluster?.inputs["version"]).toBe(kubernetesVersion);
    await waitForRunning(deployment.api, "mig-test", "mig-", 3);
  });

  test("a second `up` changes nothing", async () => {
    const second = await deployment.workspace.up();
    expect(errorsOf(second)).toEqual([]);
    expect(second.steps).toEqual([]);
  });
});
