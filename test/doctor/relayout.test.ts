/** A relayout is at work, or was left: what the doctor says of its nodes, and what a saved file keeps of it. */
import { diagnose } from "../../src/doctor/diagnose";
import type { Diagnosis } from "../../src/doctor/finding";
import { observationFile, readObservation } from "../../src/doctor/observation/file";
import { redactedObservation } from "../../src/doctor/observation/redact";
import type { JsonObject } from "../../src/cluster/objects";
import { objectAt } from "../../src/cluster/objects";
import { RELAYOUT_ANNOTATION, RELAYOUT_FIELD_MANAGER, recordText } from "../../src/relayout/record";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { recordedProgram } from "../support/recordings/recorded-program";
import { READ_AT, ago, byKind, gpuNode, healthy, observed, owner } from "./healthy";
import type { Healthy } from "./healthy";

let dev: Healthy;
beforeAll(async () => {
  dev = healthy(await recordedProgram());
});

const FORWARD = recordText({ type: "layout", from: "all-balanced", to: "all-1g.5gb" });

interface Change {
  readonly record?: string;
  /** Since the relayout has last written. */
  readonly minutes?: number;
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly isCordoned?: boolean;
  /** Whose the label of the layout is. @default of EKS */
  readonly layoutOwner?: string;
}

const layoutOf = (manager: string) => ({
  ...{ manager, operation: "Update", time: ago(5) },
  fieldsV1: { "f:metadata": { "f:labels": { [`f:${MIG_CONFIG_LABEL}`]: {} } } },
});

/** The GPU nodes of the stack as a relayout leaves them on its way: the first as it is, further ones of its pool by number. */
function during(...changes: readonly Change[]): readonly JsonObject[] {
  const { declaration, nodes, objects } = dev;
  const [first] = nodes.filter(({ layout }) => layout !== undefined);
  if (first === undefined) {
    throw new Error("no GPU node");
  }
  const others = Object.values(objects)
    .flat()
    .filter((body) => !JSON.stringify(body).includes(first.name));
  return [
    ...others,
    ...changes.flatMap(({ record, minutes = 0, labels = {}, isCordoned = true, layoutOwner }, index) => {
      const [body = {}, ...rest] = gpuNode({ ...first, name: `node-${String(index)}` }, declaration, 24 * 60);
      const metadata = objectAt(body, "metadata");
      const written = {
        manager: "b",
        time: ago(minutes),
        fieldsV1: { "f:metadata": { "f:annotations": { [`f:${RELAYOUT_ANNOTATION}`]: {} } } },
      };
      return [
        {
          ...body,
          metadata: {
            ...metadata,
            labels: { ...objectAt(metadata, "labels"), ...labels },
            ...(record === undefined ? {} : { annotations: { [RELAYOUT_ANNOTATION]: record, private: "hidden" } }),
            managedFields: [
              owner(minutes),
              ...(record === undefined ? [] : [written]),
              ...(layoutOwner === undefined ? [] : [layoutOf(layoutOwner)]),
            ],
          },
          spec: { ...objectAt(body, "spec"), ...(isCordoned ? { unschedulable: true } : {}) },
        },
        ...rest,
      ];
    }),
  ];
}

const examine = (...changes: readonly Change[]): Diagnosis => diagnose(observed(byKind(during(...changes))), dev.declaration, "prod");
const waits = ({ notYet }: Diagnosis) => notYet.map(({ subject, waitsFor }) => `${subject}: ${waitsFor}`);
const [NEW, DIVIDING] = [{ [MIG_CONFIG_LABEL]: "all-1g.5gb" }, { [MIG_CONFIG_LABEL]: "all-1g.5gb", [MIG_CONFIG_STATE_LABEL]: "pending" }];
const undone = { [MIG_CONFIG_LABEL]: "all-1g.5gb", [MIG_CONFIG_STATE_LABEL]: "failed" };

test.each<[string, Change]>([
  ["drains", { record: FORWARD, minutes: 14 }],
  ["waits for MIG Manager", { record: FORWARD, minutes: 25, labels: DIVIDING }],
  ["waits for the slices", { record: FORWARD, minutes: 39, labels: NEW }],
  ["has just been told that MIG Manager has failed", { record: FORWARD, minutes: 1, labels: undone }],
  [
    "turns a node back that has failed",
    { record: recordText({ type: "layout", from: "all-1g.5gb", to: "all-balanced" }), minutes: 10, labels: undone },
  ],
])("a relayout that %s is waited for", (_, change) => {
  const diagnosis = examine(change);
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.verdict).toBe("healthy");
  expect(waits(diagnosis)).toEqual([expect.stringMatching(/^node node-0: a relayout from \S+ to \S+ ends$/)]);
});

describe("a restart", () => {
  const REBOOT = recordText({ type: "reboot", bootId: "before" });

  test.each<[string, Change]>([
    ["has just begun", { record: recordText({ type: "reboot" }), minutes: 1 }],
    ["has no state of MIG Manager", { record: REBOOT, minutes: 40, labels: { [MIG_CONFIG_STATE_LABEL]: undefined } }],
    ["has just been told that MIG Manager has failed", { record: REBOOT, minutes: 1, labels: { [MIG_CONFIG_STATE_LABEL]: "failed" } }],
  ])("that %s is waited for", (_, change) => {
    const diagnosis = examine(change);
    expect(diagnosis.findings).toEqual([]);
    expect(waits(diagnosis)).toEqual(["node node-0: a relayout that restarts it ends"]);
  });

  test.each<[string, Change, RegExp]>([
    ["for long", { record: REBOOT, minutes: 61 }, /has written nothing for at least 61 minutes/],
    ["since MIG Manager has failed", { record: REBOOT, minutes: 5, labels: { [MIG_CONFIG_STATE_LABEL]: "failed" } }, /state=failed/],
  ])("with which nobody has gone on %s goes on with this node", (_, change, seen) => {
    expect(examine(change).findings).toMatchObject([
      {
        ...{ id: "relayout-stopped", seen: expect.stringMatching(seen) as string },
        commands: [expect.stringMatching(/^npm run relayout -- --context prod --stack dev --pool \S+ --reboot --node node-0$/) as string],
      },
    ]);
  });

  test("is none of the node of another layout that it has nothing to do with", () => {
    const { findings } = examine({ labels: NEW, isCordoned: false }, { record: REBOOT, minutes: 3 });
    expect(findings).toMatchObject([{ id: "node-layout-differs", subject: "node node-0" }]);
  });
});

test("the nodes that it has done are waited for, too", () => {
  const diagnosis = examine({ labels: NEW, isCordoned: false }, { record: FORWARD, minutes: 3 });
  expect(diagnosis.findings).toEqual([]);
  expect(waits(diagnosis)[0]).toBe("node node-0: the relayout of its pool ends, which is at node node-1. It has its layout: all-1g.5gb");
});

test.each<[string, Change]>([
  ["of another layout", { labels: { [MIG_CONFIG_LABEL]: "all-2g.10gb" }, isCordoned: false }],
  ["of another pool", { labels: { ...NEW, "eks.amazonaws.com/nodegroup": "other" }, isCordoned: false }],
  ["of no pool", { labels: { ...NEW, "eks.amazonaws.com/nodegroup": undefined }, isCordoned: false }],
])("a node %s is found all the same", (_, change) => {
  expect(examine(change, { record: FORWARD, minutes: 3 }).findings).toMatchObject([{ id: "node-layout-differs", subject: "node node-0" }]);
});

test.each<[string, Change, RegExp]>([
  ["for long", { record: FORWARD, minutes: 61 }, /has written nothing for at least 61 minutes/],
  ["since MIG Manager has failed", { record: FORWARD, minutes: 5, labels: undone }, /state=failed/],
])("nobody has gone on %s", (_, change, seen) => {
  const { findings } = examine(change);
  expect(findings).toMatchObject([{ id: "relayout-stopped", severity: "warning", seen: expect.stringMatching(seen) as string }]);
  // The layout of the stack, which is the one of before.
  expect(findings[0]?.commands).toEqual([
    expect.stringMatching(/^npm run relayout -- --context prod --stack dev --pool \S+ --layout all-balanced --node node-0$/),
  ]);
});

test("a relayout back to the layout of the stack goes on", () => {
  const back = recordText({ type: "layout", from: "all-1g.5gb", to: "all-balanced" });
  expect(examine({ record: back, minutes: 90, labels: NEW }).findings[0]?.commands[0]).toContain("--layout all-balanced --node");
});

test("a relayout between layouts that the stack does not declare goes on", () => {
  const other = recordText({ type: "layout", from: "all-2g.10gb", to: "all-1g.5gb" });
  expect(examine({ record: other, minutes: 90, labels: NEW }).findings[0]?.commands[0]).toContain("--layout all-1g.5gb --node");
});

test.each([
  "",
  "yes",
  "null",
  "[]",
  '{"type":"layout","from":1,"to":"a"}',
  '{"from":"a","to":"b"}',
  '{"type":"other","from":"a","to":"b"}',
  "$(rm -rf ~)",
])("a record that no relayout writes: %s", (record) => {
  expect(examine({ record }).findings).toMatchObject([
    { id: "relayout-stopped", commands: [`kubectl --context prod annotate node node-0 ${RELAYOUT_ANNOTATION}-`] },
  ]);
});

test("the layouts of a record are quoted in commands", () => {
  const record = recordText({ type: "layout", from: "$(a)", to: "'; b" });
  expect(examine({ record, minutes: 90 }).findings[0]?.commands[0]).toContain(`--layout ''\\''; b'`);
});

test("a saved file says the same, and keeps no other annotation", () => {
  const observation = observed(byKind(during({ record: FORWARD, minutes: 61 })));
  const file = observationFile(redactedObservation(observation, dev.declaration));
  expect(JSON.stringify(file)).not.toContain("hidden");
  const read = readObservation(JSON.parse(JSON.stringify(file)), "state.json", new Date(READ_AT));
  expect(read.type === "observation" ? diagnose(read.observation, dev.declaration, "prod").findings : read).toMatchObject([
    { id: "relayout-stopped", seen: expect.stringContaining("61 minutes") as string },
  ]);
});

test("a list of kubectl without managed fields does not say how long, and is waited for", () => {
  const bodies = during({ record: FORWARD, minutes: 600 }).map((body) => ({
    ...body,
    metadata: { ...objectAt(body, "metadata"), managedFields: undefined },
  }));
  expect(diagnose(observed(byKind(bodies)), dev.declaration, undefined).findings).toEqual([]);
});

describe("a relayout that is done", () => {
  const DONE: Change = { labels: NEW, isCordoned: false, layoutOwner: RELAYOUT_FIELD_MANAGER };

  test("is said once for its pool, with what makes it last", () => {
    const diagnosis = examine(DONE, DONE, DONE);
    expect(diagnosis.findings).toMatchObject([
      {
        ...{ id: "relayout-not-in-stack", severity: "warning", subject: expect.stringMatching(/^pool .*a100/) as string },
        seen: "a relayout has given all-1g.5gb to all of its nodes, and the stack declares all-balanced",
        commands: [
          "pulumi config set --path 'gpuPools[0].layout' all-1g.5gb --stack dev",
          "npm start -- --stack dev",
          "pulumi up --stack dev",
        ],
      },
    ]);
    expect(waits(diagnosis)).toEqual([1, 2].map((index) => `node node-${String(index)}: pulumi up makes its layout last: all-1g.5gb`));
  });

  test("is over once the stack declares the layout", () => {
    const gpuGroups = dev.declaration.gpuGroups.map((group) => ({ ...group, layout: "all-1g.5gb", labels: { ...group.labels, ...NEW } }));
    const declaration = { ...dev.declaration, gpuGroups };
    const { findings } = diagnose(observed(byKind(during(DONE, DONE))), declaration, "prod");
    expect(findings.map(({ id }) => id).filter((id) => /^(relayout|node)-/.test(id))).toEqual([]);
  });

  test("of some nodes only goes back to what the stack declares, node by node", () => {
    const { findings } = examine(DONE, { isCordoned: false });
    expect(findings).toMatchObject([
      {
        ...{ id: "relayout-not-in-stack", subject: "node node-0" },
        commands: [
          expect.stringMatching(
            /^npm run relayout -- --context prod --stack dev --pool \S+ --layout all-balanced --node node-0$/,
          ) as string,
        ],
      },
    ]);
  });

  test.each<[string, Change]>([
    ["a person has changed by hand", { ...DONE, layoutOwner: "kubectl-label" }],
    ["nobody says who has changed", { labels: NEW, isCordoned: false }],
  ])("is none of a node whose label %s", (_, change) => {
    expect(examine(change).findings).toMatchObject([{ id: "node-layout-differs", subject: "node node-0" }]);
  });

  test("is waited for while pulumi up of another configuration is at work", () => {
    const declaration = { ...dev.declaration, gateConfigMap: "another" };
    const { findings, notYet } = diagnose(observed(byKind(during(DONE))), declaration, "prod");
    expect(findings.map(({ id }) => id)).not.toContain("relayout-not-in-stack");
    expect(notYet).toContainEqual({ subject: "node node-0", waitsFor: "pulumi up gives it a layout of the stack, or replaces it" });
  });

  test("is in a saved file, which names nobody who has set a label", () => {
    const foreign = redactedObservation(observed(byKind(during({ ...DONE, layoutOwner: "alice" }))), dev.declaration);
    expect(JSON.stringify(observationFile(foreign))).not.toContain("alice");
    const file = observationFile(redactedObservation(observed(byKind(during(DONE))), dev.declaration));
    const read = readObservation(JSON.parse(JSON.stringify(file)), "state.json", new Date(READ_AT));
    expect(read.type === "observation" ? diagnose(read.observation, dev.declaration, "prod").findings : read).toMatchObject([
      { id: "relayout-not-in-stack" },
    ]);
  });
});
