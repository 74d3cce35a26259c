/**
 * docs/security.md against the program: every line with a figure, the tests that "Shown by" names, the keys of the node line, and which version of Kubernetes switches on what.
 * `ways-in.test.ts` tries what the page says is stopped.
 */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { policies } from "../../policy-pack/policies";
import { WIDEST_PREFIX } from "../../src/config/access";
import { LIMITS } from "../../src/dra/selector/language/vocabulary";
import { teamQuota } from "../../src/kubernetes/teams/limits";
import { CONTAINER_TOOLKIT_SETTINGS } from "../../src/well-known/container-toolkit";
import { EKS_CLUSTER, LAUNCH_TEMPLATE } from "../../src/well-known/resource-types";
import { CREATED_KINDS, CONTROLLED_KINDS } from "../../src/well-known/team-rights";
import { objectCountKey } from "../../src/well-known/quota-keys";
import { STACK, configOf } from "../config/stacks";
import { recordedProgram } from "../support/recordings/recorded-program";
import { linesOf, withFigures } from "../support/statements";
import { RELEASES } from "../../src/releases/find";
import { corpusCases } from "../corpus/corpus";
import { ROOT } from "../support/program";

const TEXT = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const [SECTION = ""] = TEXT.split(/^## /m).filter((section) => section.startsWith("What a Kubernetes version switches on"));
const [HEADER = [], , ...ROWS] = SECTION.split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
const BAD = corpusCases()
  .filter(({ verdict }) => verdict === "bad")
  .map(({ policy, name }) => `${policy}/${name}`);

const gateOf = ([gate = ""]: readonly string[]) => gate.replaceAll("`", "");

test("every gate whose default differs between versions is in the table", () => {
  const gates = RELEASES.map(({ kubernetes }) => Object.entries(kubernetes.featureGates));
  const first = new Map(gates[0]);
  const changed = new Set(gates.flat().flatMap(([gate, on]) => (first.get(gate as never) === on ? [] : [gate])));
  expect(ROWS.map(gateOf).sort()).toEqual([...changed].sort());
});

test.each(ROWS.map((row) => [gateOf(row), row] as const))("the defaults of %s are those of the releases", (gate, row) => {
  const said = RELEASES.map(({ kubernetesVersion }) => [kubernetesVersion, row[HEADER.indexOf(kubernetesVersion)]]);
  const known = RELEASES.map(({ kubernetesVersion, kubernetes }) => [
    kubernetesVersion,
    new Map<string, boolean>(Object.entries(kubernetes.featureGates)).get(gate) === true ? "on" : "off",
  ]);
  expect(said).toEqual(known);
});

test.each(
  ROWS.flatMap((row) =>
    [...(row.at(-1) ?? "").matchAll(/`([\w-]+)` \(([^)]*)\)/g)].flatMap(([, policy = "", names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => `${policy}/${name}`),
    ),
  ),
)("the corpus has %s", (pattern) => {
  const form = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
  expect(BAD.filter((name) => form.test(name))).not.toEqual([]);
});

/** The largest object of a kind, in MiB: etcd's own limit, and of the API server for what has data. Source: "etcd limits", and `MaxSecretSize` of pkg/apis/core. */
const LARGEST_MIB: Readonly<Record<string, number>> = { configmaps: 1, secrets: 1 };

function largestTeamGiB(): number {
  const { teams, gpuPools } = configOf(STACK);
  const [team] = teams;
  const { hard } = (team === undefined ? {} : teamQuota(team, gpuPools, RELEASES[0].kubernetes).spec) as {
    readonly hard: Readonly<Record<string, string>>;
  };
  const kinds = [...CREATED_KINDS, ...CONTROLLED_KINDS];
  return kinds.reduce((sum, kind) => sum + Number(hard[objectCountKey(kind)]) * (LARGEST_MIB[kind.resource] ?? 1.5), 0) / 1024;
}

const onIn = (gate: "DRADeviceTaints" | "DRAConsumableCapacity" | "DRAExtendedResource") =>
  RELEASES.filter(({ kubernetes }) => kubernetes.featureGates[gate]).map(({ kubernetesVersion }) => kubernetesVersion);

/** Lines with figures by a part of each, and whether what they say is so. */
const FIGURES: Readonly<Record<string, () => unknown>> = {
  "IMDSv2 with hop limit 1": async () =>
    expect(
      (await recordedProgram()).resources.filter(({ type }) => type === LAUNCH_TEMPLATE).map(({ inputs }) => inputs.metadataOptions),
    ).toEqual([1, 2].map(() => expect.objectContaining({ httpTokens: "required", httpPutResponseHopLimit: 1 }) as unknown)),
  "**Stopped by:** hop limit 1": () => undefined,
  "decision 0009": () => expect(existsSync(join(ROOT, "docs/decisions/0009-administrators-are-exempt.md"))).toBe(true),
  "at most 16 selectors with 2,048 bytes together": () => expect(LIMITS).toMatchObject({ selectors: 16, totalBytes: 2048 }),
  "Measured with 128 devices": () =>
    expect(readFileSync(join(ROOT, "test/cluster/selectors/scheduling.test.ts"), "utf8")).toContain("const NODES = 4;"),
  "the feature is off in 1.34 and 1.35": () => expect(onIn("DRAExtendedResource")).toEqual(["1.36"]),
  "On 1.36, the class `gpu.nvidia.com`": () => expect(onIn("DRAExtendedResource")).toEqual(["1.36"]),
  "Kubernetes 1.34 to 1.36 serve v1 only": () =>
    expect(RELEASES.map(({ kubernetesVersion }) => kubernetesVersion)).toEqual(["1.34", "1.35", "1.36"]),
  "drops capacity requests, whose feature is off in 1.34 and 1.35": () => expect(onIn("DRAConsumableCapacity")).toEqual(["1.36"]),
  "device taints are off in 1.34 and 1.35, and on in 1.36": () => expect(onIn("DRADeviceTaints")).toEqual(["1.36"]),
  // test/cluster-model/pod-security-versions.test.ts has the pod of each version.
  "From Kubernetes 1.35 on, a pod with `hostUsers: false`": () =>
    expect(RELEASES.filter(({ kubernetes }) => kubernetes.rootInUserNamespaces).map(({ kubernetesVersion }) => kubernetesVersion)).toEqual([
      "1.35",
      "1.36",
    ]),
  "An object of up to 1.5 MiB counts as one": () => undefined,
  "takes about 1 GiB of the 8 GB": () => expect(Math.round(largestTeamGiB())).toBe(1),
  "(CVE-2020-8554)": () => undefined,
  "as many addresses as a /8": () => expect(WIDEST_PREFIX).toBe(8),
  "a /8 is still 16.8 million addresses": () => expect((2 ** (32 - WIDEST_PREFIX) / 1e6).toFixed(1)).toBe("16.8"),
  "Source: `pkg/features/kube_features.go`": () =>
    expect(RELEASES.map(({ kubernetesVersion }) => kubernetesVersion)).toEqual(["1.34", "1.35", "1.36"]),
  "| gate | 1.34 | 1.35 | 1.36 |": () => expect(HEADER.slice(1, 4)).toEqual(RELEASES.map(({ kubernetesVersion }) => kubernetesVersion)),
  "in v25.10.1 and v26.3.3": () =>
    expect([
      ...new Set(
        RELEASES.flatMap(({ gpuOperatorVersion, otherGpuSoftware }) => [
          ...Object.values(otherGpuSoftware).map((pair) => pair.gpuOperatorVersion),
          gpuOperatorVersion,
        ]),
      ),
    ]).toEqual(["v25.10.1", "v26.3.3"]),
  // test/engine/renamed.test.ts has a state of that release.
  "A platform that release 0.1 created": () => undefined,
};

test("every line with a figure is held against something", () => {
  const known = Object.keys(FIGURES);
  const lines = withFigures(linesOf("docs/security.md"));
  expect(lines.filter((line) => !known.some((part) => line.includes(part)))).toEqual([]);
  expect(known.filter((part) => !lines.some((line) => line.includes(part)))).toEqual([]);
});

test.each(Object.entries(FIGURES))("%s", async (_, check) => {
  await check();
});

/** What "Shown by" may name beside files, as the table of "The tests" has it. */
const WORDS = [...TEXT.matchAll(/^\| ([\w ]+) \| [^|]+ \| [^|]+ \|$/gm)].map(([, word = ""]) => word);
const SHOWN = [...TEXT.matchAll(/^- \*\*Shown by:\*\* (.*)$/gm)].map(([, text = ""]) => text);

test.each(SHOWN)("what is shown by %s is there", (text) => {
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  for (const path of spans.filter((span) => span.startsWith("test/"))) {
    expect({ path, isThere: existsSync(join(ROOT, path)) }).toEqual({ path, isThere: true });
    const isFolder = statSync(join(ROOT, path)).isDirectory();
    expect({
      path,
      tests: !isFolder || readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".test.ts")),
    }).toEqual({
      path,
      tests: true,
    });
  }
  const [, corpora = ""] = /corpus ((?:`[^`]+`(?: and |, )?)+)/.exec(text) ?? [];
  for (const [, policy = ""] of corpora.matchAll(/`([^`]+)`/g)) {
    expect({ policy, cases: BAD.filter((name) => name.startsWith(`${policy}/`)).length > 0 || policy.startsWith("test/") }).toEqual({
      policy,
      cases: true,
    });
  }
  const named = text.includes("test/") || WORDS.some((word) => text.includes(word));
  expect({ text, named }).toEqual({ text, named: true });
});

test("every policy that the page names is in the pack", () => {
  const names = policies.map(({ name }) => name);
  const named = [...TEXT.matchAll(/(?:polic(?:y|ies)|pack \()\s?`([a-z][a-z-]+)`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});

test("the node line is what the user data sets, and the EKS cluster writes every log", async () => {
  expect([...TEXT.matchAll(/^- `(accept-[\w-]+)`$/gm)].map(([, key = ""]) => `${key}=false`)).toEqual([...CONTAINER_TOOLKIT_SETTINGS]);
  const [cluster] = (await recordedProgram()).resources.filter(({ type }) => type === EKS_CLUSTER);
  expect(cluster?.inputs.enabledClusterLogTypes).toHaveLength(5);
});
