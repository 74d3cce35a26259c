import { ADMISSION_POLICIES } from "../../../src/kubernetes/admission/policies";
import { Authorizer, evaluateCel } from "../cel-subset";

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

interface PolicySpec {
  readonly matchConditions?: readonly { readonly expression: string }[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}

/** The messages with which an admission policy refuses a request; none: it is admitted. An expression that fails to evaluate refuses, as `failurePolicy: Fail` does. */
export function refusals({ policy, operation = "CREATE", object, oldObject, admin = false }: AdmissionRequest): readonly string[] {
  const spec = ADMISSION_POLICIES.find(({ name }) => name === policy)?.policy.spec as PolicySpec | undefined;
  if (spec === undefined) {
    throw new Error(`there is no admission policy ${policy}`);
  }
  const authorizer = new Authorizer((right) => admin && right === "update validatingadmissionpolicies.admissionregistration.k8s.io");
  const scope = { object, oldObject, request: { operation }, authorizer };
  if (spec.matchConditions?.some(({ expression }) => evaluateCel(expression, scope) !== true) === true) {
    return [];
  }
  return spec.validations.filter(({ expression }) => evaluateCel(expression, scope) !== true).map(({ message }) => message);
}
