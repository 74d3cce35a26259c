/**
 * What a change of the configuration, of a script or of the program makes of a stack that is deployed and works: previewed, done, and done again without any
 * further change, with pods that take their time to stop. What is expected stands in `changes-table.ts`, as in docs/operations.md.
 */
import * as fs from "node:fs";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { deployment as deploymentOf } from "../cluster/fleet/manifests";
import { podsNamed, waitForRunning } from "../cluster/fleet/cluster";
import { BATCHES, DEPLOYED } from "./changes-table";
import type { Effect, Fate, Row, Running } from "./changes-table";
import { Deployment } from "./deployment";
import { errorsOf } from "./workspace";
import type { Outcome } from "./workspace";

const EXAMPLES = { namespace: "mig-test", prefix: "mig-", count: 3 };
/** A team's own work beside the examples. */
const TEAM = { namespace: "team", prefix: "notebook", count: 1 };

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open({ config: DEPLOYED });
  const outcome = await deployment.workspace.up();
  if (!outcome.succeeded) {
    throw new Error(outcome.stdout);
  }
  const notebook = { name: TEAM.prefix, namespace: TEAM.namespace, claims: [{ resourceClaimTemplateName: "mig-small-template" }] };
  await deployment.api.create(deploymentOf(TEAM.count, notebook));
});
afterAll(() => deployment.close());

/** Steps of components say nothing of their own. */
const COMPONENT = /^(shared-gpu|awsx|eks):/;
const PARTS_OF_REPLACEMENTS: ReadonlySet<string> = new Set(["create-replacement", "delete-replaced"]);

/** `update NodeGroup a100`, sorted; a replacement is one line. */
function changes({ steps }: Outcome): readonly string[] {
  return steps
    .filter(({ op, type }) => !COMPONENT.test(type) && !PARTS_OF_REPLACEMENTS.has(op))
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
}

const expectedOf = (effects: readonly Effect[]): readonly string[] => [...new Set(effects.flatMap(({ steps }) => steps))].sort();

async function uids({ namespace, prefix }: typeof EXAMPLES): Promise<readonly string[]> {
  return (await podsNamed(deployment.api, namespace, prefix)).map(({ metadata }) => String(metadata["uid"])).sort();
}

/** Waits until such pods run that have fared like this. @param before uids of those that ran before. */
async function expectFate(pods: typeof EXAMPLES, fate: Fate, before: readonly string[]): Promise<void> {
  await waitForRunning(deployment.api, pods.namespace, pods.prefix, fate === "gone" ? 0 : pods.count);
  const after = await uids(pods);
  const kept = after.filter((uid) => before.includes(uid));
  expect({ pods: pods.prefix, kept: kept.length, of: after.length }).toEqual({
    pods: pods.prefix,
    kept: fate === "the same" ? pods.count : 0,
    of: fate === "gone" ? 0 : pods.count,
  });
}

async function change(rows: readonly Row[]): Promise<void> {
  for (const { settings } of rows) {
    await deployment.configure(settings(deployment.settings));
  }
}

function passes(outcome: Outcome): void {
  expect(errorsOf(outcome)).toEqual([]);
  expect(outcome.violations.filter(({ enforcementLevel, isDowngraded }) => isDowngraded || enforcementLevel === "mandatory")).toEqual([]);
}

test.each(BATCHES.map((rows) => [rows.map(({ change: title }) => title).join("; "), rows] as const))("%s", async (_, rows) => {
  const results = rows.map(({ result }) => result).filter((result) => result.type === "done");
  const expected = expectedOf(results.flatMap(({ effects }) => effects));
  const { examples, team } = results[0]?.running as Running;
  await waitForRunning(deployment.api, EXAMPLES.namespace, EXAMPLES.prefix, EXAMPLES.count);
  await waitForRunning(deployment.api, TEAM.namespace, TEAM.prefix, TEAM.count);
  const before = { examples: await uids(EXAMPLES), team: await uids(TEAM) };
  await change(rows);

  const planned = await deployment.workspace.preview();
  passes(planned);
  expect(changes(planned)).toEqual(expected);

  const done = await deployment.workspace.up();
  passes(done);
  expect(changes(done)).toEqual(expected);
  await expectFate(EXAMPLES, examples, before.examples);
  await expectFate(TEAM, team, before.team);

  const again = await deployment.workspace.up({ pack: false });
  passes(again);
  expect(again.steps).toEqual([]);
  console.log(planned.wallMs, done.wallMs, again.wallMs);
});
