import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER } from "../../../src/well-known/resource-types";
import { RELEASES, findRelease, newestRelease } from "../../../src/releases/find";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { UNKNOWN, show } from "../../evaluation/snapshot";

const WARN_DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Checks how long EKS still supports the cluster's Kubernetes version at the normal price. It reads the clock: the same stack passes today and not
 * in two months. After standard support a cluster costs six times as much an hour. With the support type STANDARD, EKS upgrades it instead.
 */
export const kubernetesVersionSupported: ResourceValidationPolicy = {
  name: "kubernetes-version-supported",
  displayName: "Kubernetes version in standard support",
  description: "Checks that EKS standard support for a cluster's Kubernetes version does not end soon.",
  enforcementLevel: "advisory",
  severity: "medium",
  tags: ["aws", "eks", "lifecycle"],
  remediationSteps: "Upgrade the cluster to the next Kubernetes version, one minor version at a time.",
  configSchema: {
    properties: {
      warnDays: {
        type: "integer",
        minimum: 0,
        default: WARN_DAYS,
        description: "How many days before the end of standard support the warnings begin.",
      },
    },
  },
  // The component registers such a cluster too, and would repeat the message.
  validateResource: onResources(
    onType<ClusterArgs>(EKS_CLUSTER, ({ version }, { getConfig }) => {
      const release = typeof version === "string" ? findRelease(version) : undefined;
      if (release === undefined) {
        const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion).join(", ");
        return version === UNKNOWN
          ? []
          : [
              `"version" is ${show(version)}, and this pack has no support dates for it. Use one of ${known}, or update the pack. Until then it checks claims by the rules of ${newestRelease().kubernetesVersion}`,
            ];
      }
      const { warnDays = WARN_DAYS } = getConfig<{ warnDays?: number }>();
      return supportFindings(release, warnDays);
    }),
  ),
};

function supportFindings(release: (typeof RELEASES)[number], warnDays: number): readonly Finding[] {
  const { kubernetesVersion, standardSupportEnds, extendedSupportEnds } = release;
  const days = daysUntil(standardSupportEnds);
  if (days > warnDays) {
    return [];
  }
  if (days > 0) {
    return [`Standard support of Kubernetes ${kubernetesVersion} ends on ${standardSupportEnds}, in ${days} days`];
  }
  return daysUntil(extendedSupportEnds) > 0
    ? [
        `Standard support of Kubernetes ${kubernetesVersion} ended on ${standardSupportEnds}. Extended support, at a higher price, ends on ${extendedSupportEnds}`,
      ]
    : [`Support of Kubernetes ${kubernetesVersion} ended on ${extendedSupportEnds}`];
}

/** Days from now to the beginning of a day, rounded up. */
function daysUntil(isoDate: string): number {
  return Math.ceil((Date.parse(isoDate) - Date.now()) / DAY_MS);
}
