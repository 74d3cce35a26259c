/** The corpus of the policy pack, put to the guardrails of the cluster as requests of a team's member. Where the two differ, it stands here why. */
import type { CorpusCase } from "../corpus/corpus";
import { corpusCases } from "../corpus/corpus";
import { refusals } from "./admission";

/** The guardrail that sees a kind, in the version to which the API server converts requests. */
const GUARDRAIL_OF: Readonly<Record<string, string>> = {
  "v1 Pod": "shared-gpu-pods",
  "v1 ReplicationController": "shared-gpu-pod-controllers",
  "v1 PodTemplate": "shared-gpu-pod-templates",
  "v1 Namespace": "shared-gpu-namespaces",
  "apps/v1 Deployment": "shared-gpu-pod-controllers",
  "apps/v1 StatefulSet": "shared-gpu-pod-controllers",
  "apps/v1 DaemonSet": "shared-gpu-pod-controllers",
  "apps/v1 ReplicaSet": "shared-gpu-pod-controllers",
  "batch/v1 Job": "shared-gpu-pod-controllers",
  "batch/v1 CronJob": "shared-gpu-cron-jobs",
  "resource.k8s.io/v1 ResourceClaim": "shared-gpu-claims",
  "resource.k8s.io/v1 ResourceClaimTemplate": "shared-gpu-claim-templates",
  "resource.k8s.io/v1 DeviceClass": "shared-gpu-device-classes",
};

/** Why a bad manifest passes the guardrails, by policy or by `policy/case`: what else in the cluster stops it. */
const STOPPED_ELSEWHERE: Readonly<Record<string, string>> = {
  "forbid-node-access": "Pod Security level restricted, and the API server for ephemeral containers at creation",
  "enforce-balanced-mig-profiles/unknown-field": "the API server drops a field that it does not know, or refuses it",
  "forbid-claim-privileges/forged-status": "the API server drops the status of what is created",
  "forbid-claim-privileges/forged-reservation": "the API server drops the status of what is created",
  "forbid-gpus-without-claim/claim-of-another-name": "the API server refuses a container's claim that the pod does not have",
  "reserve-platform-objects/pod-among-drivers": "RBAC: a team has no rights in other namespaces",
};

/** Good manifests that the guardrails refuse. The pack evaluates selectors; quota counts per class, and is zero for the vendor's. */
const BY_TIER_ONLY = ["article-selector", "single-quotes", "narrowed-twice", "in-balanced-list", "product-and-profile"];

const seen = corpusCases().flatMap((each) => {
  const { apiVersion, kind } = each.manifest;
  const guardrail = GUARDRAIL_OF[`${String(apiVersion)} ${String(kind)}`];
  return guardrail === undefined ? [] : [{ ...each, guardrail }];
});

function messages({ guardrail, manifest }: CorpusCase & { readonly guardrail: string }): readonly string[] {
  return refusals({ policy: guardrail, object: manifest });
}

test("most of the corpus is of kinds that the guardrails see", () => {
  expect(seen.length).toBeGreaterThan(150);
});

test("what the pack denies the guardrails refuse, but for what something else in the cluster stops", () => {
  const admitted = seen.filter((each) => each.verdict === "bad" && messages(each).length === 0);
  const unexplained = admitted.filter(({ policy, name }) => !(policy in STOPPED_ELSEWHERE) && !(`${policy}/${name}` in STOPPED_ELSEWHERE));
  expect(unexplained.map(({ policy, name, comment }) => ({ policy, name, comment }))).toEqual([]);
});

test("what passes the pack passes the guardrails, but for slices that are not asked for by their tier", () => {
  const refused = seen.filter((each) => each.verdict === "good" && messages(each).length > 0);
  expect(refused.map(({ name }) => name).filter((name) => !BY_TIER_ONLY.includes(name))).toEqual([]);
  for (const each of refused) {
    expect(messages(each)).toEqual([expect.stringContaining("only these device classes can be requested here")]);
  }
});
