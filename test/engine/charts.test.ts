/** Charts of a program's own, under the real CLI: what Helm would install is judged before it is, and so is what a chart registers. */
import { Provider } from "@pulumi/kubernetes";
import { Release } from "@pulumi/kubernetes/helm/v3";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { CHART_FILE, Charts } from "../policy-pack/resources/local-charts/charts";
import { Workspace } from "../harness/engine/workspace";
import type { Outcome } from "../harness/engine/workspace";

const pod = (hostPID: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: team-a}\nspec: {hostPID: ${hostPID}, containers: [{name: a, image: b}]}\n`;

let workspace: Workspace;
const charts = new Charts();
beforeAll(async () => {
  workspace = await Workspace.open({ program: () => Promise.resolve({}) });
  const project = join(workspace.folder, "project");
  const write = (name: string, text: string) => {
    cpSync(charts.write({ ...CHART_FILE, "templates/x.yaml": text }), join(project, "charts", name), { recursive: true });
  };
  write("good", pod("no"));
  write("bad", pod("yes"));
  write("template", pod("{{ .Values.hostPID }}"));
});
afterAll(async () => {
  charts.close();
  await workspace.close();
});

const denied = ({ violations }: Outcome) => [
  ...new Set(violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory").map(({ policy }) => policy)),
];

/** Nothing has to answer to it: objects are rendered and checked without a cluster. */
const provider = () => new Provider("p", { renderYamlToDirectory: join(workspace.folder, "rendered") });

const release = (chart: string) => () => {
  new Release("r", { chart, namespace: "team-a", name: "r" });
  return Promise.resolve({});
};

const rendered = (hostPID: boolean) => () => {
  new Chart("c", { chart: "./charts/template", namespace: "team-a", values: { hostPID } }, { provider: provider() });
  return Promise.resolve({});
};

test("the pack finds the chart of a Release by its path in the program's folder, and judges what is in it", async () => {
  expect(denied(await workspace.preview({ program: release("./charts/bad") }))).toEqual(["forbid-node-access"]);
  expect(denied(await workspace.preview({ program: release("./charts/good") }))).toEqual([]);
});

test("it denies a template, which only the provider renders", async () => {
  const outcome = await workspace.preview({ program: release("./charts/template") });
  expect(denied(outcome)).toEqual(["forbid-unknown-resources"]);
  expect(outcome.violations.map(({ message }) => message).join("\n")).toContain("kubernetes.helm.v4.Chart");
});

test("the provider renders the template of a Chart and registers each object, which the pack judges", async () => {
  const bad = await workspace.preview({ program: rendered(true) });
  expect(denied(bad)).toEqual(["forbid-node-access"]);
  const good = await workspace.preview({ program: rendered(false) });
  expect(denied(good)).toEqual([]);
  expect(good.steps.map(({ type }) => type)).toContain("kubernetes:core/v1:Pod");
});
