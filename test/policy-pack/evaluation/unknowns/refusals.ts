/** What the mandatory policies refuse, with the settings of the documentation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { shareProperties } from "../../../../policy-pack/evaluation/shared-properties";
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

/** What the policies refuse of these resources. As the engine's policies do, they share what one of them has read of a resource. */
export function refused(resources: readonly Pick<RecordedResource, "type" | "urn" | "inputs">[], isPreview = true): readonly string[] {
  return resources.flatMap(({ type, urn, inputs }) => {
    const { ticket, end } = shareProperties(() => inputs);
    const messages = resourcePolicies.flatMap((policy) =>
      verdictOf(policy, { type, urn, props: ticket, config: settingsOf(policy.name) }, { isPreview }).refused.map(
        (message) => `${urn}: ${policy.name}: ${message}`,
      ),
    );
    end();
    return messages;
  });
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
  const shared = (membersOf.get(recording) ?? readMembers(recording)).map((member) => ({
    member,
    properties: shareProperties(() => outputsOf(member.resource)),
  }));
  const members = shared.map(({ member, properties }) => ({ ...member, props: properties.ticket }));
  const messages = stackPolicies.flatMap((policy) =>
    stackVerdictOf(policy, members, settingsOf(policy.name), { isPreview: true }).refused.map((message) => `${policy.name}: ${message}`),
  );
  for (const { properties } of shared) properties.end();
  return messages;
}

/** Every input or output unknown. */
export const allUnknown = (properties: object) => Object.fromEntries(Object.keys(properties).map((key) => [key, UNKNOWN]));
