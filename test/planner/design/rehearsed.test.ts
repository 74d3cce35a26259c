/** The pools of a design, built: the program and the policy pack accept them, and the demand fits into the cluster that they make. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import loadHighs from "highs";
import { Document, parse } from "yaml";
import { ask } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import { design } from "../../../src/planner/design/design";
import { highsSolver } from "../../../src/planner/design/highs";
import { offersOf } from "../../../src/planner/design/offers";
import { readCluster } from "../../../src/planner/state/read";
import type { ServedPack } from "../../../src/rehearsal/policy/served-pack";
import { rehearse } from "../../../src/rehearsal/rehearse";
import { snapshotOfStack } from "../../../src/rehearsal/snapshot";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";
import { projectPack } from "../../support/project-pack";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The dev stack with other pools, and nobody in it. */
function stackWith(gpuPools: readonly object[]): string {
  const { config } = parse(read("Pulumi.dev.yaml")) as { readonly config: object };
  const settings = { ...config, "shared-gpu:gpuPools": gpuPools, "shared-gpu:teams": [], "shared-gpu:fashionMnist": { type: "none" } };
  return makeFolder({
    "Pulumi.yaml": read("Pulumi.yaml"),
    "Pulumi.dev.yaml": new Document({ config: settings }).toString(),
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });
}

let pack: ServedPack;
beforeAll(async () => {
  pack = await projectPack();
});

test.each([
  ["20x1g.5gb,4x2g.10gb,3x3g.20gb", ["us-east-1a", "us-east-1b"]],
  ["3xsmall,1xmedium,1xlarge,1xgpu", []],
])("%s: its pools are rehearsed without a finding, and everything fits", async (text, zones) => {
  const demand = parseDemand(text);
  const offers = offersOf(undefined, "us-east-1", new Map());
  if (demand.type === "invalid" || offers.type === "invalid") throw new Error("both are right");
  const { items } = demand;
  const { best } = await design(
    { items, offers, zones, spare: 0 },
    highsSolver(await loadHighs(), () => Promise.resolve()),
  );
  const root = stackWith(best?.pools ?? []);

  const report = await rehearse({
    ...{ root, stack: "dev", manifests: [], namespace: "default", strict: false, policyPackConfig: undefined },
    ...{ loadPack: () => Promise.resolve(pack), today: new Date("2026-11-23T12:00:00Z") },
  });
  expect(report.findings).toEqual([]);
  expect(report.result).toBe("ok");

  const cluster = readCluster(await snapshotOfStack(root, "dev"));
  expect(ask(cluster, { items, namespace: "default", arrangement: "separate" })).toMatchObject({ verdict: "fits" });
});
