/** What makes a relayout last, as the doctor and the relayout print it: executed line by line with the real CLI, on a deployed stack with running pods. */
import { join } from "node:path";
import { diagnose } from "../../../src/doctor/diagnose";
import { declarationOf } from "../../../src/doctor/declaration";
import type { Finding } from "../../../src/doctor/finding";
import { observeCluster } from "../../../src/doctor/observation/live";
import { clusterNameOf, gpuPoolNames, readStack } from "../../../src/rehearsal/stack-files";
import { podsNamed, publishedDevices, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { deployment as workload } from "../../harness/fleet/manifests";
import { Deployment } from "../../harness/engine/deployment";
import { Operator } from "../../harness/engine/operator";
import { errorsOf } from "../../harness/engine/workspace";
import { runProgram } from "../../support/program";

const TEAM = "mig-test";
const CONTEXT = "shared-gpu";
const TO = "all-1g.5gb";
const SMALLEST = 56;

let deployment: Deployment;
let operator: Operator;
beforeAll(async () => {
  deployment = await Deployment.open({ config: { fashionMnist: { type: "none" }, teams: [{ name: TEAM, slices: { small: 8 } }] } });
  const outcome = await deployment.workspace.up({ pack: false });
  if (!outcome.succeeded) {
    throw new Error([...errorsOf(outcome), outcome.stderr].join("\n"));
  }
  operator = new Operator(deployment);
  operator.getIn();
  await deployment.api.create(
    workload(2, { name: "service", namespace: TEAM, claims: [{ resourceClaimTemplateName: "mig-small-template" }] }),
  );
  await waitForRunning(deployment.api, TEAM, "service", 2);
});
afterAll(() => deployment.close());

/** What the doctor finds about layouts, when no `pulumi up` can be at work any more. */
async function foundOfLayouts(): Promise<readonly Finding[]> {
  const settings = readStack(join(deployment.workspace.folder, "project"), "dev");
  const observation = await observeCluster(deployment.api, CONTEXT, () => undefined);
  const readAt = new Date(Date.parse(observation.readAt) + 4 * 3_600_000).toISOString();
  const declared = { stack: "dev", gpuPools: gpuPoolNames(settings) };
  const declaration = declarationOf(await runProgram({ config: settings.config }), declared, new Date(readAt));
  expect(declaration.clusterName).toBe(clusterNameOf(settings));
  return diagnose({ ...observation, readAt }, declaration, CONTEXT).findings.filter(({ id }) => /^(relayout|node-layout|slices)/.test(id));
}

const state = async () => ({
  pods: (await podsNamed(deployment.api, TEAM, "")).map(({ metadata }) => String(metadata["uid"])).sort(),
  devices: [...(await publishedDevices(deployment.api)).keys()].sort(),
});

test("the lines that make a relayout last are executed as they are printed: no pod stops, and the doctor is silent", async () => {
  const { api } = deployment;
  expect(await foundOfLayouts()).toEqual([]);
  const printed = await operator.do(`npm run relayout -- --context ${CONTEXT} --stack dev --pool a100 --layout ${TO} --yes`);
  await waitForDevices(api, SMALLEST);
  await waitForRunning(api, TEAM, "service", 2);
  const findings = await foundOfLayouts();
  expect(findings).toMatchObject([{ id: "relayout-not-in-stack" }]);
  const commands = findings.flatMap((finding) => finding.commands);
  expect(commands).toHaveLength(3);
  expect(printed).toContain(`${commands.join("\n")}\n`);

  const before = await state();
  for (const command of commands) {
    await operator.do(command);
  }
  expect(await foundOfLayouts()).toEqual([]);
  expect(await state()).toEqual(before);
  expect(await operator.do("pulumi up --stack dev --expect-no-changes")).toMatch(/\d+ unchanged/);
  const again = await operator.do(`npm run relayout -- --context ${CONTEXT} --stack dev --pool a100 --layout ${TO} --yes`);
  expect(again).toContain("Done: every node of pool");
  expect(await state()).toEqual(before);
});
