import type { ClaimSpec } from "../claims/types";
import { requestedDevices } from "../claims/types";
import type { Pod } from "../pods";
import type { SchedulerFeatures } from "./plan";

/** What will not be as the pod's author means it although the pod finds a place. `specOf` has the claims by their names in the pod. */
export function placementWarnings(pod: Pod, specOf: ReadonlyMap<string, ClaimSpec>, features: SchedulerFeatures): readonly string[] {
  return [
    ...pod.uses.flatMap(({ container, claim, request }) => {
      const requests = specOf.get(claim)?.requests.map(({ name }) => name) ?? [];
      return request === undefined || requests.includes(request)
        ? []
        : [`container ${container} gets no device: claim ${claim} has no request "${request}"; it has: ${requests.join(", ")}`];
    }),
    ...pod.claims.flatMap(({ name }) =>
      pod.uses.some(({ claim }) => claim === name) ? [] : [`no container uses claim ${name}; its devices are held but not seen by any`],
    ),
    ...[...specOf].flatMap(([claim, spec]) => (features.consumableCapacity ? [] : droppedCapacities(claim, spec))),
    ...[...specOf].flatMap(([claim, spec]) => (features.distinctValues ? [] : vainConstraints(claim, spec))),
    ...pod.unmodelled.map((path) => `${path} is not modelled: kube-scheduler may place the pod elsewhere or not at all`),
  ];
}

function droppedCapacities(claim: string, spec: ClaimSpec): readonly string[] {
  return spec.requests
    .flatMap(requestedDevices)
    .flatMap(({ reference, exact }) =>
      Object.keys(exact.capacityRequests).length === 0
        ? []
        : [
            `claim ${claim}, request ${reference}: Kubernetes 1.34 drops its capacity requests (feature gate DRAConsumableCapacity is off); any matching device does`,
          ],
    );
}

function vainConstraints(claim: string, { constraints }: ClaimSpec): readonly string[] {
  return constraints.flatMap(({ type, attribute }, index) =>
    type === "matchAttribute"
      ? []
      : [
          `claim ${claim}, constraint ${String(index)}: kube-scheduler 1.34 does not hold devices apart by distinctAttribute; it only sees that each has ${attribute}`,
        ],
  );
}
