/** README.md against the program: every line with a figure, and what the page says that the program accepts, refuses and leaves out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import { parseConfig } from "../../src/config/parse";
import type { RawConfig } from "../../src/config/parse";
import { findInstanceType, PRICE_SOURCE } from "../../src/hardware/instance-types";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { hourlyCost } from "../../src/planner/cost";
import { EXTENDED_SUPPORT_USD_PER_HOUR, eksSupport } from "../../src/releases/eks-support";
import { RELEASES, defaultRelease } from "../../src/releases/find";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import { STACK, devStack } from "../config/stacks";
import { documentedManifests, objectsOfManifest } from "../support/documented-manifests";
import { recordedProgram } from "../support/recordings/recorded-program";
import { linesOf, withFigures } from "../support/statements";
import { ROOT } from "../support/program";

const LINES = linesOf("README.md");

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly license: string;
};

/** What the nodes of the dev stack and its control plane list at. */
async function devStackUsd(): Promise<number> {
  const { nodes } = nodesOf(await recordedProgram());
  return hourlyCost(nodes.map(({ instanceType }) => ({ instanceType, count: 1 }))).usdPerHour;
}

const usd = (amount: number): string => `$${amount.toFixed(2)}`;
const usdOf = (instanceType: string): string => usd(findInstanceType(instanceType)?.usdPerHour ?? Number.NaN);

/** Lines with figures by their beginning, and what has to be in each. */
const FIGURES: Readonly<Record<string, () => readonly string[] | Promise<readonly string[]>>> = {
  "EKS 1.34 to 1.36": () => [`EKS ${RELEASES[0].kubernetesVersion} to ${RELEASES.at(-1)?.kubernetesVersion ?? ""}`],
  "| cost |": async () => {
    const total = await devStackUsd();
    return [`${usd(total)} an hour`, `$${(Math.round((total * 730) / 100) * 100).toLocaleString("en-US")} a month`];
  },
  "| `npm start` needs |": () => [`${manifest.engines.node.replace(/^>=(\d+\.\d+)\.0$/, "$1")} or later`],
  "The second file asks for more than a slice in three ways": () => {
    const [file] = documentedManifests().filter(({ place }) => place === "docs/examples/whole-gpu.yaml");
    return [`in ${["no", "one", "two", "three"][file === undefined ? 0 : objectsOfManifest(file).length] ?? ""} ways`];
  },
  "An A100 can be divided into up to seven instances": () => {
    const instances = findGpuModel("A100-SXM4-40GB")?.profiles.map(({ maxInstances }) => maxInstances) ?? [];
    return [`up to ${Math.max(...instances) === 7 ? "seven" : ""} instances`];
  },
  "Kubernetes 1.34 can give": () => [`Kubernetes ${defaultRelease().kubernetesVersion}`],
  "About twenty things can go wrong": async () => [`$${Math.floor(await devStackUsd())}-an-hour`],
  "**Cost.**": async () => [`${usd(await devStackUsd())} an hour`],
  "That is the us-east-1 on-demand list price": () => [
    `us-east-1 on-demand list price of ${PRICE_SOURCE.replace("us-east-1 list price of ", "")} for one p4d.24xlarge (${usdOf("p4d.24xlarge")})`,
  ],
  "NAT, traffic, volumes and logs": () => [
    `(${usd(EXTENDED_SUPPORT_USD_PER_HOUR)} an hour from ${eksSupport("1.34").standardSupportEnds})`,
  ],
  "`p5.4xlarge` costs": () => [`\`p5.4xlarge\` costs ${usdOf("p5.4xlarge")}.`, `\`g7e.2xlarge\` costs ${usdOf("g7e.2xlarge")},`],
  "the Pulumi CLI,": () => [`${manifest.dependencies["@pulumi/pulumi"]?.replace(/\.\d+$/, "") ?? ""} or later`],
  // `aws eks get-token` and the commands of the runbooks are those of AWS CLI 2: aws/aws-cli, CHANGELOG of 2.7.0 (client.authentication.k8s.io/v1beta1).
  "the AWS CLI,": () => ["2.7 or later"],
  "vCPU quota for the instance type.": () => [`A p4d.24xlarge takes ${String(findInstanceType("p4d.24xlarge")?.vcpus)} vCPUs`],
  "| `npm run test:operations` |": () => ["15 to 20 minutes"],
  "It compares what your nodes have published": () => ["exits with 0 if they are equal"],
  "Licence:": () => [manifest.license],
};

test("every line with a figure is held against something", () => {
  const known = Object.keys(FIGURES);
  expect(withFigures(LINES).filter((line) => !known.some((beginning) => line.startsWith(beginning)))).toEqual([]);
});

test.each(Object.entries(FIGURES))("%s", async (beginning, facts) => {
  const lines = LINES.filter((line) => line.startsWith(beginning));
  expect(lines).toHaveLength(1);
  for (const fact of await facts()) {
    expect(lines[0]).toContain(fact);
  }
});

describe("For a cheaper trial", () => {
  const poolOf = (instanceType: string): RawConfig => ({ gpuPools: [{ name: "trial", instanceType, size: { desired: 1 } }] });
  const trial = (instanceType: string, more: RawConfig = {}) => parseConfig({ ...STACK, ...poolOf(instanceType), ...more });

  test.each(["p5.4xlarge", "g7e.2xlarge"])("a %s has one GPU", (instanceType) => {
    expect(findInstanceType(instanceType)?.gpus).toMatchObject({ type: "mig", count: 1 });
    expect(LINES.join(" ")).toContain(`\`${instanceType}\``);
  });

  test("the slices of the team are refused with how many there are, and with those the stack is accepted", () => {
    const refused = trial("p5.4xlarge");
    const problems = refused.type === "invalid" ? refused.problems : [];
    const slices = Object.fromEntries(
      problems.map(({ key, nearest = [] }) => [key.replace("teams[0].slices.", ""), Number(nearest[0])] as const),
    );
    expect(Object.keys(slices)).toEqual(["small", "medium", "large"]);
    expect(trial("p5.4xlarge", { teams: [{ name: "mig-test", slices }] })).toMatchObject({ type: "config" });
  });

  test("a g7e.2xlarge has no large slices, and needs `fashionMnist: {type: none}`", () => {
    const teams = [{ name: "mig-test", slices: { small: 1, medium: 1 } }];
    expect(trial("g7e.2xlarge", { teams })).toMatchObject({
      type: "invalid",
      problems: [{ key: expect.stringContaining("fashionMnist") as string }],
    });
    expect(trial("g7e.2xlarge", { teams, fashionMnist: parse("{type: none}") as object })).toMatchObject({ type: "config" });
  });
});

test("`apiServerAccess` has no default", () => {
  expect(parseConfig(devStack())).toMatchObject({ type: "invalid", problems: [{ key: "apiServerAccess" }] });
});

describe("What it is not", () => {
  test("a slice belongs to one claim; pods share it that name the same claim", async () => {
    expect(LINES).toContain("It does not divide a slice. A slice belongs to one claim, and time-slicing and MPS are not offered.");
    expect(LINES).toContain(
      "Pods of one namespace that name the same ResourceClaim use its slice together, without isolation from each other.",
    );
    const recording = await recordedProgram();
    const { nodes, shapes } = nodesOf(recording);
    const [pod] = documentedManifests().filter(({ place }) => place.startsWith("README.md"));
    const [example] = pod === undefined ? [] : objectsOfManifest(pod);
    const claim = {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: { name: "shared", namespace: "mig-test" },
      spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } },
    };
    const sharing = ["one", "two"].map((name) => {
      const spec = { ...(example?.["spec"] as object), resourceClaims: [{ name: "gpu", resourceClaimName: "shared" }] };
      return { ...example, metadata: { name, namespace: "mig-test" }, spec };
    });
    const own = [claim, ...sharing].map((body, document) =>
      toObject(body, { type: "manifest", file: "m.yaml", line: document + 1 }, "mig-test"),
    );
    const { problems, pods } = judgeAndSimulate(nodes, shapes, [...objectsOf(recording), ...own], defaultRelease());
    expect(problems).toEqual([]);
    const devices = pods.flatMap((outcome) =>
      outcome.type === "placed" && ["one", "two"].includes(outcome.planned.pod.name) ? outcome.claims.flatMap((each) => each.devices) : [],
    );
    expect(devices).toHaveLength(2);
    expect(new Set(devices.map(({ pool, device }) => `${pool}/${device}`)).size).toBe(1);
  });
});
