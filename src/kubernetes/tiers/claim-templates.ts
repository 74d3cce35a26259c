import type { ResourceClaimTemplateArgs } from "@pulumi/kubernetes/resource/v1";
import type { Tier } from "../../dra/tiers";

/** Name of the one request in every claim template; a container may name it in `resources.claims[].request`. */
export const TEMPLATE_REQUEST = "slice";

/** The claim template of a tier in a team's namespace: exactly one slice of the tier's class. Every pod that names it gets a claim, and a slice, of its own. */
export function claimTemplate(tier: Tier, namespace: string): ResourceClaimTemplateArgs {
  return {
    metadata: { name: tier.templateName, namespace },
    spec: {
      spec: {
        devices: {
          requests: [{ name: TEMPLATE_REQUEST, exactly: { deviceClassName: tier.className, allocationMode: "ExactCount", count: 1 } }],
        },
      },
    },
  };
}
