import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import { UNKNOWN, isRecord, show } from "../../evaluation/snapshot";
import { PLATFORM_NAMESPACES_SCHEMA, platformNamespacesOf } from "../../platform/settings";
import type { PlatformSettings } from "../../platform/settings";
import { list, readDocument } from "../../resources/iam-statements";
import type { Statement } from "../../resources/iam-statements";
import { trustsSubject } from "./trusted-subjects";

interface Settings extends PlatformSettings {
  readonly trustedAccounts?: readonly string[];
}

/**
 * Checks that a role lets in only whom somebody knows. The trust policy of a role is the other half of every right: whoever it names has all that the role has.
 * A document that is unknown in a preview is checked by `pulumi up`, and `iam-documents-known` says so.
 */
export const iamTrustKnown: ResourceValidationPolicy = {
  name: "iam-trust-known",
  displayName: "Roles trust whom you know",
  description:
    "Checks that roles trust services of AWS, the accounts of the setting trustedAccounts, service accounts in the platform's namespaces and repositories of CI, and nobody else.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam", "tenancy"],
  remediationSteps:
    "Name the service that uses the role. For another role, name its account in trustedAccounts. For pods of a team, ask the owners of the platform for a pod identity association.",
  configSchema: {
    properties: {
      ...PLATFORM_NAMESPACES_SCHEMA,
      trustedAccounts: {
        type: "array",
        description: "Numbers of the AWS accounts of which roles can trust principals.",
        items: { type: "string", pattern: "^\\d{12}$" },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateResource: onResources(
    onType<RoleArgs>(IAM_ROLE, ({ assumeRolePolicy }, { getConfig }) => trustFindings(assumeRolePolicy, getConfig<Settings>())),
  ),
};

function trustFindings(document: unknown, settings: Settings): readonly string[] {
  const reading = readDocument(document);
  switch (reading.type) {
    case "unknown":
      return [];
    case "invalid":
      return ['"assumeRolePolicy" is not a policy document, so this policy cannot check who can assume the role'];
    case "document":
      return reading.statements.flatMap((statement, index) =>
        strangers(statement, settings).map((sentence) => `"assumeRolePolicy", statement ${index} ${sentence}`),
      );
  }
}

/** The principals of a statement that nothing vouches for, each with what to write instead. */
function strangers(statement: Statement, settings: Settings): readonly string[] {
  if (String(statement["effect"]).toLowerCase() === "deny") {
    return [];
  }
  if (statement["notprincipal"] !== undefined) {
    return ["lets everybody but somebody assume the role. Name the principals"];
  }
  const { principal } = statement;
  const byKind: readonly (readonly [string, unknown])[] = isRecord(principal) ? Object.entries(principal) : [["AWS", principal]];
  return byKind.flatMap(([kind, principals]) =>
    list(principals)
      .filter((each) => each !== UNKNOWN)
      .flatMap((each) => {
        const problem = problemOf(kind.toLowerCase(), each, statement, settings);
        return problem === undefined ? [] : [`lets ${show(each)} assume the role. ${problem}`];
      }),
  );
}

function problemOf(kind: string, principal: unknown, { condition }: Statement, settings: Settings): string | undefined {
  if (typeof principal !== "string" || principal.includes("*")) {
    return "Name one principal";
  }
  switch (kind) {
    case "service":
      return /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/.test(principal) ? undefined : "Name a service of AWS";
    case "aws": {
      const account = /^(?:arn:aws[a-z-]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1];
      return settings.trustedAccounts?.some((trusted) => trusted === account) === true
        ? undefined
        : "Remove it, or name its account in the setting trustedAccounts of this policy";
    }
    case "federated":
      return trustsSubject(principal, condition, platformNamespacesOf(settings));
    default:
      return "This policy knows principals of the kinds AWS, Service and Federated";
  }
}
