/** The doctor's answers to what a control plane is not brought to easily: other versions and dates, gaps, files, and many healthy states. */
import fc from "fast-check";
import type { JsonObject } from "../../src/cluster/objects";
import { objectAt } from "../../src/cluster/objects";
import { diagnose } from "../../src/doctor/diagnose";
import type { Diagnosis } from "../../src/doctor/finding";
import { FINDINGS } from "../../src/doctor/findings";
import type { FindingKind } from "../../src/doctor/findings";
import { OBSERVED_KIND_NAMES, observedKind } from "../../src/doctor/observation/kinds";
import { observationFile, readObservation } from "../../src/doctor/observation/file";
import { redactedObservation } from "../../src/doctor/observation/redact";
import type { Observation } from "../../src/doctor/observation/observation";
import { formatDiagnosis } from "../../src/cli/doctor-text";
import { HELP, readDoctorArguments } from "../../src/cli/doctor-arguments";
import { junitOf } from "../../src/cli/doctor-junit";
import { commandsFor } from "../../src/doctor/commands";
import { PLAIN } from "../../src/rehearsal/report/style";
import { runCommand } from "../support/child";
import { sections } from "../support/operations";
import { ROOT } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";
import { doctorPage, documentedRole } from "./documented";
import {
  ago,
  byKind,
  claimingPod,
  condition,
  created,
  daemonPod,
  devicesOn,
  gpuNode,
  healthy,
  observed,
  owner,
  runningPod,
} from "./healthy";
import type { Healthy } from "./healthy";

/** Healthy states of a run. */
const STATES = Number(process.env["DOCTOR_STATES"] ?? 60);

let dev: Healthy;
beforeAll(async () => {
  dev = healthy(await recordedProgram());
});

const examine = (objects: Observation["objects"], more: Partial<Observation> = {}, declaration = dev.declaration): Diagnosis =>
  diagnose(observed(objects, more), declaration, "prod");
const ids = ({ findings }: Diagnosis) => findings.map(({ id }) => id);
const with_ = (...bodies: readonly JsonObject[]): Observation["objects"] => byKind([...Object.values(dev.objects).flat(), ...bodies]);

test("the dev stack as declared is healthy", () => {
  expect(examine(dev.objects)).toMatchObject({ verdict: "healthy", findings: [], notYet: [], unchecked: [] });
});

describe("control plane", () => {
  test("without the API of DRA nothing else is said", () => {
    const gaps = [{ kind: "ResourceSlice" as const, reason: "the API server does not serve resource.k8s.io: it is switched off" }];
    expect(ids(examine({ ...dev.objects, ResourceSlice: [] }, { gaps }))).toEqual(["dra-api-absent"]);
  });

  test("another version than declared is a finding", () => {
    expect(ids(examine(dev.objects, { kubernetesVersion: "1.35" }))).toEqual(["version-differs"]);
  });

  test.each([
    ["2026-12-03", []],
    ["2027-11-10", ["support-ends"]],
    ["2027-12-03", ["support-ends"]],
  ])("support on %s", async (day, expected) => {
    const { declaration, objects } = healthy(await recordedProgram(), new Date(day));
    expect(ids(examine(objects, {}, declaration))).toEqual(expected);
  });

  test("holes that a release has mended are findings, and those that none mends are not", async () => {
    const older = healthy(await recordedProgram({ config: { gpuSoftware: "25.10" } }));
    expect(new Set(ids(examine(older.objects, {}, older.declaration)))).toEqual(new Set(["vulnerability-mended"]));
  });

  test("a gate of another configuration", async () => {
    const other = healthy(await recordedProgram({ config: { fashionMnist: { type: "none" }, gpuPools: twoNodes() } }));
    const { findings, notYet } = examine(dev.objects, {}, other.declaration);
    expect(findings.map(({ id }) => id)).toContain("configuration-not-deployed");
    expect(notYet.map(({ subject }) => subject)).toContain("pool a100 (p4d.24xlarge with all-balanced)");
  });
});

function twoNodes(): readonly JsonObject[] {
  return [
    {
      ...{ name: "a100", instanceType: "p4d.24xlarge", layout: "all-balanced" },
      ...{ size: { desired: 2, min: 1, max: 2 }, capacity: { type: "onDemand" } },
    },
  ];
}

test("what cannot be read is named, and nothing is called healthy without it", () => {
  const gaps = OBSERVED_KIND_NAMES.map((kind) => ({ kind, reason: "forbidden" }));
  const diagnosis = examine(byKind([]), { gaps });
  expect(diagnosis.verdict).toBe("unknown");
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.unchecked.map(({ reason }) => reason)).toContain("nodes: forbidden");
});

/** A healthy state: what people and controllers do all day. */
function change(): fc.Arbitrary<(state: Healthy) => readonly JsonObject[]> {
  const minutes = fc.integer({ min: 0, max: 5000 });
  const [young, name] = [fc.integer({ min: 0, max: 4 }), fc.stringMatching(/^[a-z]{3,8}$/)];
  const stage = fc.constantFrom("joining", "silent", "unlabelled", "pending", "rebooting", "divided", "starting");
  return fc.oneof(
    // An instance comes, and is at some point of its way.
    fc.record({ stage, young, number: fc.integer({ min: 100, max: 250 }) }).map(
      ({ stage: at, young: age, number }) =>
        (state: Healthy) =>
          booting(state, at, age, number),
    ),
    // A node that has been there for long.
    fc.record({ minutes, number: fc.integer({ min: 30, max: 90 }) }).map(
      ({ minutes: age, number }) =>
        ({ declaration, nodes }: Healthy) =>
          nodes
            .filter(({ layout }) => layout !== undefined)
            .slice(0, 1)
            .flatMap((node) => gpuNode(renamed(node, number), declaration, age + 60)),
    ),
    // Pods that hold slices, and pods that have just come.
    fc.record({ name, minutes, index: fc.nat(31) }).map(({ name: called, minutes: age, index }) => ({ objects, nodes }: Healthy) => {
      const node = nodes.find(({ layout }) => layout !== undefined)?.name ?? "";
      return claimingPod("mig-test", `run-${called}`, "mig-small.nvidia.com", age, `${node}/${devicesOn(objects, node)[index] ?? ""}`);
    }),
    fc.record({ name, young }).map(
      ({ name: called, young: age }) =>
        () =>
          claimingPod("mig-test", `new-${called}`, "mig-large.nvidia.com", age, undefined),
    ),
    // A pod that is being deleted within its grace, and a claim that is deleted while a pod uses it.
    fc.record({ name, young }).map(({ name: called, young: age }) => ({ nodes }: Healthy) => {
      const [pod, claim] = claimingPod(
        "mig-test",
        `end-${called}`,
        "mig-small.nvidia.com",
        100,
        `${nodes.find(({ layout }) => layout !== undefined)?.name ?? ""}/x`,
      );
      return [pod, claim]
        .filter((each) => each !== undefined)
        .map((each) => ({ ...each, metadata: { ...objectAt(each, "metadata"), deletionTimestamp: ago(age - 1) } }));
    }),
    // What others have in the cluster.
    fc.record({ name, minutes }).map(
      ({ name: called, minutes: age }) =>
        () =>
          [
            {
              apiVersion: "v1",
              kind: "Namespace",
              metadata: { name: called, labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
            },
            {
              apiVersion: "rbac.authorization.k8s.io/v1",
              kind: "RoleBinding",
              metadata: { name: "admin", namespace: called },
              roleRef: { kind: "ClusterRole", name: "admin" },
              subjects: [{ kind: "User", name: "alice" }],
            },
            { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name: called }, spec: {} },
            { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "own", namespace: called }, spec: { hard: { pods: "3" } } },
            {
              apiVersion: "v1",
              kind: "Event",
              metadata: { name: called, namespace: called },
              reason: "FailedCreate",
              message: "exceeded quota: own, requested: pods=1",
              involvedObject: { kind: "Job", name: "a", namespace: called },
            },
            runningPod(called, "web", "ip-10-0-0-9.ec2.internal", age),
          ].map((object) => created(object, age)),
    ),
  );
}

function renamed(node: Healthy["nodes"][number], number: number): Healthy["nodes"][number] {
  const name = `ip-10-0-200-${String(number)}.ec2.internal`;
  return { ...node, name, labels: { ...node.labels, "kubernetes.io/hostname": name } };
}

function booting({ declaration, nodes }: Healthy, stage: string, age: number, number: number): readonly JsonObject[] {
  const [first] = nodes.filter(({ layout }) => layout !== undefined);
  if (first === undefined) {
    return [];
  }
  const node = renamed(first, number);
  const [body = {}, ...rest] = gpuNode(node, declaration, 0).map((object) => created(object, age));
  const metadata = objectAt(body, "metadata");
  const labels = metadata["labels"] as Readonly<Record<string, string>>;
  const without = (...keys: readonly RegExp[]) =>
    Object.fromEntries(Object.entries(labels).filter(([key]) => !keys.some((pattern) => pattern.test(key))));
  const operators = /gpu\.present|mig\.capable|config\.state|gpu\.deploy/;
  const show = (changed: JsonObject, ready: string, others: readonly JsonObject[]) => [
    {
      ...body,
      metadata: { ...metadata, labels: changed, managedFields: [owner(age)] },
      status: { ...objectAt(body, "status"), conditions: [condition("Ready", ready, age)] },
    },
    ...others,
  ];
  const daemons = (["featureDiscovery", "migManager"] as const).map((daemon) => daemonPod(daemon, node.name, age));
  switch (stage) {
    case "joining":
      return show(without(operators), "False", []);
    case "silent":
      return show({ ...labels, "nvidia.com/mig.config.state": "rebooting" }, "Unknown", daemons);
    case "unlabelled":
      return show(without(operators), "True", daemons.slice(0, 1));
    case "pending":
    case "rebooting":
      return show(
        { ...labels, "nvidia.com/mig.config.state": stage, "nvidia.com/gpu.deploy.dcgm-exporter": "paused-for-mig-change" },
        "True",
        daemons,
      );
    case "divided":
      return show(labels, "True", daemons);
    default:
      // The plugin runs, and has published nothing yet.
      return show(labels, "True", [...rest.filter(({ kind }) => kind === "Pod").map((pod) => started(pod, Math.min(age, 1)))]);
  }
}

function started(pod: JsonObject, minutes: number): JsonObject {
  return {
    ...pod,
    status: { phase: "Running", conditions: [], containerStatuses: [{ name: "main", state: { running: { startedAt: ago(minutes) } } }] },
  };
}

test("there is no false alarm in random healthy states", () => {
  fc.assert(
    fc.property(fc.array(change(), { maxLength: 12 }), (changes) => {
      const made = new Map<string, JsonObject>();
      for (const object of changes.flatMap((each) => each(dev))) {
        const { namespace = "", name } = objectAt(object, "metadata");
        made.set(`${String(object["kind"])} ${String(namespace)}/${String(name)}`, object);
      }
      const { findings, unchecked } = examine(with_(...made.values()));
      expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
      expect(unchecked).toEqual([]);
    }),
    { numRuns: STATES },
  );
});

describe("files", () => {
  const broken = () => {
    const [node, ...others] = dev.objects.Node.filter((each) => JSON.stringify(each).includes("p4d")).concat(
      dev.objects.Node.filter((each) => !JSON.stringify(each).includes("p4d")),
    );
    return { ...dev.objects, Node: [{ ...node, spec: { ...objectAt(node, "spec"), unschedulable: true } }, ...others] };
  };
  const reading = (content: unknown) => readObservation(JSON.parse(JSON.stringify(content)), "file", new Date());

  test("a saved observation gives the same diagnosis, and has neither people nor what no check uses", () => {
    const secret: JsonObject = {
      ...runningPod("mig-test", "web", "a", 10, { annotations: { a: "hidden" }, labels: { owner: "hidden" } }),
      spec: { nodeName: "a", containers: [{ name: "main", image: "hidden", env: [{ name: "A", value: "hidden" }] }] },
    };
    const people = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "hidden", namespace: "mig-test" },
      roleRef: { kind: "ClusterRole", name: "edit" },
      subjects: [{ kind: "User", name: "hidden" }],
    };
    const observation = observed(byKind([...Object.values(broken()).flat(), secret, people]));
    const file = observationFile(redactedObservation(observation, dev.declaration));
    expect(JSON.stringify(file)).not.toContain("hidden");
    const read = reading(file);
    const diagnosis = read.type === "observation" ? diagnose(read.observation, dev.declaration, undefined) : undefined;
    expect(diagnosis?.findings.map(({ id }) => id)).toEqual(ids(diagnose(observation, dev.declaration, undefined)));
    expect(diagnosis?.findings.map(({ id }) => id).sort()).toEqual(["node-cordoned", "rights-foreign"]);
    expect(diagnosis?.unchecked).toEqual([]);
  });

  test("a file of the planner is judged by its nodes and slices, and what it does not say is named", () => {
    const { Node: nodes, ResourceSlice: slices } = broken();
    const file = {
      apiVersion: "v1",
      kind: "List",
      kubernetesVersion: "1.34",
      read: ["Node", "ResourceSlice", "Pod"],
      gaps: [],
      items: [...nodes, ...slices],
    };
    const read = reading(file);
    const diagnosis = read.type === "observation" ? diagnose(read.observation, dev.declaration, undefined) : undefined;
    expect(diagnosis && ids(diagnosis)).toEqual(["node-cordoned"]);
    expect(diagnosis?.unchecked.map(({ reason }) => reason).join(" ")).toContain("the planner's file has numbers for names");
  });

  test.each([
    [{ kind: "Pod" }, /must be a List of v1/],
    [{ apiVersion: "v1", kind: "List", items: [{}] }, /items\[0\]/],
    [{ apiVersion: "v1", kind: "List", items: [{ kind: "Pod", metadata: { name: "--all" } }] }, /items\[0\].*begin with no hyphen/],
    [{ apiVersion: "v1", kind: "List", items: [{ kind: "Pod", metadata: { name: "a", namespace: "-A" } }] }, /begin with no hyphen/],
    [{ apiVersion: "v1", kind: "List", items: [], readAt: "yesterday" }, /readAt/],
    [{ apiVersion: "v1", kind: "List", items: [], kubernetesVersion: "latest" }, /kubernetesVersion/],
  ])("%j is refused", (content, message) => {
    const read = reading(content);
    expect(read.type === "invalid" ? read.problems.join("\n") : "").toMatch(message);
  });
});

describe("documents", () => {
  test("the role reads what the doctor reads, and nothing else", () => {
    const rules = documentedRole()["rules"] as readonly {
      readonly apiGroups: readonly string[];
      readonly resources: readonly string[];
      readonly verbs: readonly string[];
    }[];
    expect(rules.map(({ verbs }) => verbs)).toEqual(rules.map(() => ["get", "list", "watch"]));
    const documented = rules.flatMap(({ apiGroups, resources }) => resources.map((resource) => `${String(apiGroups)}/${resource}`));
    expect(documented.sort()).toEqual(
      OBSERVED_KIND_NAMES.map((kind) => `${observedKind(kind).group}/${observedKind(kind).resource}`).sort(),
    );
  });

  test("the page has every finding once, with its severity", () => {
    const rows = [...doctorPage().matchAll(/^\| `([a-z-]+)` \| (error|warning|info) \| (.*) \|$/gm)].map(([, id, severity, text]) => [
      id,
      severity,
      text,
    ]);
    expect(rows).toEqual(Object.entries(FINDINGS).map(([id, { severity, matters }]) => [id, severity, matters]));
  });

  test("every runbook is a heading of docs/operations.md", () => {
    const anchors = sections().map(({ heading }) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    );
    expect(
      Object.values(FINDINGS)
        .map(({ runbook }) => runbook)
        .filter((runbook) => !anchors.includes(runbook)),
    ).toEqual([]);
  });
});

describe("the command", () => {
  test.each<[readonly string[], RegExp]>([
    [[], /name a cluster/],
    [["--context", "a", "--from", "b"], /different sources/],
    [["--contxt", "a"], /--help lists the options/],
    [["--from", "a", "--active"], /live cluster/],
    [["--context", "a", "--yes"], /write --active too/],
  ])("%j is refused", (argv, message) => {
    expect(() => readDoctorArguments(argv)).toThrow(message);
  });

  test("--help lists every option", () => {
    expect(readDoctorArguments(["--help"])).toEqual({ type: "help" });
    for (const option of ["context", "from", "stack", "aws", "active", "yes", "evidence", "save", "json", "junit", "help"]) {
      expect(HELP).toContain(`  --${option} `);
    }
  });

  test("commands are quoted as a shell needs them", async () => {
    const command = commandsFor({ context: "it's $HOME; `id`", stack: "dev", region: "us-east-1" }).kubectl("get", "a b");
    const { stdout } = await runCommand("bash", ["--norc", "-c", command.replace(/^kubectl/, "printf '%s\\n'")], { cwd: ROOT });
    expect(stdout.split("\n")).toEqual(["--context", "it's $HOME; `id`", "get", "a b", ""]);
  });

  test("text has the commands on lines of their own, and JUnit a test case for every kind of finding that was looked for", () => {
    const [node, ...others] = dev.objects.Node;
    const foreign = {
      ...node,
      metadata: { name: "stranger", labels: { "node.kubernetes.io/instance-type": "<g5>" } },
      spec: { taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }], providerID: "aws:///a/i-1" },
    };
    const diagnosis = examine({ ...dev.objects, Node: [...(node === undefined ? [] : [node]), ...others, foreign] });
    expect(ids(diagnosis)).toEqual(["node-of-no-pool"]);
    const text = formatDiagnosis(diagnosis, { style: PLAIN, width: 80 });
    expect(text).toMatch(/^aws ec2 terminate-instances --instance-ids i-1 --region us-east-1$/m);
    expect(text).toContain("docs/operations.md#a-node-is-not-as-its-pool-declares");
    const xml = junitOf(diagnosis);
    expect(xml.match(/<testcase /g)).toHaveLength(
      Object.values<FindingKind>(FINDINGS).filter(({ isActive, isOfAccount }) => isActive !== true && isOfAccount !== true).length,
    );
    expect(xml).toMatch(/failures="1"/);
    expect(xml).toContain("&lt;g5&gt;");
  });
});
