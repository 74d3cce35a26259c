import { compile } from "../../../src/cel/compile";
import type { Program } from "../../../src/cel/run/program";
import { ADMISSION_POLICIES } from "../../../src/kubernetes/admission/policies";
import { RULES } from "../../support/rules";
import { admissionEnvironment, admissionVariables } from "./environment";

const ENVIRONMENT = admissionEnvironment(RULES);
/** Every expression of the admission policies, compiled once. */
const programs = new Map<string, Program>();

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
  const allows = (right: string): boolean => admin && right === "update validatingadmissionpolicies.admissionregistration.k8s.io";
  const variables = admissionVariables({ operation, object, oldObject, allows });
  if (spec.matchConditions?.some(({ expression }) => programOf(expression)(variables) !== true) === true) {
    return [];
  }
  return spec.validations.filter(({ expression }) => programOf(expression)(variables) !== true).map(({ message }) => message);
}

/** @throws Error for an expression that the API server would not accept in a policy */
function programOf(expression: string): Program {
  let program = programs.get(expression);
  if (program === undefined) {
    const compilation = compile(expression, ENVIRONMENT);
    if (compilation.type === "refused") {
      throw new Error(`${expression}: ${compilation.message}`);
    }
    program = compilation.run;
    programs.set(expression, program);
  }
  return program;
}
