import type { StackValidationPolicy } from "@pulumi/policy";
import { judge } from "../../src/releases/advisories/judge";
import { isHighOrWorse } from "../../src/releases/advisories/types";
import { describeFinding } from "../evaluation/advisory";
import { onStack } from "../evaluation/on-stack";
import { installedBy } from "../resources/installed";

/**
 * Names what `no-known-vulnerabilities` would deny if there were a release to use instead. It is advisory: nobody can deploy without the component, and who
 * deploys decides whether the tenants are trusted that far.
 */
export const vulnerabilitiesWithoutFix: StackValidationPolicy = {
  name: "vulnerabilities-without-fix",
  displayName: "No vulnerabilities that wait for a fix",
  description:
    "Checks that no part of the stack has a published vulnerability, or another known fault, of high severity that no release known to this pack mends.",
  enforcementLevel: "advisory",
  severity: "high",
  tags: ["supply-chain", "tenancy", "gpu"],
  remediationSteps:
    "Decide whether your tenants are trusted that far. Update the pack, and read the newest release notes of the component: docs/advisories.md says where.",
  // Node groups of one image say the same.
  validateStack: onStack({
    types: [],
    check: () => [],
    checkWhole: ({ members }) => [
      ...new Set(
        members
          .flatMap(installedBy)
          .flatMap(judge)
          .filter(({ severity, isMended }) => isHighOrWorse(severity) && !isMended)
          .map((found) => `${describeFinding(found)}. ${found.remedy}`),
      ),
    ],
  }),
};
