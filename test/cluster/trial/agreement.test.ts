/**
 * How often the models and a real control plane say the same: the manifests of the documents, of the corpus, and of a collection in the form that projects
 * publish, all in one cluster with room for many.
 */
import { join } from "node:path";
import { toObject } from "../../../src/cluster/objects";
import type { ClusterObject, JsonObject } from "../../../src/cluster/objects";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { readManifest } from "../../../src/rehearsal/manifests";
import type { ControlPlaneReport } from "../../../src/rehearsal/report/report";
import { SENDER } from "../../../src/trial/platform";
import { corpusCases } from "../../corpus/corpus";
import { startControlPlane } from "../../harness/control-plane/start";
import { documentedManifests, objectsOfManifest } from "../../support/documented-manifests";
import { askBoth } from "./both";

/** The team of the corpus and of the documents, with all that one node has. */
const CONFIG = {
  gpuPools: [{ name: "a100", instanceType: "p4d.24xlarge", layout: "all-balanced", size: { desired: 4 } }],
  teams: ["mig-test", "team-a"].map((name) => ({
    ...{ name, slices: { small: 32, medium: 16, large: 16 }, pods: 500, cpu: 500, memoryGiB: 5000, storageGiB: 50000, objects: 500 },
  })),
};

let plane: ControlPlane;
let report: ControlPlaneReport;

beforeAll(async () => {
  plane = await startControlPlane({ users: [SENDER], clientRate: "unlimited" });
  ({ report } = await askBoth(plane, CONFIG, manifests()));
}, 600_000);
afterAll(() => plane.stop());

test("of every object they say the same", () => {
  const { judged, bothPlace, bothRefuse, stricter, notJudged, differences } = report;
  const counts = { judged, bothPlace, bothRefuse, stricter: stricter.length, notJudged: notJudged.length, differences: differences.length };
  process.stdout.write(`agreement: ${JSON.stringify(counts)}\n`);
  expect(differences).toEqual([]);
  expect(bothPlace).toBeGreaterThan(120);
  expect(bothRefuse).toBeGreaterThan(300);
});

/** Names are unique in a file only. Each object gets the place it comes from in its name, unless others of its file name it. */
function manifests(): readonly ClusterObject[] {
  const documented = documentedManifests().flatMap((manifest) =>
    objectsOfManifest(manifest).map((body) =>
      toObject(body as JsonObject, { type: "manifest", file: manifest.place, line: 1 }, "mig-test"),
    ),
  );
  // The models have a LimitRange apply to every pod of its namespace, as it does once pods are created again; a control plane, to those that come after it.
  const corpus = corpusCases()
    .filter(({ manifest }) => !/(Patch|List|^LimitRange)$/.test(String(manifest["kind"])))
    .map(({ policy, verdict, manifest }) =>
      toObject(
        inFile(manifest, `${policy}-${verdict}`),
        { type: "manifest", file: `test/corpus/${policy}/${verdict}.yaml`, line: 1 },
        "team-a",
      ),
    );
  const published = ["published.yaml", "refused.yaml"].flatMap((file) => readManifest(join(__dirname, file), "team-a"));
  return [...documented, ...corpus, ...published];
}

function inFile(manifest: Readonly<Record<string, unknown>>, file: string): JsonObject {
  const metadata = manifest["metadata"] as { readonly name: string };
  const suffix = file
    .split("-")
    .map(([first]) => first)
    .join("");
  return /^(Namespace|ServiceAccount|PriorityClass|RuntimeClass|StorageClass|ResourceClaimTemplate|ResourceClaim|ConfigMap|Secret)$/.test(
    String(manifest["kind"]),
  )
    ? manifest
    : { ...manifest, metadata: { ...metadata, name: `${metadata.name}-${suffix}` } };
}
