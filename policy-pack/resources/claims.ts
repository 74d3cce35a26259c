/** The Kubernetes objects that say which devices a pod gets. */
import { readClaim } from "../../src/dra/claims";
import type { ClaimSpec } from "../../src/dra/claims";
import type { Resource } from "../evaluation/on-resource";
import { judgedRelease } from "../evaluation/judged-release";
import { unknownPath } from "../evaluation/snapshot";
import { kubernetesObjects } from "./objects";
import type { KubernetesObject } from "./objects";

const KINDS = ["ResourceClaim", "ResourceClaimTemplate", "DeviceClass"];

/** Claims, claim templates and device classes, in every API version. */
export function claimingObjects(resource: Resource): readonly KubernetesObject[] {
  return kubernetesObjects(resource).filter(({ group, kind }) => group === "resource.k8s.io" && KINDS.includes(kind));
}

/** The claims among them that can be read. `enforce-balanced-mig-profiles` denies the others. */
export function readableClaims(resource: Resource): readonly { readonly object: KubernetesObject; readonly spec: ClaimSpec }[] {
  return claimingObjects(resource).flatMap((object) => {
    if (object.isPatch) {
      return [];
    }
    const spec = object.read("spec");
    // Stryker disable next-line StringLiteral: only whether there is a path counts
    const isKnown = unknownPath(spec, "spec") === undefined;
    const reading = isKnown ? readClaim(manifestOf(object, spec), judgedRelease().release.kubernetes) : undefined;
    return reading?.type === "claim" ? [{ object, spec: reading.claim.spec }] : [];
  });
}

/** The object as a manifest. Its name decides nothing for a policy, and is often an output of another resource. */
export function manifestOf({ apiVersion, kind }: KubernetesObject, spec: unknown) {
  return { apiVersion, kind, metadata: { name: "any" }, spec };
}
