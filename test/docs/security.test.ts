/** docs/security.md says which version of Kubernetes switches on what, and which manifests of the corpus try it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
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
