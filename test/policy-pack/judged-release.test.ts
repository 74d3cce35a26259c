/** Claims are judged by the Kubernetes version of the stack's cluster, and who is refused by a guess is told so. */
import { enforceBalancedMigProfiles } from "../../policy-pack/claims/enforce-balanced-mig-profiles";
import { judgedRelease } from "../../policy-pack/evaluation/judged-release";
import { currentRun, addClusterVersion, updateRun } from "../../policy-pack/engine/run";
import type { Run } from "../../policy-pack/engine/run";
import { defaultRelease, RELEASES } from "../../src/releases/find";
import { verdictOf } from "./verdict";

const WHOLE_GPU = {
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaim",
  metadata: { name: "claim" },
  spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }] } },
};

const DEFAULT = defaultRelease().kubernetesVersion;

beforeEach(() => {
  updateRun({ clusterVersions: [] });
});

function refused(clusterVersions: Run["clusterVersions"]): string {
  const judged = { type: "kubernetes:resource.k8s.io/v1:ResourceClaim", props: WHOLE_GPU };
  return verdictOf(enforceBalancedMigProfiles, judged, { clusterVersions }).refused.join("\n");
}

test.each(RELEASES.map((release) => [release.kubernetesVersion, release] as const))(
  "Should judge by the cluster's version %s",
  (version, release) => {
    addClusterVersion(version);
    expect(judgedRelease()).toEqual({ release, assumption: undefined });
    expect(refused([version])).toMatch(/could be given a whole .*mig-large\.nvidia\.com\.$/);
  },
);

test.each<[string, Run["clusterVersions"], string]>([
  ["no cluster is registered", [], "no EKS cluster of this stack says its Kubernetes version"],
  ["the cluster does not say its version", [undefined], "no EKS cluster of this stack says its Kubernetes version"],
  ["the pack does not know the version", ["1.20"], "this pack does not know Kubernetes 1.20"],
  [
    "clusters have different versions",
    [DEFAULT, "1.20"],
    `the EKS clusters of this stack have different Kubernetes versions (${DEFAULT}, 1.20)`,
  ],
  [
    "one of several clusters does not say its version",
    [DEFAULT, undefined],
    `the EKS clusters of this stack have different Kubernetes versions (${DEFAULT}, unknown)`,
  ],
])("Should judge by the default version and say so if %s", (_, versions, reason) => {
  expect(refused(versions)).toContain(`(judged by the rules of Kubernetes ${DEFAULT}: ${reason})`);
});

test("Should keep each version once", () => {
  addClusterVersion(DEFAULT);
  addClusterVersion(DEFAULT);
  addClusterVersion(undefined);
  addClusterVersion(undefined);
  expect(currentRun().clusterVersions).toEqual([DEFAULT, undefined]);
});
