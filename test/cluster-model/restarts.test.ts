/** What a container says about its own restarts, by version of Kubernetes. */
import { podSpecProblems } from "../../src/cluster/judgement/validation/pods/spec";
import { RULES } from "../support/rules";
import type { RestartRules } from "../../src/releases/kubernetes";

const problems = (restartRules: RestartRules, key: "containers" | "initContainers", container: object): readonly string[] => {
  const main = { name: "main", image: "x" };
  const spec = {
    containers: [main],
    [key]: [{ ...main, name: "tested", ...container }],
    ...(key === "containers" ? {} : { containers: [main] }),
  };
  return podSpecProblems(spec, "spec", { ...RULES, restartRules });
};

const rule = { action: "Restart", exitCodes: { operator: "In", values: [42] } };

test("a main container can restart by its exit code where the version has rules; otherwise the API server drops them", () => {
  const container = { restartPolicy: "Never", restartPolicyRules: [rule] };
  expect(problems("restart", "containers", container)).toEqual([]);
  expect(problems("none", "containers", { restartPolicy: "x", restartPolicyRules: [{}] })).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ["another policy", { restartPolicy: "Sometimes" }, /restartPolicy: .*Always, Never, OnFailure/],
  ["rules without a policy", { restartPolicyRules: [rule] }, /restartPolicy: required/],
  ["another action", { restartPolicy: "Never", restartPolicyRules: [{ ...rule, action: "RestartAllContainers" }] }, /action/],
  ["no exit codes", { restartPolicy: "Never", restartPolicyRules: [{ action: "Restart" }] }, /exitCodes: required/],
  [
    "another operator",
    { restartPolicy: "Never", restartPolicyRules: [{ ...rule, exitCodes: { operator: "Is", values: [1] } }] },
    /exitCodes\.operator/,
  ],
  [
    "too many codes",
    { restartPolicy: "Never", restartPolicyRules: [{ ...rule, exitCodes: { operator: "In", values: Array(256).fill(1) } }] },
    /values: .*255/,
  ],
  ["too many rules", { restartPolicy: "Never", restartPolicyRules: Array(21).fill(rule) }, /restartPolicyRules: .*20/],
])("%s is refused", (_, container, message) => {
  expect(problems("restart", "containers", container)).toEqual([expect.stringMatching(message)]);
});

test("an init container can have every policy where the version has rules, and rules as a sidecar where all containers can restart", () => {
  // kube-apiserver 1.34.4 drops every other policy than Always.
  expect(problems("none", "initContainers", { restartPolicy: "OnFailure" })).toEqual([]);
  expect(problems("restart", "initContainers", { restartPolicy: "OnFailure" })).toEqual([]);
  const sidecar = { restartPolicy: "Always", restartPolicyRules: [rule] };
  expect(problems("restart", "initContainers", sidecar)).toEqual([expect.stringContaining("not allowed for init containers")]);
  expect(problems("restartAll", "initContainers", sidecar)).toEqual([]);
  expect(problems("restartAll", "containers", { ...sidecar, restartPolicyRules: [{ ...rule, action: "RestartAllContainers" }] })).toEqual(
    [],
  );
});
