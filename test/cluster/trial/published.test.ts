/**
 * The published manifests on a real control plane with simulated nodes: it takes each of them and gives all of its pods a place, as the models say. All are in
 * one cluster, so that it has room for all of them. The definitions and the operators of custom resources are not there: their pods are created directly.
 */
import { relative } from "node:path";
import { titleOf } from "../../../src/cluster/objects";
import type { ClusterObject } from "../../../src/cluster/objects";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { readManifest } from "../../../src/rehearsal/manifests";
import type { Answered } from "../../../src/rehearsal/control-plane";
import { SENDER } from "../../../src/trial/platform";
import { startControlPlane } from "../../harness/control-plane/start";
import { ROOT } from "../../support/program";
import { publishedManifests } from "../../support/published-manifests";
import { askBoth } from "./both";

const TEAM = "mig-test";
const CONFIG = {
  systemPool: { instanceType: "m6i.4xlarge", size: { min: 2, desired: 8, max: 8 } },
  gpuPools: [{ name: "a100", instanceType: "p4d.24xlarge", layout: "all-balanced", size: { desired: 12 } }],
  teams: [
    {
      ...{ name: TEAM, slices: { small: 192, medium: 96, large: 96 } },
      ...{ pods: 1000, cpu: 2000, memoryGiB: 20000, storageGiB: 50000, objects: 500 },
    },
  ],
};

/** Several files have the same Secret. */
const files = new Map<string, readonly ClusterObject[]>();
const seen = new Set<string>();
for (const path of publishedManifests) {
  const own = readManifest(path, TEAM).filter((object) => !seen.has(titleOf(object)));
  own.forEach((object) => seen.add(titleOf(object)));
  files.set(relative(ROOT, path), own);
}

let plane: ControlPlane;
let answered: Answered;
beforeAll(async () => {
  plane = await startControlPlane({ users: [SENDER], clientRate: "unlimited" });
  answered = await askBoth(plane, CONFIG, [...files.values()].flat());
});
afterAll(() => plane.stop());

test("both take and place all of at least a hundred files, and say the same of every object", () => {
  const { report, simulation } = answered;
  const pending = simulation.pods.flatMap((outcome) => (outcome.type === "pending" ? [outcome.planned.owner] : []));
  const atFault = new Set([...simulation.problems.map(({ object }) => object), ...pending]);
  const notJudged = simulation.outcomes.flatMap(({ object, outcome }) => (outcome.type === "notModelled" ? [object] : []));
  const direct = new Set(
    simulation.warnings.filter(({ message }) => message.includes("its pods were created directly")).map(({ object }) => object),
  );
  const placed = [...files.values()].filter((objects) => !objects.some((object) => atFault.has(object) || notJudged.includes(object)));
  const counts = {
    ...{ files: files.size, placed: placed.length },
    ...{ podsCreatedDirectly: placed.filter((objects) => objects.some((object) => direct.has(object))).length },
    ...{ withObjectsNotJudged: [...files.values()].filter((objects) => objects.some((object) => notJudged.includes(object))).length },
    ...{ judged: report.judged, bothPlace: report.bothPlace, notJudged: report.notJudged.length },
  };
  process.stdout.write(`published: ${JSON.stringify(counts)}\n`);
  expect(report.differences).toEqual([]);
  expect([...atFault].map(titleOf)).toEqual([]);
  expect(placed.length).toBeGreaterThanOrEqual(100);
});
