/**
 * docs/security.md, "Ways in": what "Stopped by" says is what stops the attempts of `ways-in.yaml`, each under the heading of its comment. The lines that judge an object are
 * asked one by one: policy pack, admission policies, Pod Security, quota and LimitRange, RBAC.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy-pack/policies";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import { defaultRelease } from "../../src/releases/find";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import { CREATED_KINDS } from "../../src/well-known/team-rights";
import { readManifests } from "../corpus/corpus";
import { ADMISSION_POLICY_OF } from "../corpus/differences";
import { refusals } from "../kubernetes/admission/refusals";
import { violations } from "../policy-pack/verdict";
import { ROOT } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";

type Manifest = ReturnType<typeof readManifests>[number]["manifest"];

const LINES = ["policy pack", "admission policies", "Pod Security", "quota", "RBAC"] as const;
type Line = (typeof LINES)[number];

const page = readFileSync(join(ROOT, "docs/security.md"), "utf8");

/** "Stopped by" of each way in, by its heading. */
const stoppedBy = new Map(
  page
    .split(/^#### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), /\*\*Stopped by:\*\*([^]*?)\n- \*\*/.exec(section)?.[1] ?? ""]),
);

/** Ways in that are no objects, or not those of a manifest, and the tests that try them. */
const TRIED_ELSEWHERE: Readonly<Record<string, string>> = {
  "Older API versions": "test/cluster/tenants/tenants.test.ts",
  "Other people's claims": "test/cluster/tenants/requests.ts",
  "The quota of all teams": "test/config/refused.test.ts",
  "`NVIDIA_VISIBLE_DEVICES` from elsewhere": "test/aws/launch-template.test.ts",
  "The time before MIG is applied": "test/kubernetes/operators/chart-release.test.ts",
  "Credentials of nodes and pods": "test/cluster/tenants/tenants.test.ts",
  "Ephemeral containers": "test/cluster/tenants/guarded-requests.ts",
  "Into the pods of the platform": "test/cluster/tenants/guarded-requests.ts",
  "Values that are unknown in a preview": "test/policy-pack/platform/custom-resources-known.test.ts",
  Patches: "test/policy-pack/platform/forbid-unknown-resources.test.ts",
  Charts: "test/policy-pack/helm/features.test.ts",
  "Secrets of receivers and of remote write": "test/config/monitoring.test.ts",
  "A chart of the program's own": "test/policy-pack/programs.test.ts",
  "Values of a platform chart": "test/policy-pack/helm/values.test.ts",
  "The pages of Grafana": "test/kubernetes/monitoring/monitoring.test.ts",
  "Ways in on AWS": "test/policy-pack/aws/iam-no-way-into-cluster.test.ts",
  "Policies of resources": "test/policy-pack/aws/resource-policies-known.test.ts",
  "Copies that AWS makes": "test/policy-pack/aws/data-copies-of-same-program.test.ts",
  "The network of the cluster": "test/policy-pack/aws/networks-and-disks-of-same-program.test.ts",
  "The API server's address": "test/policy-pack/aws/cluster.test.ts",
};

const attempts = readManifests(join(__dirname, "ways-in.yaml")).map(({ comment, name, manifest }) => ({
  heading: comment,
  name,
  manifest,
}));
const headings = [...new Set(attempts.map(({ heading }) => heading))];

test("every way in is tried, here or in the test that is named", () => {
  expect([...headings, ...Object.keys(TRIED_ELSEWHERE)].sort()).toEqual([...stoppedBy.keys()].sort());
});

test.each(Object.entries(TRIED_ELSEWHERE))("%s is tried in %s", (_, file) => {
  expect(readFileSync(join(ROOT, file), "utf8")).not.toBe("");
});

const resourcePolicies = policies.filter(
  (policy): policy is ResourceValidationPolicy => "validateResource" in policy && policy.enforcementLevel === "mandatory",
);

function packDenies(manifest: Manifest): boolean {
  const apiVersion = String(manifest["apiVersion"]);
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
  const origin = { urn: `urn:pulumi:dev::team-a::${type}::attempt` };
  return resourcePolicies.some((policy) => violations(policy, manifest, {}, type, origin).length > 0);
}

function admissionRefuses(manifest: Manifest): boolean {
  const policy = ADMISSION_POLICY_OF[`${String(manifest["apiVersion"])} ${String(manifest["kind"])}`];
  return policy !== undefined && refusals({ policy, object: manifest }).length > 0;
}

/** Whether the role of a team lacks the right to create the kind. */
function rightsLack({ apiVersion, kind }: Manifest): boolean {
  const group = String(apiVersion).includes("/") ? String(apiVersion).replace(/\/.*/, "") : "";
  return !CREATED_KINDS.some((created) => created.group === group && created.resource === `${String(kind).toLowerCase()}s`);
}

/** What the cluster of the dev stack says without its admission policies, which would be the first to speak. */
async function clusterSays(manifest: Manifest): Promise<readonly string[]> {
  const recording = await recordedProgram();
  const { nodes, shapes } = nodesOf(recording);
  const own = toObject(manifest, { type: "manifest", file: "ways-in.yaml", line: 1 }, "mig-test");
  const others = objectsOf(recording).filter(({ apiVersion }) => !apiVersion.startsWith("admissionregistration.k8s.io/"));
  const { problems, pods } = judgeAndSimulate(nodes, shapes, [...others, own], defaultRelease());
  return [
    ...problems.filter(({ object }) => object === own).map(({ message }) => message),
    ...pods.flatMap((outcome) => (outcome.type === "pending" && outcome.planned.owner === own ? [outcome.reason] : [])),
  ];
}

const ASKED: Readonly<Record<Line, (manifest: Manifest) => boolean | Promise<boolean>>> = {
  "policy pack": packDenies,
  "admission policies": admissionRefuses,
  "Pod Security": (manifest) => isSaid(manifest, /Pod Security level/),
  quota: (manifest) => isSaid(manifest, /quota|maximum/),
  RBAC: rightsLack,
};

async function isSaid(manifest: Manifest, text: RegExp): Promise<boolean> {
  return (await clusterSays(manifest)).some((message) => text.test(message));
}

/** Which of these lines stop an attempt. */
async function stops(manifest: Manifest, lines: readonly Line[]): Promise<readonly Line[]> {
  const answers = await Promise.all(lines.map(async (line) => ((await ASKED[line](manifest)) ? [line] : [])));
  return answers.flat();
}

/** The lines that "Stopped by" names for objects: not what a line leaves to another, and not what is asked of connections. */
function namedLines(heading: string): readonly Line[] {
  const sentences = (stoppedBy.get(heading) ?? "").split(/(?<=[.])\s/).filter((sentence) => !sentence.includes("do not repeat"));
  const text = sentences.join(" ").replaceAll("admission policies on CONNECT", "");
  return LINES.filter((line) => new RegExp(line, "i").test(text));
}

describe.each(headings)("%s", (heading) => {
  const named = namedLines(heading);
  const own = attempts.filter((attempt) => attempt.heading === heading);

  /** By manifest: each is asked about once, whichever test comes first. */
  const asked = new Map<Manifest, Promise<readonly Line[]>>();
  const stopping = (manifest: Manifest): Promise<readonly Line[]> => {
    const known = asked.get(manifest) ?? stops(manifest, named);
    asked.set(manifest, known);
    return known;
  };

  test.each(own)("one of the lines that are named stops $name", async ({ manifest }) => {
    expect(await stopping(manifest)).not.toEqual([]);
  });

  test("each of these lines stops one of the attempts", async () => {
    const lines = (await Promise.all(own.map(({ manifest }) => stopping(manifest)))).flat();
    expect(named.filter((line) => !lines.includes(line))).toEqual([]);
  });
});
