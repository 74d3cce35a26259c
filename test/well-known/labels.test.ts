/** Labels and taints: what one part writes is what the others look for. */
import { draPluginWaitsForMig } from "../../policy-pack/helm/dra-plugin-waits-for-mig";
import { forbidGpusWithoutClaim } from "../../policy-pack/pods/forbid-gpus-without-claim";
import { ADMISSION_POLICIES } from "../../src/kubernetes/admission/policies";
import { GPU_TAINT, MIG_CONFIG_STATE_LABEL, TEAM_LABEL, podSecurityLabel } from "../../src/well-known/labels";
import { HELM_RELEASE } from "../../src/well-known/resource-types";
import { verdictOf } from "../policy-pack/verdict";
import { only } from "../support/program";
import type { Recording } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";
import { PASSES, STOPPED, podWith, put } from "./requests";

let recording: Recording;
beforeAll(async () => {
  recording = await recordedProgram();
});

const tolerating = (toleration: object) => {
  const pod = podWith({});
  return put({ ...pod, spec: { ...(pod["spec"] as object), tolerations: [toleration] } }, forbidGpusWithoutClaim, "shared-gpu-pods");
};

test.each([
  ["the taint's key", { key: GPU_TAINT.key, operator: "Exists" }],
  ["the taint", { key: GPU_TAINT.key, operator: "Equal", value: GPU_TAINT.value, effect: GPU_TAINT.effect }],
  ["every taint", { operator: "Exists" }],
])("a pod without a claim that tolerates %s is stopped", (_, toleration) => {
  expect(tolerating(toleration)).toEqual(STOPPED);
});

test.each([
  ["another taint", { key: "example.com/other", operator: "Exists" }],
  ["another effect of it", { key: GPU_TAINT.key, operator: "Exists", effect: "PreferNoSchedule" }],
])("a pod without a claim that tolerates %s passes", (_, toleration) => {
  expect(tolerating(toleration)).toEqual(PASSES);
});

test("namespaces of teams have the label and the level that the admission policies look for", () => {
  const namespace = only(recording, "kubernetes:core/v1:Namespace", "mig-test").inputs.metadata;
  expect(namespace.labels).toMatchObject({ [TEAM_LABEL]: "mig-test", [podSecurityLabel("enforce")]: "restricted" });
  const bound = ADMISSION_POLICIES.filter(({ binding }) => JSON.stringify(binding).includes(`"key":"${TEAM_LABEL}","operator":"Exists"`));
  expect(bound.map(({ name }) => name)).toContain("shared-gpu-pods");
  const guarded = JSON.stringify(ADMISSION_POLICIES.find(({ name }) => name === "shared-gpu-namespaces")?.policy);
  for (const label of [TEAM_LABEL, podSecurityLabel("enforce")]) {
    expect(guarded).toContain(`'${label}'`);
  }
});

test("the DRA driver's plugin waits for the label that the policy pack asks for, and tolerates the taint", () => {
  const { inputs } = only(recording, HELM_RELEASE, "dra-driver");
  const plugin = inputs.values.kubeletPlugin as object;
  const refused = (changes: object) =>
    verdictOf(draPluginWaitsForMig, {
      type: HELM_RELEASE,
      props: { ...inputs, values: { ...inputs.values, kubeletPlugin: { ...plugin, ...changes } } },
    }).refused;
  expect(plugin).toMatchObject({ nodeSelector: { [MIG_CONFIG_STATE_LABEL]: "success" } });
  expect(refused({})).toEqual([]);
  expect(refused({ nodeSelector: { "example.com/other": "success" } })).not.toEqual([]);
  expect(refused({ tolerations: [{ key: "example.com/other", operator: "Exists" }] })).not.toEqual([]);
});
