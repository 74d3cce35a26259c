import type { StackValidationPolicy } from "@pulumi/policy";
import { currentRun } from "../../engine/run";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { Stack, StackMember } from "../../evaluation/on-stack";
import { UNKNOWN } from "../../evaluation/snapshot";
import { isOfPlatform } from "../../evaluation/urn";
import { projectsOf } from "../../platform/settings";
import { CHANGED } from "../../resources/network-changes";
import { isOwnId, valuesAt } from "../../resources/own-resources";

/** Paths whose other values name a function, a load balancer or an address, which is judged where it is made. */
const ONLY_INSTANCES: readonly string[] = ["targetId", "target.id", "endpointConfigurations.*.endpointId", "vpcOriginEndpointConfig.arn"];

/** The id of an instance, also in its ARN; undefined for everything else. */
function instanceIn(value: unknown): string | undefined {
  return /^(?:arn:.*:instance\/)?(i-[0-9a-f]+)$/.exec(String(value))?.[1];
}

interface Settings {
  readonly others?: readonly string[];
}

/**
 * Checks that a program changes, and copies, networks, instances and disks that it registers itself. One route, tag or name in the network of the cluster concerns
 * every team, and the snapshot of a volume has its data. The ids of what a program creates are unknown in its first preview, and then the resources behind them count.
 */
export const networksAndDisksOfSameProgram: StackValidationPolicy = {
  name: "networks-and-disks-of-same-program",
  displayName: "Networks and disks of the same program",
  description:
    "Checks that a program changes routes, rules, names and connections of networks that it registers itself, gives addresses and tags to its own resources only, and copies its own disks only.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "tenancy", "network", "storage"],
  remediationSteps:
    "Ask the owners of the network or disk to make the change in their program. If they have agreed that yours makes it, name the id in the setting others.",
  configSchema: {
    properties: {
      others: {
        type: "array",
        description: "Ids of networks, instances, disks and connections of others that programs can change.",
        items: { type: "string", minLength: 1 },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateStack: onStack({
    // Stryker disable next-line WidenedList: other types change nothing
    types: (type) => CHANGED.has(type),
    check: (member, stack) =>
      // The platform changes the network that its configuration names.
      isOfPlatform(member.urn, projectsOf(currentRun()))
        ? []
        : (CHANGED.get(member.type) ?? []).flatMap((path) => changeFindings(member, path, stack)),
  }),
};

function changeFindings(member: StackMember, path: readonly string[], stack: Stack): readonly Finding[] {
  // Stryker disable next-line ArrayDeclaration: it is the id of nothing
  const { others = [] } = stack.getConfig<Settings>();
  const [property = ""] = path;
  const name = path.join(".");
  const values = valuesAt(member.props, path);
  const judged = ONLY_INSTANCES.includes(name) ? values.map(instanceIn).filter((id) => id !== undefined) : values;
  return judged.flatMap((value): readonly Finding[] => {
    if (isOwnId(value, member, property, stack) || others.includes(String(value))) {
      return [];
    }
    return value === UNKNOWN
      ? [undetermined(name, "whose it is")]
      : [
          `"${name}" is ${String(value)}, which this program does not register, and it belongs to everybody who uses it. Ask its owners to make the change in their program, or name it in the setting others of this policy`,
        ];
  });
}
