/** The platform's namespaces: configuration, policy pack, admission policies and the stack itself agree on them. */
import { reservePlatformObjects } from "../../policy-pack/platform/reserve-platform-objects";
import { parseConfig } from "../../src/config/parse";
import { ADMISSION_POLICIES } from "../../src/kubernetes/admission/policies";
import { BUILT_IN_NAMESPACES, KUBE_SYSTEM_NAMESPACE, PLATFORM_NAMESPACES, PRIVILEGED_NAMESPACES } from "../../src/well-known/namespaces";
import { STACK } from "../config/stacks";
import { violations } from "../policy-pack/verdict";
import { ofType } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";

test.each([...PLATFORM_NAMESPACES, ...BUILT_IN_NAMESPACES])("no team can be called %s", (name) => {
  const result = parseConfig({ ...STACK, teams: [{ name }], fashionMnist: { type: "none" } });
  expect(result).toMatchObject({ type: "invalid", problems: [{ key: "teams[0].name" }] });
});

test.each([...PLATFORM_NAMESPACES, KUBE_SYSTEM_NAMESPACE])("the policy pack keeps others out of %s", (namespace) => {
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace }, data: {} };
  expect(violations(reservePlatformObjects, configMap)).toEqual([expect.stringContaining("is in a namespace of the platform")]);
  expect(violations(reservePlatformObjects, { ...configMap, metadata: { name: "c", namespace: "team-a" } })).toEqual([]);
});

test.each(PRIVILEGED_NAMESPACES)("the pods of %s are closed to all but administrators", (namespace) => {
  const policy = ADMISSION_POLICIES.find(({ name }) => name === "shared-gpu-system-pods");
  expect(JSON.stringify(policy?.binding.spec)).toContain(`"${namespace}"`);
});

test("the stack makes the platform's namespaces, and those of teams", async () => {
  const made = ofType(await recordedProgram(), "kubernetes:core/v1:Namespace").map(({ inputs }) => String(inputs.metadata.name));
  expect(made.sort()).toEqual([...PLATFORM_NAMESPACES, "mig-test"].sort());
});
