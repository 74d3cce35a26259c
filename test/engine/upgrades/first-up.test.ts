/** A new user who changes `kubernetesVersion`: the first `up` is green on every Kubernetes version of the catalogue. `rehearse.test.ts` has the rehearsal. */
import { RELEASES, defaultRelease } from "../../../src/releases/find";
import { waitForRunning } from "../../harness/fleet/cluster";
import { Deployment } from "../../harness/engine/deployment";
import { errorsOf } from "../../harness/engine/workspace";

/** `up.test.ts` is about the default. */
const OTHERS = RELEASES.filter((release) => release !== defaultRelease());

describe.each(OTHERS.map((release) => [release.kubernetesVersion, release] as const))("Kubernetes %s", (kubernetesVersion, release) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await Deployment.open({ fleet: { release } });
  });
  afterAll(() => deployment.close());

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
