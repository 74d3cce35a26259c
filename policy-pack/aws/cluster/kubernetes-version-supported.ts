import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER } from "../../../src/well-known/resource-types";
import { findEksSupport, supportPhase } from "../../../src/releases/eks-support";
import type { EksSupport, SupportPhase } from "../../../src/releases/eks-support";
import { RELEASES, defaultRelease, findRelease } from "../../../src/releases/find";
import { upgradePath } from "../../../src/releases/upgrade-path";
import { today } from "../../evaluation/clock";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { UNKNOWN, show } from "../../evaluation/snapshot";

const WARN_DAYS = 60;

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
      if (version === UNKNOWN) {
        return [];
      }
      const { warnDays = WARN_DAYS } = getConfig<{ warnDays?: number }>();
      const support = typeof version === "string" ? findEksSupport(version) : undefined;
      return [
        ...(typeof version === "string" && support !== undefined ? supportFindings(version, support, warnDays) : []),
        ...releaseFindings(version, support !== undefined),
      ];
    }),
  ),
};

function releaseFindings(version: unknown, hasDates: boolean): readonly Finding[] {
  if (typeof version === "string" && findRelease(version) !== undefined) {
    return [];
  }
  const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion).join(", ");
  return [
    `"version" is ${show(version)}, and this pack ${hasDates ? "does not know it" : "has no support dates for it"}. Use one of ${known}, or update the pack. Until then it checks claims by the rules of ${defaultRelease().kubernetesVersion}`,
  ];
}

function supportFindings(version: string, support: EksSupport, warnDays: number): readonly Finding[] {
  const date = today();
  const phase = supportPhase(support, date);
  if (phase.type === "standard" && phase.days > warnDays) {
    return [];
  }
  const path = upgradePath(version, date);
  // Of a version that is not in the catalogue another message names those that are.
  const instead = findRelease(version) === undefined || path.length === 0 ? "" : `. Upgrade "version" to ${path.join(", then to ")}`;
  return [`${ending(version, phase)}${instead}`];
}

function ending(version: string, phase: SupportPhase): string {
  switch (phase.type) {
    case "standard":
      return `Standard support of Kubernetes ${version} ends on ${phase.ends}, in ${phase.days} days`;
    case "extended":
      return `Standard support of Kubernetes ${version} ended on ${phase.standardEnded}. Extended support, at a higher price, ends on ${phase.ends}`;
    case "ended":
      return `Support of Kubernetes ${version} ended on ${phase.ended}`;
  }
}
