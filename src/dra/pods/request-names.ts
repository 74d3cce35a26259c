/**
 * The requests that containers name in `resources.claims[].request`. The API server does not compare the name with the claim. The kubelet gives a container the
 * devices of the request of that name, which is never an alternative of it (`request/alternative`): with a name that the claim does not have the container gets
 * no device, and nothing sets its NVIDIA_VISIBLE_DEVICES to `void`.
 * Source: Kubernetes v1.34, pkg/kubelet/cm/dra/claiminfo.go (`cdiDevicesAsList`) and dynamic-resource-allocation/kubeletplugin (`stripSubrequestNames`).
 */
import type { PodClaims } from "../pods";

/** A container's use of a request that its claim does not have. */
export interface MissingRequest {
  readonly container: string;
  /** The claim's name in the pod. */
  readonly claim: string;
  readonly request: string;
  /** The requests that the claim has. */
  readonly known: readonly string[];
}

/** @param requestsOf names of the requests of the claim that the pod calls so; undefined where the claim is unknown. */
export function missingRequests(
  { uses }: PodClaims,
  requestsOf: (claim: string) => readonly string[] | undefined,
): readonly MissingRequest[] {
  return uses.flatMap(({ container, claim, request }) => {
    const known = requestsOf(claim);
    return request === undefined || known === undefined || known.includes(request) ? [] : [{ container, claim, request, known }];
  });
}

/** One sentence for people. */
export function describeMissingRequest({ container, claim, request, known }: MissingRequest): string {
  return `container ${container} gets no device: claim ${claim} has no request "${request}"; it has: ${known.join(", ")}`;
}
