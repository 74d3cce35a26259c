import type { ResourceClaimTemplateArgs } from "@pulumi/kubernetes/resource/v1";
import type { Tier } from "../../dra/tiers";
import { TIER_REQUEST } from "../../well-known/tier-request";

/** The claim template of a tier in a team's namespace: exactly one slice of the tier's class. Every pod that names it gets a claim, and a slice, of its own. */
export function claimTemplate(tier: Tier, namespace: string): ResourceClaimTemplateArgs {
  return {
    metadata: { name: tier.templateName, namespace },
    spec: {
      spec: {
        devices: {
          requests: [{ name: TIER_REQUEST, exactly: { deviceClassName: tier.className, allocationMode: "ExactCount", count: 1 } }],
        },
      },
    },
  };
}
