/** What an `up` would do with a deployed dev stack. The engine's tests hold the same against the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DeployedStack } from "../../../src/rehearsal/deployed/deployed-stack";
import { consequenceOf, renamesDevices } from "../../../src/rehearsal/deployed/consequences";
import { titleOf } from "../../../src/rehearsal/deployed/plan";
import type { Step } from "../../../src/rehearsal/deployed/plan";
import { STACK_TYPE } from "../../../src/rehearsal/monitor/urn";
import { SECRET, SIGNATURE } from "../../../src/rehearsal/monitor/marks";
import { summarizeUpgrade, upgradeFindings, upgradeTexts, upgradeTodos } from "../../../src/rehearsal/report/upgrade";
import { RELEASES, defaultRelease } from "../../../src/releases/find";
import { ROOT, runFailingProgram } from "../../support/program";
import type { Recording } from "../../support/program";
import { recordedProgram } from "../../support/recordings/recorded-program";
import { PLACE, changesOf, exportOf, planOf } from "./exported";

const VERSIONS = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
const [FORMER = ""] = Object.keys(defaultRelease().otherGpuSoftware);

let current: Recording;
let former: Recording;
/** What `up` of the same stack does. */
let unchanged: readonly Step[];
beforeAll(async () => {
  current = await recordedProgram();
  former = await recordedProgram({ config: { gpuSoftware: FORMER } });
  unchanged = await planOf(exportOf(current));
});

test("the same stack: nothing changes, and what is encrypted is named", () => {
  expect(changesOf(unchanged)).toEqual([]);
  const report = summarizeUpgrade(unchanged, []);
  expect(report.notUnderstood).toEqual([]);
  expect(report.notCompared.map(({ subject }) => subject)).toContain("Secret monitoring-grafana-admin");
  expect(upgradeTexts({ upgrade: report }).join("\n")).toMatch(/Nothing changes, and \d+ resources stay as they are/);
});

test("an empty export: everything is created", async () => {
  const steps = await planOf({ resources: [], pending: [] });
  expect(new Set(steps.map(({ type }) => type))).toEqual(new Set(["create"]));
});

test("the next Kubernetes version: in the order in which EKS wants it, and what it does to nodes and pods", async () => {
  const steps = await planOf(exportOf(current), { kubernetesVersion: VERSIONS[1] });
  const order = [
    "Cluster control-plane-eksCluster",
    "Addon networking-addons-kube-proxy",
    "NodeGroup system",
    "Addon cluster-addons-coredns",
  ];
  const changes = changesOf(steps);
  expect(changes.indexOf("update Addon networking-addons-kube-proxy")).toBeLessThan(changes.indexOf("update NodeGroup a100"));
  expect(changes.filter((change) => order.some((title) => change.endsWith(title)))).toEqual(order.map((title) => `update ${title}`));
  const texts = upgradeTexts({ upgrade: summarizeUpgrade(steps, []) });
  expect(texts).toContainEqual(
    expect.stringMatching(
      /^update NodeGroup a100 \(releaseVersion \S+ -> \S+, version 1\.\d+ -> 1\.\d+\): EKS replaces every node: it drains/,
    ),
  );
  expect(texts).toContainEqual(expect.stringContaining("EKS upgrades the control plane"));
});

test("a jump is refused, as the engine's program refuses it", async () => {
  const deployed = new DeployedStack(exportOf(current), PLACE);
  const { errors } = await runFailingProgram({ config: { kubernetesVersion: VERSIONS[2] }, deployed });
  expect(errors.join("\n")).toContain(`Set it to "${VERSIONS[1] ?? ""}", and run pulumi up`);
});

test("another way to name devices: the GPU nodes have to be drained first", async () => {
  const steps = await planOf(exportOf(former));
  expect(steps.filter(renamesDevices).map(titleOf)).toEqual(["Release dra-driver"]);
  expect(upgradeTodos(steps).map(({ title }) => title)).toEqual(["Drain the GPU nodes: the devices get other names"]);
  const page = readFileSync(join(ROOT, "docs/upgrade.md"), "utf8");
  upgradeTodos(steps).forEach(({ commands }) => commands.forEach((command) => expect(page).toContain(`\n${command}\n`)));
  expect(changesOf(steps)).toEqual(expect.arrayContaining(["update Release dra-driver", "update NodeGroup a100"]));
  expect(upgradeTodos(unchanged)).toEqual([]);
});

test("an older image is refused, with what to write", async () => {
  const deployed = new DeployedStack(exportOf(current), PLACE);
  const { errors } = await runFailingProgram({ config: { gpuSoftware: FORMER }, deployed });
  expect(errors.join("\n")).toContain("give the pool another name");
});

test("a team that goes takes its namespace along; a protected resource is refused", async () => {
  const extra = await recordedProgram({
    config: {
      teams: [
        { name: "mig-test", slices: { small: 8, medium: 4, large: 4 } },
        { name: "more", slices: {} },
      ],
    },
  });
  const steps = await planOf(exportOf(extra, ({ urn }) => ({ protect: urn.endsWith("Namespace::more") })));
  const gone = steps.find((step) => titleOf(step) === "Namespace more");
  expect(gone?.type).toBe("delete");
  expect(gone && consequenceOf(gone)).toContain("Deletes everything in the namespace");
  expect(upgradeFindings(steps, [])).toEqual([expect.objectContaining({ kind: "upgrade", subject: "Namespace more" })]);
});

test("a resource without rules is named, and a change of it is a finding", async () => {
  const NAT = "aws:ec2/natGateway:NatGateway";
  const stranger = (type: string) => (type === NAT ? "aws:ec2/stranger:Stranger" : type);
  const exported = exportOf(current);
  const renamed = exported.resources.map((resource) => ({
    ...resource,
    type: stranger(resource.type),
    urn: resource.urn.replace(NAT, stranger(NAT)),
  }));
  const steps = await planOf({ resources: renamed, pending: [] });
  // The program's own type is created, the unknown one goes.
  expect(changesOf(steps).filter((change) => /NatGateway|Stranger/.test(change))).toEqual([
    expect.stringMatching(/^create NatGateway/),
    expect.stringMatching(/^delete Stranger/),
  ]);
});

test("an alias keeps what had another name or place", async () => {
  const exported = exportOf(current);
  const moved = exported.resources.map((resource) => ({
    ...resource,
    urn: resource.urn
      .replace("shared-gpu:kubernetes:AdmissionPolicies", "shared-gpu:kubernetes:Guardrails")
      .replace(/::admission-policies$/, "::guardrails"),
  }));
  expect(changesOf(await planOf({ resources: moved, pending: [] }))).toEqual([]);
});

test("no value is printed that was a secret, and no other value but versions", async () => {
  const steps = await planOf(
    exportOf(former, ({ type }) =>
      type === STACK_TYPE ? {} : { inputs: { token: "do-not-print", password: { [SIGNATURE]: SECRET, plaintext: '"do-not-print"' } } },
    ),
  );
  expect(JSON.stringify(summarizeUpgrade(steps, []))).not.toContain("do-not-print");
});
