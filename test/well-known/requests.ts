/** One pod or claim of a team, put to both lines of defence: the policy pack before deployment, the admission policies in the cluster. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { violations } from "../policy-pack/verdict";
import { refusals } from "../kubernetes/admission/refusals";

/** Whether each line stops an object. */
export interface Stopped {
  readonly byPack: boolean;
  readonly byAdmission: boolean;
}

/** Asks a policy of the pack and an admission policy about the same object. */
export function put(object: Readonly<Record<string, unknown>>, policy: ResourceValidationPolicy, admissionPolicy: string): Stopped {
  return {
    byPack: violations(policy, object).length > 0,
    byAdmission: refusals({ policy: admissionPolicy, object }).length > 0,
  };
}

export const STOPPED: Stopped = { byPack: true, byAdmission: true };
export const PASSES: Stopped = { byPack: false, byAdmission: false };

/** A pod of a team with one container, which has these fields. */
export function podWith(container: object, annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", namespace: "team-a", annotations },
    spec: { containers: [{ name: "main", image: "registry.example/image:1", ...container }] },
  };
}
