/** How long kube-scheduler may look for devices: it tries equal ones one by one. */
import { readClaim, requestedDevices } from "../../../../src/dra/claims";
import type { Request } from "../../../../src/dra/claims";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { ofKind } from "../scenario";
import type { Scenario } from "../scenario";
import { RULES } from "../../../support/rules";

/** A tenth of a second or two. Far above it stands the limit of 10 seconds at which kube-scheduler gives up. */
export const MAX_EFFORT = 200_000;

/** At most so many choices of devices, of which the last may be the only good one. */
export function effortOf(scenario: Scenario, pod: KubernetesObject): number {
  const available = Math.max(0, ...ofKind(scenario, "Node").map(({ metadata }) => devicesOn(scenario, String(metadata["name"]))));
  const entries = (pod["spec"].resourceClaims ?? []) as readonly Readonly<Record<string, string>>[];
  const requests = entries.flatMap(({ resourceClaimName, resourceClaimTemplateName }) => [
    ...requestsIn(scenario, "ResourceClaim", resourceClaimName),
    ...requestsIn(scenario, "ResourceClaimTemplate", resourceClaimTemplateName),
  ]);
  // What administrates takes nothing away from the others.
  const isShared = requests.some((request) => request.type === "exactly" && request.exactly.adminAccess);
  let [effort, left] = [1, available];
  for (const request of requests) {
    const wanted = Math.max(
      ...requestedDevices(request).map(({ exact }) => (exact.allocationMode.type === "All" ? 0 : exact.allocationMode.count)),
    );
    effort *= requestedDevices(request).length;
    for (let device = 0; device < wanted; device++) {
      effort *= Math.max(1, isShared ? available : left--);
    }
  }
  return effort;
}

function devicesOn(scenario: Scenario, nodeName: string): number {
  return ofKind(scenario, "ResourceSlice")
    .filter(({ spec }) => spec.nodeName === nodeName)
    .reduce((sum, { spec }) => sum + Number(spec.devices.length), 0);
}

function requestsIn(scenario: Scenario, kind: string, name: string | undefined): readonly Request[] {
  const manifest = ofKind(scenario, kind).find(({ metadata }) => metadata["name"] === name);
  const reading = manifest && readClaim(manifest, RULES);
  return reading?.type === "claim" ? reading.claim.spec.requests : [];
}
