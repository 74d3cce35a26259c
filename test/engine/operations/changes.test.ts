/**
 * What a change of the configuration, of a script or of the program makes of a stack that is deployed and works: previewed, done, and done again without any
 * further change, with pods that take their time to stop. What is expected stands in `changes-table.ts`, as in docs/operations.md.
 */
import * as fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { runtime } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { deployment as deploymentOf } from "../../harness/fleet/manifests";
import { podsNamed } from "../../harness/fleet/cluster";
import { waitFor } from "../../../src/live/wait";
import { podsStoppedBy } from "../../../src/rehearsal/deployed/stopped-pods";
import { foretell, foretoldChanges } from "../../harness/engine/foretold";
import type { Foretold } from "../../harness/engine/foretold";
import { BATCHES, DEPLOYED, REFUSED } from "./changes-table";
import type { Effect, Fate, Result, Row, Running } from "./changes-table";
import { Deployment } from "../../harness/engine/deployment";
import { drain } from "../../harness/engine/instances";
import { nameOf } from "../../harness/engine/providers/urns";
import { errorsOf, stackProgram } from "../../harness/engine/workspace";
import type { Outcome } from "../../harness/engine/workspace";

const EXAMPLES = { namespace: "mig-test", prefix: "mig-", count: 3 };
/** A team's own work beside the examples. */
const TEAM = { namespace: "team", prefix: "notebook", count: 1 };

let deployment: Deployment;
let program: PulumiFn;
beforeAll(async () => {
  program = await stackProgram();
  deployment = await Deployment.open({ config: DEPLOYED });
  const outcome = await deployment.workspace.up();
  if (!outcome.succeeded) {
    throw new Error([...errorsOf(outcome), outcome.stdout, outcome.stderr].join("\n"));
  }
  const notebook = { name: TEAM.prefix, namespace: TEAM.namespace, claims: [{ resourceClaimTemplateName: "mig-small-template" }] };
  await deployment.api.create(deploymentOf(TEAM.count, notebook));
  await waitForFate(EXAMPLES, "new", []);
  await waitForFate(TEAM, "new", []);
});
afterAll(() => deployment.close());

/** Steps of components say nothing of their own. */
const COMPONENT = /^(shared-gpu|awsx|eks):/;
const PARTS_OF_REPLACEMENTS: ReadonlySet<string> = new Set(["create-replacement", "delete-replaced"]);

/** `update NodeGroup a100`, sorted; a replacement is one line. */
function changes({ steps }: Outcome): readonly string[] {
  return steps
    .filter(({ op, type }) => !COMPONENT.test(type) && !PARTS_OF_REPLACEMENTS.has(op))
    .map((step) => `${step.op} ${title(step)}`)
    .sort();
}

/** The steps of all effects together. */
function expectedOf(effects: readonly Effect[]): readonly string[] {
  const { resources } = deployment.workspace.state();
  const tagged = resources.filter(({ type, inputs }) => type.startsWith("aws:") && inputs?.["tags"] !== undefined);
  const all = effects.flatMap(({ steps }) =>
    steps === "every tagged resource" ? tagged.map(({ type, urn }) => `update ${title({ type, name: nameOf(urn) })}`) : steps,
  );
  return [...new Set(all)].sort();
}

function title({ type, name }: { readonly type: string; readonly name: string }): string {
  return `${type.split(":").at(-1) ?? ""} ${name}`;
}

/** Uids of such pods that run and are not about to go. */
async function running({ namespace, prefix }: typeof EXAMPLES): Promise<readonly string[]> {
  return (await podsNamed(deployment.api, namespace, prefix))
    .filter(({ metadata, status }) => metadata["deletionTimestamp"] === undefined && status?.phase === "Running")
    .map(({ metadata }) => String(metadata["uid"]));
}

/** Whether `npm start -- --from-export` says that such pods stop: by their workloads, their namespace, or the node group that they are on. */
async function isForetoldToStop({ namespace, prefix }: typeof EXAMPLES, { steps }: Foretold): Promise<boolean> {
  const nodes = new Map(
    (await deployment.api.list("/api/v1/nodes")).map(({ metadata }) => [
      String(metadata["name"]),
      metadata["labels"] as Readonly<Record<string, string>>,
    ]),
  );
  const pods = await podsNamed(deployment.api, namespace, prefix);
  const groups = pods.map(({ spec }) => String(nodes.get(String(spec?.["nodeName"]))?.["eks.amazonaws.com/nodegroup"]));
  return steps.some((step) => {
    const stopped = podsStoppedBy(step);
    switch (stopped?.type) {
      case undefined:
        return false;
      case "cluster":
        return true;
      case "namespace":
        return stopped.name === namespace;
      case "nodeGroup":
        return groups.some((group) => group === stopped.name || group.startsWith(`${stopped.name}-`));
      case "workload":
        return stopped.title.includes(` ${prefix}`);
    }
  });
}

/** Waits until such pods run that have fared like this. @param before those that ran before. */
async function waitForFate(pods: typeof EXAMPLES, fate: Fate, before: readonly string[]): Promise<void> {
  const [total, kept] = { "the same": [pods.count, pods.count], new: [pods.count, 0], gone: [0, 0] }[fate];
  const seen = async () => {
    const now = await running(pods);
    return { total: now.length, kept: now.filter((uid) => before.includes(uid)).length };
  };
  await waitFor(`${total} pods ${pods.prefix}*, ${kept} of them as before`, async () => isDeepStrictEqual(await seen(), { total, kept }), {
    describe: async () => JSON.stringify(await seen()),
  });
}

const node = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });

/** Drains all nodes with GPUs. @returns their names. */
async function drainPool(): Promise<readonly string[]> {
  const nodes = await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu");
  const names = nodes.map(({ metadata }) => String(metadata["name"]));
  for (const name of names) {
    await drain(deployment.api, name);
  }
  return names;
}

/** Scripts that have been edited, as long as this file runs. */
const edited = new Set<string>();
beforeAll(() => {
  const read = fs.readFileSync;
  jest.spyOn(jest.requireActual<typeof fs>("node:fs"), "readFileSync").mockImplementation(((...args: Parameters<typeof read>) => {
    const content = read(...args);
    return [...edited].some((script) => String(args[0]).endsWith(script)) ? `${String(content)}\n# edited\n` : content;
  }) as typeof read);
});
afterAll(() => jest.restoreAllMocks());

async function change(rows: readonly Row[]): Promise<void> {
  for (const { settings, editsScript } of rows) {
    if (editsScript === true) {
      edited.add("fashion_mnist/training.py");
    }
    await deployment.configure(settings(deployment.settings, deployment.workspace.folder));
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
  const before = { examples: await running(EXAMPLES), team: await running(TEAM) };
  await change(rows);
  const drained = rows.some(({ drains }) => drains) ? await drainPool() : [];

  // All of it before anything is judged, so that the next changes begin where they should.
  const planned = await deployment.workspace.preview();
  const foretold = await foretell(deployment.workspace);
  const stopped = { examples: await isForetoldToStop(EXAMPLES, foretold), team: await isForetoldToStop(TEAM, foretold) };
  const done = await deployment.workspace.up();
  await Promise.all(drained.map((name) => deployment.api.merge(node(name), { spec: { unschedulable: false } })));
  const again = await deployment.workspace.up({ pack: false });
  [planned, done, again].forEach(passes);
  expect({ foretold: foretoldChanges(foretold), planned: changes(planned), done: changes(done), again: changes(again) }).toEqual({
    foretold: expected,
    planned: expected,
    done: expected,
    again: [],
  });
  // Whom the drain stops, or who does not run yet, no plan stops.
  if (drained.length === 0 && before.examples.length > 0) {
    expect(stopped).toEqual({ examples: examples !== "the same", team: team !== "the same" });
  }
  await deployment.endJobBackOff();
  await waitForFate(EXAMPLES, examples, before.examples);
  await waitForFate(TEAM, team, before.team);
});

test.each(REFUSED.map((row) => [row.change, row] as const))("%s: refused in the preview", async (_, { settings, result }) => {
  const changed = settings(deployment.settings, deployment.workspace.folder);
  const before = Object.fromEntries(Object.keys(changed).map((key) => [key, deployment.settings[key]]));
  deployment.workspace.configure(changed);
  const outcome = await deployment.workspace.preview();
  deployment.workspace.configure(before);
  expect(outcome.succeeded).toBe(false);
  expect(errorsOf(outcome).join("\n")).toMatch((result as Extract<Result, { readonly type: "refused" }>).message);
  expect(changes(outcome)).toEqual([]);
});

/** The program with other arguments for every resource of a type. */
function withProperties(change: Readonly<Record<string, (properties: Readonly<Record<string, object>>) => object>>): PulumiFn {
  return async () => {
    runtime.registerStackTransformation(({ type, props, opts }) => {
      const changed = change[type]?.(props as Readonly<Record<string, object>>);
      return changed === undefined ? undefined : { props: { ...props, ...changed }, opts };
    });
    return program();
  };
}

test("a release of this project with another claim template, another storage class, another provider: those alone change, and who holds a slice keeps it", async () => {
  const spec = {
    spec: {
      devices: {
        requests: [{ name: "renamed", exactly: { deviceClassName: "mig-small.nvidia.com", allocationMode: "ExactCount", count: 1 } }],
      },
    },
  };
  const release = withProperties({
    "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate": () => ({ spec }),
    "kubernetes:storage.k8s.io/v1:StorageClass": ({ parameters }) => ({ parameters: { ...parameters, throughput: "250" } }),
    "pulumi:providers:kubernetes": () => ({ suppressDeprecationWarnings: "true" }),
  });
  const before = { examples: await running(EXAMPLES), team: await running(TEAM) };
  // Without a preview, as docs/operations.md says: the provider does not take the API server's words for a field that cannot be changed.
  const outcome = await deployment.workspace.up({ program: release });
  passes(outcome);
  expect(changes(outcome)).toEqual(
    [
      "replace StorageClass gp3",
      "update kubernetes control-plane",
      ...["mig-test", "team"].flatMap((team) =>
        ["large", "medium", "small"].map((tier) => `replace ResourceClaimTemplate ${team}-mig-${tier}-template`),
      ),
    ].sort(),
  );
  await waitForFate(EXAMPLES, "the same", before.examples);
  await waitForFate(TEAM, "the same", before.team);
  expect((await deployment.workspace.up({ program: release, pack: false })).steps).toEqual([]);
});

test("destroy, while the pods of a change still stop", async () => {
  await deployment.configure({ fashionMnist: { type: "deployed", team: "mig-test", colocate: true } });
  passes(await deployment.workspace.up());
  const gone = await deployment.workspace.destroy();
  expect(errorsOf(gone)).toEqual([]);
  expect(deployment.workspace.state().resources).toEqual([]);
  expect(deployment.workspace.standIns.cloud.all).toEqual([]);
});
