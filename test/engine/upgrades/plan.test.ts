/** The plan that `npm start -- --from-export` prints is what the engine previews: for each row of "What a change does", and for each upgrade. */
import { RELEASES, defaultRelease } from "../../../src/releases/find";
import { Deployment } from "../../harness/engine/deployment";
import { changesOf, foretell, foretoldChanges } from "../../harness/engine/foretold";
import { formerCharts } from "../../harness/engine/former-charts";
import { STAND_IN_CHARTS } from "../../harness/engine/stand-in-charts";
import { errorsOf } from "../../harness/engine/workspace";
import { BATCHES, DEPLOYED, REFUSED } from "../operations/changes-table";
import type { Settings } from "../operations/changes-table";

const [FORMER] = Object.entries(defaultRelease().otherGpuSoftware);
const [, NEXT, ...JUMPS] = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open({ config: DEPLOYED });
  const [name, software] = FORMER as NonNullable<typeof FORMER>;
  await deployment.configure({ gpuSoftware: name, charts: formerCharts(deployment.workspace.folder, software) });
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
});
afterAll(() => deployment.close());

/** Previews a change of what is deployed, and leaves the settings as they were. */
async function previewed(
  changed: Settings,
): Promise<{ readonly real: readonly string[]; readonly foretold: readonly string[]; readonly errors: readonly [string, string] }> {
  const { workspace, settings } = deployment;
  workspace.configure(changed);
  try {
    const real = await workspace.preview({ pack: false });
    const foretold = await foretell(workspace);
    return { real: changesOf(real), foretold: foretoldChanges(foretold), errors: [errorsOf(real).join("\n"), foretold.errors.join("\n")] };
  } finally {
    workspace.configure(Object.fromEntries(Object.keys(changed).map((key) => [key, settings[key]])));
  }
}

const CURRENT = { gpuSoftware: undefined, charts: STAND_IN_CHARTS };

test.each<[string, Settings, number]>([
  ["nothing", {}, 0],
  ["the current pair of GPU Operator and DRA driver", CURRENT, 4],
  ["the next Kubernetes version", { kubernetesVersion: NEXT }, 5],
  ["both", { ...CURRENT, kubernetesVersion: NEXT }, 8],
])("an upgrade to %s: the plan is the engine's", async (_, changed, atLeast) => {
  const { real, foretold, errors } = await previewed(changed);
  expect(errors).toEqual(["", ""]);
  expect(foretold).toEqual(real);
  expect(real.length).toBeGreaterThanOrEqual(atLeast);
});

test.each(JUMPS.map((version) => [version]))("a jump to %s is refused by both, with what to write", async (version) => {
  const { real, foretold, errors } = await previewed({ kubernetesVersion: version });
  for (const error of errors) {
    expect(error).toContain(
      `the cluster runs Kubernetes ${defaultRelease().kubernetesVersion}, and EKS upgrades one minor version at a time`,
    );
    expect(error).toContain(`Set it to "${NEXT ?? ""}"`);
  }
  expect(real).toEqual([]);
  expect(foretold.filter((step) => !step.startsWith("delete "))).toEqual([]);
});

/** Rows that change what an earlier row has made are previewed where they are run, in `operations/changes.test.ts`. */
const ROWS = BATCHES.flat().filter(({ editsScript, change }) => editsScript !== true && !change.includes("charts."));

test.each(ROWS.map((row) => [row.change, row] as const))("%s: the plan is the engine's", async (_, { settings }) => {
  const { real, foretold, errors } = await previewed(settings(deployment.settings, deployment.workspace.folder));
  expect(errors).toEqual(["", ""]);
  expect(foretold).toEqual(real);
});

test.each(REFUSED.map((row) => [row.change, row] as const))("%s: refused by both", async (_, { settings, result }) => {
  const { errors } = await previewed(settings(deployment.settings, deployment.workspace.folder));
  for (const error of errors) {
    expect(error).toMatch(result.type === "refused" ? result.message : /^$/);
  }
});
