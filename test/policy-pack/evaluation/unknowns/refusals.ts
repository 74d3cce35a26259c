/** What the mandatory policies refuse, with the settings of the documentation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { policies } from "../../../../policy-pack/policies";
import type { RecordedResource, Recording } from "../../../../src/rehearsal/monitor/recording";
import { ROOT } from "../../../support/program";
import { stackVerdictOf } from "../../stack-verdict";
import type { StackResource } from "../../stack-verdict";
import { UNKNOWN, verdictOf } from "../../verdict";

const mandatory = policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");
export const resourcePolicies = mandatory.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const stackPolicies = mandatory.filter((policy): policy is StackValidationPolicy => "validateStack" in policy);

const example = JSON.parse(readFileSync(join(ROOT, "docs/examples/policy-config.json"), "utf8")) as Readonly<Record<string, object>>;
/** The documented settings, but for the price, which not every stack stays below and not every GPU has. */
const settingsOf = (name: string): object => (name === "hourly-list-price" ? {} : (example[name] ?? {}));

/** What the policies refuse of these resources. */
export function refused(resources: readonly Pick<RecordedResource, "type" | "urn" | "inputs">[], isPreview = true): readonly string[] {
  return resources.flatMap(({ type, urn, inputs }) =>
    resourcePolicies.flatMap((policy) =>
      verdictOf(policy, { type, urn, props: inputs, config: settingsOf(policy.name) }, { isPreview }).refused.map(
        (message) => `${urn}: ${policy.name}: ${message}`,
      ),
    ),
  );
}

type Member = Omit<StackResource, "props"> & { readonly resource: RecordedResource };

/** The resources of a recording without their outputs, by the recording: one is asked about with thousands of outputs. */
const membersOf = new WeakMap<Recording, readonly Member[]>();

function readMembers(recording: Recording): readonly Member[] {
  const urns = new Set(recording.resources.map(({ urn }) => urn));
  const members = recording.resources.map((resource) => ({
    ...{ type: resource.type, name: resource.urn, urn: resource.urn, resource },
    from: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([property, sources]) => [property, sources.filter((urn) => urns.has(urn))]),
    ),
  }));
  membersOf.set(recording, members);
  return members;
}

/** What the policies for whole stacks refuse in a preview in which resources have these outputs. */
export function refusedInStack(
  recording: Recording,
  outputsOf: (resource: RecordedResource) => RecordedResource["outputs"],
): readonly string[] {
  const members = (membersOf.get(recording) ?? readMembers(recording)).map((member) => ({ ...member, props: outputsOf(member.resource) }));
  return stackPolicies.flatMap((policy) =>
    stackVerdictOf(policy, members, settingsOf(policy.name), { isPreview: true }).refused.map((message) => `${policy.name}: ${message}`),
  );
}

/** Every input or output unknown. */
export const allUnknown = (properties: object) => Object.fromEntries(Object.keys(properties).map((key) => [key, UNKNOWN]));
