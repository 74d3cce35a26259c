/** What an `up` would do where earlier runs have left something behind, as the source of the engine decides it (`deployed-stack.ts` names it). */
import { upgradeFindings, summarizeUpgrade, upgradeTexts } from "../../../src/rehearsal/report/upgrade";
import type { Step } from "../../../src/rehearsal/deployed/plan";
import type { DeployedResource, PendingOperation, StackExport } from "../../../src/rehearsal/deployed/stack-export";
import { podsStoppedBy } from "../../../src/rehearsal/deployed/stopped-pods";
import type { RecordedResource, Recording } from "../../support/program";
import { recordedProgram } from "../../support/recordings/recorded-program";
import { changesOf, exportOf, planOf } from "./exported";

const MIG_TEST = { name: "mig-test", slices: { small: 8, medium: 4, large: 4 } };

const NAMESPACE = "kubernetes:core/v1:Namespace::more";
const GATE = "kubernetes:batch/v1:Job::partition-gate";
const SERVICE = "kubernetes:apps/v1:Deployment::mig-small-inference";
const POOL = "aws:eks/nodeGroup:NodeGroup::a100";
const CLUSTER = "aws:eks/cluster:Cluster::control-plane-eksCluster";

/** The dev stack, and a team more, which every `up` here takes away. */
let recording: Recording;
beforeAll(async () => {
  recording = await recordedProgram({ config: { teams: [MIG_TEST, { name: "more", slices: {} }] } });
});

/** An export in which resources, by the ends of their URNs, are otherwise. */
const changed = (changes: Readonly<Record<string, Partial<DeployedResource>>>): StackExport =>
  exportOf(recording, ({ urn }) => Object.entries(changes).find(([end]) => urn.endsWith(end))?.[1] ?? {});

const isOfTeam = (change: string) => /more($|-)/.test(change);
const textsOf = (steps: readonly Step[]) => upgradeTexts({ upgrade: summarizeUpgrade(steps, []) });

describe("what earlier runs have left", () => {
  let steps: readonly Step[];
  let texts: readonly string[];
  beforeAll(async () => {
    const exported = changed({
      [POOL]: { taint: true },
      [GATE]: { initErrors: ["Job failed"] },
      [SERVICE]: { initErrors: ["not live in time"] },
      [NAMESPACE]: { retainOnDelete: true },
    });
    const old = exported.resources.filter(({ urn }) => urn.endsWith(POOL)).map((pool) => ({ ...pool, delete: true }));
    steps = await planOf({ ...exported, resources: [...exported.resources, ...old] });
    texts = textsOf(steps);
  });

  test("changes what is marked, and nothing else", () => {
    expect(changesOf(steps).filter((change) => !isOfTeam(change))).toEqual([
      "replace NodeGroup a100",
      "replace Job partition-gate",
      "update Deployment mig-small-inference",
      "delete NodeGroup a100",
    ]);
    expect(upgradeFindings(steps, [])).toEqual([]);
  });

  test.each([
    ["what somebody has marked is replaced", "replace NodeGroup a100 (marked with pulumi state taint): EKS starts a new node group"],
    ["a gate that has failed runs again", "replace Job partition-gate (not ready when the last run ended): Its pods end"],
    ["a service that was not ready is waited for", "update Deployment mig-small-inference (not ready when the last run ended)"],
    ["a replaced node group goes", "delete NodeGroup a100 (left over by a replacement that was interrupted): EKS drains and ends"],
    ["a retained namespace stays", "delete Namespace more: The one that is there stays, with everything in it"],
  ])("%s", (_, words) => {
    expect(texts).toContainEqual(expect.stringContaining(words));
  });

  test("pods stop on the pool alone: nothing of the gate runs between two runs, and the namespace stays", () => {
    expect(texts.filter((text) => /stop/.test(text))).toEqual(["Pods that stop: every pod on the nodes of NodeGroup a100."]);
  });
});

describe("what is protected, or gone already", () => {
  const exported = () =>
    changed({ [GATE]: { pendingReplacement: true }, [NAMESPACE]: { protect: true }, [CLUSTER]: { taint: true, protect: true } });

  test("a replacement that was interrupted goes on; what is protected is refused, with what to do", async () => {
    const steps = await planOf(exported(), { deletionProtection: true });
    expect(textsOf(steps)).toContainEqual(
      expect.stringMatching(
        /^replace Job partition-gate \(deleted by a replacement that was interrupted.*\): An interrupted run has deleted it already\. Its pods start\.$/,
      ),
    );
    expect(textsOf(steps)).toContainEqual(expect.stringMatching(/^Pods that stop: every pod of the cluster; every pod in namespace more/));
    const { urn = "" } = exported().resources.find((resource) => resource.urn.endsWith(NAMESPACE)) ?? {};
    expect(upgradeFindings(steps, []).map(({ subject, message }) => `${subject} ${message}`)).toEqual([
      expect.stringMatching(/^Cluster control-plane-eksCluster is protected, .* set deletionProtection to false$/),
      `Namespace more is protected, so that pulumi up refuses to delete it. If you want that, run pulumi state unprotect '${urn}' before`,
    ]);
  });

  test("what the program no longer protects may be replaced in the same run", async () => {
    const steps = await planOf(exported(), { deletionProtection: false });
    expect(changesOf(steps)).toContain("replace Cluster control-plane-eksCluster");
    expect(upgradeFindings(steps, []).map(({ subject }) => subject)).toEqual(["Namespace more"]);
  });

  test("what was deleted is only taken out of the state, and a cluster that was deleted has no version", async () => {
    const gone = { pendingReplacement: true, protect: true };
    const steps = await planOf(changed({ [NAMESPACE]: gone, [CLUSTER]: { pendingReplacement: true } }), { kubernetesVersion: "1.36" });
    expect(textsOf(steps)).toContain("delete Namespace more: An interrupted run has deleted it already. Pulumi removes it from its state.");
    expect(changesOf(steps)).toContain("replace Cluster control-plane-eksCluster");
    expect(upgradeFindings(steps, [])).toEqual([]);
  });
});

test.each<[PendingOperation["operation"], string]>([
  ["creating", "Whether it exists is unknown, and pulumi up creates it again"],
  ["updating", "What it is like now is unknown"],
  ["deleting", "Whether it still exists is unknown"],
  ["importing", "an interrupted run was importing it"],
  ["reading", "an interrupted run was reading it"],
])("a pending operation, %s: a finding, with where the way out is", (operation, words) => {
  const urn = `urn:pulumi:dev::shared-gpu::shared-gpu:aws:GpuPool$${POOL}`;
  expect(upgradeFindings([], [{ operation, urn }])).toEqual([
    { kind: "upgrade", subject: "NodeGroup a100", place: "the stack", message: expect.stringContaining(words) as string },
  ]);
});

test.each([
  [3, 2, { type: "nodeGroup", name: "a100", some: true }],
  [2, 3, undefined],
  [10, 9, { type: "nodeGroup", name: "a100", some: true }],
])("a pool of %s nodes that gets %s: the pods on the nodes that go stop", (before, after, expected) => {
  const pool = recording.resources.find(({ urn }) => urn.endsWith(POOL)) as RecordedResource;
  const sized = (desiredSize: number) => ({ scalingConfig: { ...pool.inputs.scalingConfig, desiredSize } as DeployedResource["inputs"] });
  const step = {
    ...{ type: "update", resource: { ...pool, inputs: { ...pool.inputs, ...sized(after) } } },
    deployed: { ...exportOf(recording).resources.find(({ urn }) => urn === pool.urn), inputs: sized(before) },
    changes: {
      found: [{ path: "scalingConfig.desiredSize", kind: "update" }],
      marks: [],
      replacedFor: [],
      encrypted: [],
      isUnderstood: true,
    },
  } as unknown as Step;
  expect(podsStoppedBy(step)).toEqual(expected);
});
