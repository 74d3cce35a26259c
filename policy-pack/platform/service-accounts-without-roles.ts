import type { ResourceValidationPolicy } from "@pulumi/policy";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import type { KubernetesObject } from "../resources/objects";
import { objectsOfOthers } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";

/** Domain of the annotations by which EKS gives the pods of a service account an AWS role. */
const DOMAIN = "eks.amazonaws.com/";

/**
 * Checks that a service account has no AWS role. EKS mounts a token for the role into every pod of the account, whoever writes the pod, so all members of the
 * team have the rights of the role. The platform associates accounts with roles, and so knows whose rights they are.
 */
export const serviceAccountsWithoutRoles: ResourceValidationPolicy = {
  name: "service-accounts-without-roles",
  displayName: "Service accounts have no AWS roles",
  description: "Checks that no ServiceAccount that the platform does not register has an annotation by which its pods get an AWS role.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "aws", "iam"],
  remediationSteps: "Remove the annotation. Ask the owners of the platform to add a pod identity association for the service account.",
  configSchema: { properties: PLATFORM_PROJECTS },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      .filter(({ group, kind }) => group === "" && kind === "ServiceAccount")
      .flatMap(accountFindings),
  ),
};

function accountFindings({ prefix, read }: KubernetesObject): readonly Finding[] {
  const path = `${prefix}metadata.annotations`;
  const metadata = read("metadata");
  const { annotations } = asRecord(metadata);
  if (metadata === UNKNOWN || annotations === UNKNOWN) {
    return [undetermined(path, "whether its pods get an AWS role")];
  }
  return Object.keys(asRecord(annotations))
    .filter((name) => name.toLowerCase().startsWith(DOMAIN))
    .map(
      (name) =>
        `${path} has ${name}, which gives every pod of the account the rights of an AWS role. Remove it, and ask the owners of the platform for a pod identity association`,
    );
}
