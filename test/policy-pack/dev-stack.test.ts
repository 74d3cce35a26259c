/** The stack that this project ships must pass the pack that it ships. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy-pack/policies";
import type { Mode } from "../../src/rehearsal/monitor/recording";
import { runProgram } from "../support/program";
import { violations } from "./verdict";

const mandatory = policies.filter(
  (policy): policy is ResourceValidationPolicy => "validateResource" in policy && policy.enforcementLevel === "mandatory",
);

test.each<[Mode, string, Readonly<Record<string, unknown>>]>([
  ["known", "as it is", {}],
  ["preview", "as it is", {}],
  ["preview", "with the workloads on one GPU", { fashionMnist: { type: "deployed", team: "mig-test", colocate: true } }],
])("in mode %s the dev stack %s has no mandatory violation", async (mode, _, config) => {
  const { resources } = await runProgram({ mode, config });
  const reported = resources.flatMap(({ type, urn, inputs }) =>
    mandatory.flatMap((policy) => violations(policy, inputs, {}, type, { urn }).map((message) => `${urn}: ${policy.name}: ${message}`)),
  );
  expect(reported).toEqual([]);
});
