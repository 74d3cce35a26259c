import type { KubernetesRules } from "../../../releases/kubernetes";
import type { ClaimSpec } from "../../claims/types";
import { requestedDevices } from "../../claims/types";
import type { Pod } from "../../pods";
import { describeMissingRequest, missingRequests } from "../../pods/request-names";

/** What will not be as the pod's author means it although the pod finds a place. `specOf` has the claims by their names in the pod. */
export function placementWarnings(pod: Pod, specOf: ReadonlyMap<string, ClaimSpec>, rules: KubernetesRules): readonly string[] {
  const { scheduler, version } = rules;
  return [
    ...missingRequests(pod, (claim) => specOf.get(claim)?.requests.map(({ name }) => name)).map(describeMissingRequest),
    ...pod.claims.flatMap(({ name }) =>
      pod.uses.some(({ claim }) => claim === name) ? [] : [`no container uses claim ${name}; its devices are held but not seen by any`],
    ),
    ...[...specOf].flatMap(([claim, spec]) => (scheduler.consumableCapacity ? [] : droppedCapacities(claim, spec, version))),
    ...[...specOf].flatMap(([claim, spec]) => (scheduler.distinctValues ? [] : vainConstraints(claim, spec, version))),
  ];
}

/** A label's value that hardware or software of the node decides. @param keys those on which the pod insists. */
export function openLabelWarnings(keys: readonly string[]): readonly string[] {
  return keys.map(
    (key) =>
      `it wants a node by the label ${key}, whose value cannot be known before the node is there: it is placed as if a node had it. Compare with kubectl get nodes -L ${key}`,
  );
}

function droppedCapacities(claim: string, spec: ClaimSpec, version: string): readonly string[] {
  return spec.requests
    .flatMap(requestedDevices)
    .flatMap(({ reference, exact }) =>
      Object.keys(exact.capacityRequests).length === 0
        ? []
        : [
            `claim ${claim}, request ${reference}: Kubernetes ${version} drops its capacity requests (feature gate DRAConsumableCapacity is off); any matching device does`,
          ],
    );
}

function vainConstraints(claim: string, { constraints }: ClaimSpec, version: string): readonly string[] {
  return constraints.flatMap(({ type, attribute }, index) =>
    type === "matchAttribute"
      ? []
      : [
          `claim ${claim}, constraint ${String(index)}: kube-scheduler ${version} does not hold devices apart by distinctAttribute; it only sees that each has ${attribute}`,
        ],
  );
}
