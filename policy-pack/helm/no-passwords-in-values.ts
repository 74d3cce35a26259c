import type { ResourceValidationPolicy } from "@pulumi/policy";
import { onCharts } from "../resources/charts";
import { passwordPaths } from "../resources/passwords";

/** Checks that a chart's values contain no password: Helm keeps them readable in the cluster, whether or not Pulumi treats them as secret. */
export const noPasswordsInValues: ResourceValidationPolicy = {
  name: "no-passwords-in-values",
  displayName: "No passwords in chart values",
  description: "Checks that the values of Helm charts contain no passwords, tokens or private keys.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "secrets"],
  remediationSteps: "Put the password into a Secret, and name that Secret in the values (existingSecret or a similar key).",
  validateResource: onCharts(({ values }) =>
    passwordPaths(values).map(
      (path) =>
        `"values${path}" contains a password or another secret, which Helm stores in plain text in the cluster. Put it into a Secret`,
    ),
  ),
};
