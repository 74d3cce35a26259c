import type { ResourceClaimArgs } from "@pulumi/kubernetes/resource/v1";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import { TIERS } from "../../dra/tiers";
import type { Tier } from "../../dra/tiers";
import { PARENT_UUID_ATTRIBUTE } from "../../well-known/attributes";

/** How a workload gets its slice. */
export type SliceSource =
  /** A claim of its own from the team's template of the tier, on whichever GPU has a slice free. */
  | { readonly type: "template" }
  /** Its tier's request in the claim that all workloads share. */
  | { readonly type: "sharedClaim"; readonly claimName: pulumi.Input<string> };

/**
 * Names by which pod and container speak of the claim. Each way has its own, because a preview of a change from one to the other lays the new pod over
 * the old one (the provider previews by a server-side apply, which merges entries by name), and an entry cannot have both a claim and a template.
 */
const OWN_CLAIM = "slice";
const SHARED_CLAIM = "shared-slice";

/** The claim that puts the workloads on one physical GPU: a request per tier, all with the same parent. It lives on while one of its pods does. */
export function sharedClaim(namespace: string): ResourceClaimArgs {
  return {
    metadata: { name: "fashion-mnist-shared", namespace },
    spec: {
      devices: {
        requests: TIERS.map(({ name, className }) => ({
          name,
          exactly: { deviceClassName: className, allocationMode: "ExactCount", count: 1 },
        })),
        constraints: [{ requests: TIERS.map(({ name }) => name), matchAttribute: PARENT_UUID_ATTRIBUTE }],
      },
    },
  };
}

/** What a pod and its container say to get the slice of a tier. */
export function sliceOf(
  tier: Tier,
  source: SliceSource,
): { readonly pod: input.core.v1.PodResourceClaim; readonly container: input.core.v1.ResourceClaim } {
  switch (source.type) {
    case "template":
      return { pod: { name: OWN_CLAIM, resourceClaimTemplateName: tier.templateName }, container: { name: OWN_CLAIM } };
    case "sharedClaim":
      return { pod: { name: SHARED_CLAIM, resourceClaimName: source.claimName }, container: { name: SHARED_CLAIM, request: tier.name } };
  }
}
