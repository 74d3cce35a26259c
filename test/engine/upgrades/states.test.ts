/**
 * The plan that `npm start -- --from-export` prints is the engine's also where earlier runs have left something: a run that failed half-way, changes of the state
 * by hand (`pulumi state`, `pulumi import`), and names of earlier releases.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "../../harness/engine/deployment";
import { changesOf, foretell, foretoldChanges } from "../../harness/engine/foretold";
import { errorsOf } from "../../harness/engine/workspace";
import type { Behaviour } from "../../../src/fleet/pods/container";
import { GATE_NAME } from "../../../src/kubernetes/partition-gate/job";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { podsStoppedBy } from "../../../src/rehearsal/deployed/stopped-pods";
import { upgradeFindings } from "../../../src/rehearsal/report/upgrade";
import { DEPLOYED } from "../operations/changes-table";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const CLUSTER = "aws:eks/cluster:Cluster control-plane-eksCluster";

type StateOfResource = Record<string, unknown> & { readonly urn: string };
interface Exported {
  readonly deployment: { resources: StateOfResource[]; pending_operations?: object[] };
}

/** What the gate's pod says when it gives up, while it does. */
let verdict: string | undefined;
const behaviourOf = ({ metadata }: KubernetesObject): Behaviour | undefined =>
  verdict !== undefined && metadata["labels"]?.["app.kubernetes.io/name"] === GATE_NAME
    ? { type: "completes", afterMs: 100, exitCode: 1, message: verdict }
    : undefined;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open({ config: DEPLOYED, fleet: { behaviourOf } });
});
afterAll(() => deployment.close());

/** What the next `up` would do, by the engine and by the rehearsal. */
async function plans() {
  const real = await deployment.workspace.preview({ pack: false });
  const foretold = await foretell(deployment.workspace);
  // The engine makes providers that no program names when it first needs them. Their names have a version.
  return {
    real: changesOf(real).filter((change) => !/ default(_\d+)+$/.test(change)),
    foretold: foretoldChanges(foretold),
    errors: errorsOf(real),
    steps: foretold.steps,
  };
}

async function failedUp(words: RegExp): Promise<void> {
  const outcome = await deployment.workspace.up({ pack: false });
  expect(outcome.succeeded).toBe(false);
  expect(errorsOf(outcome).join("\n")).toMatch(words);
}

async function up(): Promise<void> {
  expect(errorsOf(await deployment.workspace.up({ pack: false }))).toEqual([]);
}

/** Runs an `up` in which AWS refuses something. */
async function failedAt(attempt: string): Promise<void> {
  const mend = deployment.workspace.standIns.controls.failOn(new RegExp(`^${attempt}$`));
  await failedUp(/fails because the test says so/);
  mend();
}

test.each([
  ["the control plane", `create ${CLUSTER}`, `create Cluster control-plane-eksCluster`],
  ["the add-ons of the cluster", "create aws:eks/addon:Addon cluster-addons-coredns", "create Addon cluster-addons-coredns"],
])("a first `up` that fails at %s: the plan of the rest is the engine's", async (_, attempt, expected) => {
  await failedAt(attempt);
  const { real, foretold, errors } = await plans();
  expect(errors).toEqual([]);
  expect(real).toContain(expected);
  expect(foretold).toEqual(real);
});

test("a gate that fails: the next `up` runs it again, and then the rest", async () => {
  verdict = "pool a100: 0 of 1 nodes";
  await failedUp(/0 of 1 nodes/);
  verdict = undefined;
  const { real, foretold } = await plans();
  expect(real).toContain("replace Job partition-gate");
  expect(foretold).toEqual(real);
  await up();
  expect(await plans()).toMatchObject({ real: [], foretold: [] });
});

test("a replacement whose old node group is not deleted: it goes with the next `up`", async () => {
  const before = deployment.settings["systemPool"] as object;
  await deployment.configure({ systemPool: { ...before, instanceType: "m6i.xlarge" } });
  await failedAt(`delete ${NODE_GROUP} system`);
  const { real, foretold, steps } = await plans();
  expect(real).toContain("delete-replaced NodeGroup system");
  expect(foretold).toEqual(real);
  expect(steps.flatMap((step) => podsStoppedBy(step) ?? [])).toEqual([{ type: "nodeGroup", name: "system", some: false }]);
  await up();
});

async function pulumi(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await deployment.workspace.commandLine([...args, "--stack", "dev"]);
  if (code !== 0) {
    throw new Error(`pulumi ${args.join(" ")}: ${stdout}${stderr}`);
  }
  return stdout;
}

/** Exports the stack and imports it otherwise, as an operator does who mends a state by hand. @returns what was there. */
async function edit(change: (exported: Exported) => void): Promise<string> {
  const file = join(deployment.workspace.folder, "edited.json");
  await pulumi("stack", "export", "--file", file);
  const before = readFileSync(file, "utf8");
  const exported = JSON.parse(before) as Exported;
  change(exported);
  writeFileSync(file, JSON.stringify(exported));
  await pulumi("stack", "import", "--force", "--file", file);
  return before;
}

/** Makes another state, previews it, and takes it back. */
async function previewedAfter(change: (exported: Exported) => void) {
  const { workspace } = deployment;
  const before = await edit(change);
  try {
    return await plans();
  } finally {
    await pulumi("stack", "import", "--force", "--file", workspace.write("before.json", before));
  }
}

/** Changes one resource of the state, by the end of its URN. */
const mark =
  (end: string, properties: object) =>
  ({ deployment: state }: Exported): void => {
    const marked = state.resources.filter(({ urn }) => urn.endsWith(end));
    expect(marked).toHaveLength(1);
    state.resources = state.resources.map((resource) => (resource.urn.endsWith(end) ? { ...resource, ...properties } : resource));
  };

/** A resource that the program does not have. */
const stranger = (properties: object) => (exported: Exported) => {
  const { resources } = exported.deployment;
  const namespace = resources.find(({ urn }) => urn.endsWith("Namespace::team")) as StateOfResource;
  resources.push({ ...namespace, urn: namespace.urn.replace(/team$/, "stranger"), ...properties });
};

test.each<[string, (exported: Exported) => void, readonly string[]]>([
  ["a pool is tainted", mark(`${NODE_GROUP}::a100`, { taint: true }), ["replace NodeGroup a100"]],
  [
    "a service that was not ready",
    mark("apps/v1:Deployment::mig-small-inference", { initErrors: ["timed out"] }),
    ["update Deployment mig-small-inference"],
  ],
  [
    "a claim template whose replacement was interrupted",
    mark("ResourceClaimTemplate::team-mig-small-template", { pendingReplacement: true }),
    ["replace ResourceClaimTemplate team-mig-small-template"],
  ],
  ["a namespace that goes", stranger({}), ["delete Namespace stranger"]],
  ["a namespace that goes and is retained", stranger({ retainOnDelete: true }), ["delete Namespace stranger"]],
  [
    "a namespace that was deleted for its replacement",
    stranger({ pendingReplacement: true }),
    ["remove-pending-replace Namespace stranger"],
  ],
  [
    "a replaced node group that was not deleted",
    ({ deployment: { resources } }) => {
      const pool = resources.find(({ urn }) => urn.endsWith(`${NODE_GROUP}::a100`)) as StateOfResource;
      resources.push({ ...pool, delete: true, id: "shared-gpu-dev:old" });
    },
    ["delete-replaced NodeGroup a100"],
  ],
  [
    "names of release 0.1",
    ({ deployment: state }) => {
      const renamed = JSON.stringify(state.resources)
        .replaceAll("shared-gpu:kubernetes:AdmissionPolicies", "shared-gpu:kubernetes:Guardrails")
        .replaceAll("::admission-policies", "::guardrails");
      expect(renamed).not.toBe(JSON.stringify(state.resources));
      state.resources = JSON.parse(renamed) as StateOfResource[];
    },
    [],
  ],
  [
    "a pending operation of a pool that is tainted",
    (exported) => {
      mark(`${NODE_GROUP}::a100`, { taint: true })(exported);
      const { resources } = exported.deployment;
      const resource = resources.find(({ urn }) => urn.endsWith(`${NODE_GROUP}::a100`)) as StateOfResource;
      exported.deployment.pending_operations = [{ type: "updating", resource }];
    },
    ["replace NodeGroup a100"],
  ],
])("%s: the plan is the engine's", async (_, change, expected) => {
  const { real, foretold, errors } = await previewedAfter(change);
  expect(errors).toEqual([]);
  expect(real).toEqual(expected);
  expect(foretold).toEqual(real);
});

test("a namespace that was imported is protected: the engine refuses to delete it, and the rehearsal says so", async () => {
  const { api, workspace } = deployment;
  await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "imported" } });
  const provider = workspace.state().resources.find(({ type }) => type === "pulumi:providers:kubernetes")?.urn ?? "";
  await pulumi(
    "import",
    "kubernetes:core/v1:Namespace",
    "imported",
    "imported",
    "--provider",
    `cluster=${provider}`,
    "--yes",
    "--generate-code=false",
  );
  const { foretold, errors, steps } = await plans();
  expect(errors.join("\n")).toMatch(/imported.*cannot be deleted\s+because it is protected/s);
  expect(foretold).toEqual(["delete Namespace imported"]);
  const [finding] = upgradeFindings(steps, []);
  expect(finding).toMatchObject({ subject: "Namespace imported" });
  const [, command = ""] = /run pulumi (.*) before$/.exec(finding?.message ?? "") ?? [];
  await pulumi(...command.replaceAll("'", "").split(" "), "--yes");
  expect(await plans()).toMatchObject({ real: ["delete Namespace imported"], errors: [] });
});
