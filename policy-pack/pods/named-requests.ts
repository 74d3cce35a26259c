/** The requests of claims that the containers of a pod name. */
import { entries, field, fieldsOf } from "../evaluation/properties";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import type { PodContainer, PodTemplate } from "../resources/pod-specs";

/** What a pod's claim is made of or is, as far as the pod says it. */
export interface ClaimSource {
  readonly type: "claim" | "template";
  readonly name: string;
}

/** An entry of a container's `resources.claims` with a request. */
export interface NamedRequest {
  /** `spec.containers[0].resources.claims[0]`. */
  readonly path: string;
  readonly container: PodContainer;
  readonly request: string;
  /** `undefined` if the pod does not say: the name is unknown until `pulumi up`, or it has no claim that the container calls so. */
  readonly source: ClaimSource | undefined;
}

/** @returns also the paths of requests that are unknown until `pulumi up`. */
export function namedRequests(pod: PodTemplate): { readonly requests: readonly NamedRequest[]; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const requests = pod.containers.flatMap((container) => {
    const claims = field(container.content, "resources", "claims");
    if (claims === UNKNOWN) {
      unknown.push(`${container.path}.resources.claims`);
    }
    return entries(claims).flatMap((use, index): readonly NamedRequest[] => {
      const path = `${container.path}.resources.claims[${index}]`;
      const { name, request } = fieldsOf(use);
      if (use === UNKNOWN) {
        unknown.push(path);
      }
      if (request === UNKNOWN) {
        unknown.push(`${path}.request`);
      }
      if (name === UNKNOWN && request !== undefined) {
        unknown.push(`${path}.name`);
      }
      return typeof request === "string" && request !== "" ? [{ path, container, request, source: sourceOf(pod, name) }] : [];
    });
  });
  return { requests, unknown };
}

function sourceOf({ spec }: PodTemplate, name: unknown): ClaimSource | undefined {
  const claim = asRecord(entries(spec.resourceClaims).find((each) => field(each, "name") === name));
  if (typeof claim["resourceClaimTemplateName"] === "string") {
    return { type: "template", name: claim["resourceClaimTemplateName"] };
  }
  return typeof claim["resourceClaimName"] === "string" ? { type: "claim", name: claim["resourceClaimName"] } : undefined;
}
