/** Scenarios in which the model is known to differ from kube-scheduler. */
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { RULES } from "../../support/rules";
import { ofKind } from "./scenario";
import type { Scenario } from "./scenario";

interface Request {
  readonly exactly?: { readonly count?: number; readonly allocationMode?: string };
  readonly firstAvailable?: readonly { readonly count?: number; readonly allocationMode?: string }[];
}

/**
 * Where `distinctAttribute` compares values, kube-scheduler remembers one value for each request, that of its last device, and forgets it when it takes a device back
 * (`distinctAttributeConstraint` in `constraint.go` of k8s.io/dynamic-resource-allocation v0.36.3). So two devices of a request can have the same value. The model
 * keeps all values apart, which is what the field promises.
 */
export function isJudged(scenario: Scenario): boolean {
  return (
    !RULES.scheduler.distinctValues ||
    RULES.claimApi.dropped.includes("distinctAttribute") ||
    [
      ...ofKind(scenario, "ResourceClaim").map(({ spec }) => spec as object),
      ...ofKind(scenario, "ResourceClaimTemplate").map(specIn),
    ].every((spec) => !keepsSeveralApart(spec))
  );
}

function specIn({ spec }: KubernetesObject): object {
  return spec.spec as object;
}

function keepsSeveralApart(spec: object): boolean {
  const { requests = [], constraints = [] } =
    (spec as { devices?: { requests?: readonly Request[]; constraints?: readonly object[] } }).devices ?? {};
  const ways = requests.flatMap(({ exactly, firstAvailable = [] }) => [...(exactly === undefined ? [] : [exactly]), ...firstAvailable]);
  return (
    constraints.some((constraint) => "distinctAttribute" in constraint) &&
    ways.some(({ count = 1, allocationMode }) => count > 1 || allocationMode === "All")
  );
}
