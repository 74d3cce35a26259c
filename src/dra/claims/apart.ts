/** Claims whose devices are not kept as far apart as they say. */
import type { ClaimSpec } from "./types";
import { requestedDevices } from "./types";

/**
 * Attributes that `distinctAttribute` names for a request of several devices. kube-scheduler remembers one value for each request, that of its last device, so the
 * others may repeat it. Requests for one device each are kept apart. Source: `distinctAttributeConstraint` in `structured/internal/incubating/constraint.go` of
 * k8s.io/dynamic-resource-allocation, v0.36.3.
 */
export function keptApartInPart({ requests, constraints }: ClaimSpec): readonly string[] {
  const several = requests.flatMap((request) =>
    requestedDevices(request)
      .filter(({ exact: { allocationMode } }) => allocationMode.type === "All" || allocationMode.count > 1)
      .flatMap(({ reference }) => [reference, request.name]),
  );
  return constraints
    .filter(({ type, requests: tied }) => type === "distinctAttribute" && several.some((name) => tied.length === 0 || tied.includes(name)))
    .map(({ attribute }) => attribute);
}
