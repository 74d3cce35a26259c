import type { StackValidationPolicy } from "@pulumi/policy";
import { IAM_POLICY, IAM_ROLE, LAUNCH_TEMPLATE } from "../../../src/well-known/resource-types";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { Stack, StackMember } from "../../evaluation/on-stack";
import { UNKNOWN, untypedEntries } from "../../evaluation/snapshot";
import { valueAt } from "../../../src/json/value-at";
import { ATTACHMENTS } from "../../resources/iam-attachments";
import { EVENT_TARGET, SCHEDULE, STATE_MACHINE } from "../../resources/events";
import { INSTANCES } from "../../resources/instances";

const INSTANCE_PROFILE = "aws:iam/instanceProfile:InstanceProfile";

/** A property that names something with rights, and of which type that is. */
interface Reference {
  readonly path: readonly string[];
  readonly to: typeof IAM_ROLE | typeof IAM_POLICY | typeof INSTANCE_PROFILE;
}

const toRole = (...path: readonly string[]): Reference => ({ path, to: IAM_ROLE });
const toProfile = (...path: readonly string[]): Reference => ({ path, to: INSTANCE_PROFILE });
const toPolicy = (...path: readonly string[]): Reference => ({ path, to: IAM_POLICY });

/**
 * Where a resource takes the rights of something that it names: it runs code, calls or commands of its author's choice with a role, lends the role to people, or gives a
 * policy to somebody. Services that use a role for one purpose only (flow logs, backups, monitoring of databases) are not here.
 * Source: the types of pulumi-aws 7 that have a role among their arguments, read 2026-11-28.
 */
const REFERENCES: ReadonlyMap<string, readonly Reference[]> = new Map<string, readonly Reference[]>([
  ["aws:lambda/function:Function", [toRole("role")]],
  ["aws:lambda/capacityProvider:CapacityProvider", [toRole("permissionsConfig", "capacityProviderOperatorRoleArn")]],
  ["aws:lambda/coreNetworkConnector:CoreNetworkConnector", [toRole("operatorRole")]],
  ["aws:lambda/microvmsImage:MicrovmsImage", [toRole("buildRoleArn")]],
  ["aws:synthetics/canary:Canary", [toRole("executionRoleArn")]],
  ["aws:ecs/taskDefinition:TaskDefinition", [toRole("taskRoleArn"), toRole("executionRoleArn")]],
  ["aws:ecs/service:Service", [toRole("iamRole")]],
  [STATE_MACHINE, [toRole("roleArn")]],
  ["aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", [toRole("iamRoleArn")]],
  ["aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration", [toRole("iamRoleArn")]],
  [
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    [toRole("roles", "authenticated"), toRole("roles", "unauthenticated")],
  ],
  ["aws:cognito/userGroup:UserGroup", [toRole("roleArn")]],
  ["aws:grafana/workspace:Workspace", [toRole("roleArn")]],
  ["aws:s3control/accessGrantsLocation:AccessGrantsLocation", [toRole("iamRoleArn")]],
  ["aws:apigatewayv2/api:Api", [toRole("credentialsArn")]],
  ["aws:apigateway/integration:Integration", [toRole("credentials")]],
  ["aws:apigatewayv2/integration:Integration", [toRole("credentialsArn")]],
  [EVENT_TARGET, [toRole("roleArn")]],
  [SCHEDULE, [toRole("target", "roleArn")]],
  [INSTANCE_PROFILE, [toRole("role")]],
  ...INSTANCES.map((type) => [type, [toProfile("iamInstanceProfile")]] as const),
  [LAUNCH_TEMPLATE, [toProfile("iamInstanceProfile", "name"), toProfile("iamInstanceProfile", "arn")]],
  ...ATTACHMENTS.map((type) => [type, [toPolicy("policyArn")]] as const),
  [IAM_ROLE, [toPolicy("managedPolicyArns")]],
]);

/**
 * What the provider fills in where the program sets nothing, so that it is unknown in a first preview and has no source.
 * Source: outputs of the SDK of pulumi-aws 7 that cannot be undefined, although the argument can.
 */
const FILLED_IN: ReadonlyMap<string, string> = new Map([
  [IAM_ROLE, "managedPolicyArns"],
  ["aws:ec2/instance:Instance", "iamInstanceProfile"],
  ["aws:ec2/spotInstanceRequest:SpotInstanceRequest", "iamInstanceProfile"],
  ["aws:ecs/service:Service", "iamRole"],
]);

/** AWS's own policies, which iam-no-administrator-policies judges. */
const OF_AWS = /^arn:[^:]+:iam::aws:policy\//;

interface Settings {
  readonly others?: readonly string[];
}

/**
 * Checks that a program uses roles and policies that it registers itself. Whoever passes the role of another to a function has all that the role has, and no document of
 * it is here. The ids of what a program creates are unknown in its first preview, and then the resources behind the value count.
 */
export const iamRightsOfSameProgram: StackValidationPolicy = {
  name: "iam-rights-of-same-program",
  displayName: "Roles and policies of the same program",
  description:
    "Checks that functions, canaries, integrations of API Gateway and instances run with roles that the same program registers, and that it attaches policies of its own or of AWS.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam", "tenancy"],
  remediationSteps:
    "Register the role or policy (aws.iam.Role, aws.iam.Policy) in the same program and pass its arn. If somebody else owns it, name it in the setting others.",
  configSchema: {
    properties: {
      others: {
        type: "array",
        description: "Names or ARNs of roles, instance profiles and policies of others that programs can use, as the program writes them.",
        items: { type: "string", minLength: 1 },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateStack: onStack({
    types: (type) => REFERENCES.has(type),
    check: (member, stack) => (REFERENCES.get(member.type) ?? []).flatMap((reference) => referenceFindings(member, reference, stack)),
  }),
};

function referenceFindings(member: StackMember, { path, to }: Reference, stack: Stack): readonly Finding[] {
  const { others = [] } = stack.getConfig<Settings>();
  const value = valueAt(member.props, ...path);
  const [property = ""] = path;
  return (Array.isArray(value) ? untypedEntries(value) : [value]).flatMap((each): readonly Finding[] => {
    if (each === undefined || each === null || each === "" || others.includes(String(each))) {
      return [];
    }
    if (each === UNKNOWN) {
      // In the first preview a value has no text yet, but it has a source.
      const sources = member.sourcesOf(property);
      const isFilledIn = sources.length === 0 && FILLED_IN.get(member.type) === property;
      return isFilledIn || sources.some(({ type }) => type === to) ? [] : [undetermined(path.join("."), "whose rights it gives")];
    }
    return OF_AWS.test(String(each)) || namesOf(to, stack).has(nameIn(String(each)))
      ? []
      : [
          `"${path.join(".")}" is ${String(each)}, which this program does not register, so nobody here has seen what it allows. Register it in this program, or name it in the setting others of this policy`,
        ];
  });
}

/** Names are unique in an account, whatever the path before them. */
function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

const names = new WeakMap<Stack, Map<string, ReadonlySet<string>>>();

/** The names of the resources of a type that the program registers. */
function namesOf(type: string, stack: Stack): ReadonlySet<string> {
  const byType = names.get(stack) ?? new Map<string, ReadonlySet<string>>();
  names.set(stack, byType);
  const found =
    byType.get(type) ??
    new Set(
      stack.members
        .filter((member) => member.type === type)
        .flatMap(({ props }) => [props["name"], props["id"], props["arn"]].filter((each) => typeof each === "string").map(nameIn)),
    );
  byType.set(type, found);
  return found;
}
