import { conditionsOf, failedChecks } from "../../../src/cluster/admission/policies";
import { ADMISSION_POLICIES } from "../../../src/kubernetes/admission/policies";
import { RULES } from "../../support/rules";

/** What of a request the admission policies look at. */
export interface AdmissionRequest {
  /** Name of the admission policy that is asked. */
  readonly policy: string;
  readonly operation?: "CREATE" | "UPDATE" | "CONNECT";
  readonly object?: object;
  readonly oldObject?: object;
  /** Whether it comes from a cluster administrator. */
  readonly admin?: boolean;
}

/** The messages with which an admission policy refuses a request; none: it is admitted. */
export function refusals({ policy, operation = "CREATE", object, oldObject, admin = false }: AdmissionRequest): readonly string[] {
  const found = ADMISSION_POLICIES.find(({ name }) => name === policy);
  if (found === undefined) {
    throw new Error(`there is no admission policy ${policy}`);
  }
  const allows = (right: string): boolean => admin && right === "update validatingadmissionpolicies.admissionregistration.k8s.io";
  return failedChecks(conditionsOf(found.policy.spec), { operation, object, oldObject, allows }, RULES);
}
