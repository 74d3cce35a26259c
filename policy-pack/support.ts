import type { ResourceValidationPolicy } from "@pulumi/policy";
import { RELEASES, findRelease, newestRelease } from "../src/releases/find";
import { onTypes } from "./on-types";
import { UNKNOWN, field, show } from "./snapshot";

const WARN_DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Checks how long EKS still supports the cluster's Kubernetes version at the normal price. Reads the clock: the same stack is fine today and is
 * not in two months. After standard support a cluster costs six times as much an hour, or, with the support type STANDARD, EKS upgrades it.
 */
export const kubernetesVersionSupported: ResourceValidationPolicy = {
  name: "kubernetes-version-supported",
  displayName: "Kubernetes version in standard support",
  description: "Checks that the end of EKS standard support for a cluster's Kubernetes version is not near.",
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
  // The component makes such a cluster too, which would say the same twice.
  validateResource: onTypes(["aws:eks/cluster:Cluster"], (properties, args) => {
    const version = field(properties, "version");
    const release = typeof version === "string" ? findRelease(version) : undefined;
    if (release === undefined) {
      const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion).join(", ");
      return version === UNKNOWN
        ? []
        : [
            `"version" is ${show(version)}: this pack does not know when its support ends; it knows ${known}, and judges claims by the rules of ${newestRelease().kubernetesVersion}`,
          ];
    }
    const { warnDays = WARN_DAYS } = args.getConfig<{ warnDays?: number }>();
    const { kubernetesVersion, standardSupportEnds, extendedSupportEnds } = release;
    const days = daysUntil(standardSupportEnds);
    if (days > warnDays) return [];
    if (days > 0) return [`standard support of Kubernetes ${kubernetesVersion} ends on ${standardSupportEnds}, in ${String(days)} days`];
    return daysUntil(extendedSupportEnds) > 0
      ? [
          `standard support of Kubernetes ${kubernetesVersion} ended on ${standardSupportEnds}; extended support, at a higher price, ends on ${extendedSupportEnds}`,
        ]
      : [`support of Kubernetes ${kubernetesVersion} ended on ${extendedSupportEnds}`];
  }),
};

/** Days from now to the beginning of a day, rounded up. */
function daysUntil(isoDate: string): number {
  return Math.ceil((Date.parse(isoDate) - Date.now()) / DAY_MS);
}
