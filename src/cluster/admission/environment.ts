/** The CEL environment of admission policies, with values for its variables. */
import { makeEnvironment } from "../../cel/environment";
import type { Environment } from "../../cel/environment";
import type { Library } from "../../cel/library/library";
import type { Variables } from "../../cel/run/parts";
import { method } from "../../cel/types/overloads";
import { BOOL, DYN, listOf, mapOf, STRING } from "../../cel/types/types";
import type { CelType, TypeOf } from "../../cel/types/types";
import { CelObject, EntryMap } from "../../cel/values/values";
import type { Value } from "../../cel/values/values";
import type { KubernetesRules } from "../../releases/kubernetes";

/** Whether a user may do something, as `update validatingadmissionpolicies.admissionregistration.k8s.io`. */
export type Allows = (right: string) => boolean;

/** A question to the cluster's authorizers, as far as it has been put: `authorizer.group(g).resource(r).check(verb)` is `verb r.g`. */
class AuthorizerQuestion extends CelObject {
  constructor(
    readonly typeName: string,
    readonly allows: Allows,
    readonly right: string,
  ) {
    super();
  }
}

const typeOf = (name: string): TypeOf<AuthorizerQuestion> => ({ kind: "object", name: `kubernetes.authorization.${name}`, parameters: [] });
const AUTHORIZER = typeOf("Authorizer");
const GROUP_CHECK = typeOf("GroupCheck");
const RESOURCE_CHECK = typeOf("ResourceCheck");
const DECISION = typeOf("Decision");

/** The questions about resources of `k8s.io/apiserver/pkg/cel/library/authz.go`. */
const AUTHZ: Library = {
  functions: {
    group: [
      method("authorizer_group", [AUTHORIZER, STRING], GROUP_CHECK, ({ allows }, group) => question(GROUP_CHECK, allows, `.${group}`)),
    ],
    resource: [
      method("groupcheck_resource", [GROUP_CHECK, STRING], RESOURCE_CHECK, ({ allows, right }, resource) =>
        question(RESOURCE_CHECK, allows, `${resource}${right}`),
      ),
    ],
    check: [
      method("resourcecheck_check", [RESOURCE_CHECK, STRING], DECISION, ({ allows, right }, verb) =>
        question(DECISION, allows, `${verb} ${right}`),
      ),
    ],
    allowed: [method("decision_allowed", [DECISION], BOOL, ({ allows, right }) => allows(right))],
  },
};

function question({ name }: CelType, allows: Allows, right: string): AuthorizerQuestion {
  return new AuthorizerQuestion(name, allows, right);
}

const object = (name: string): CelType => ({ kind: "object", name: `kubernetes.${name}`, parameters: [] });
const REQUEST = object("AdmissionRequest");
const KIND = object("GroupVersionKind");
const RESOURCE = object("GroupVersionResource");
const USER_INFO = object("UserInfo");
const NAMESPACE = object("Namespace");
const NAMESPACE_METADATA = object("NamespaceMetadata");

/**
 * The environment of a validation or match condition: what is in the request's objects has no type, the rest has.
 * Of a namespace only what can be known of one without a cluster is declared.
 * Source: `createEnvForOpts` and `BuildRequestType` of `k8s.io/apiserver/pkg/admission/plugin/cel/compile.go`.
 */
export function admissionEnvironment({ celLibraries }: KubernetesRules): Environment {
  return makeEnvironment({
    libraries: [...celLibraries, AUTHZ],
    variables: {
      object: { type: DYN },
      oldObject: { type: DYN },
      params: { type: DYN },
      request: { type: REQUEST },
      namespaceObject: { type: NAMESPACE },
      authorizer: { type: AUTHORIZER },
    },
    objects: {
      [REQUEST.name]: {
        ...{ kind: KIND, resource: RESOURCE, subResource: STRING },
        ...{ requestKind: KIND, requestResource: RESOURCE, requestSubResource: STRING },
        ...{ name: STRING, namespace: STRING, operation: STRING, userInfo: USER_INFO, dryRun: BOOL, options: DYN },
      },
      [KIND.name]: { group: STRING, version: STRING, kind: STRING },
      [RESOURCE.name]: { group: STRING, version: STRING, resource: STRING },
      [USER_INFO.name]: { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) },
      [NAMESPACE.name]: { metadata: NAMESPACE_METADATA },
      [NAMESPACE_METADATA.name]: { name: STRING, labels: mapOf(STRING, STRING), annotations: mapOf(STRING, STRING) },
    },
    whyNotModelled: "no admission policy of the platform needs it",
    results: ["bool"],
    // An admission policy is not refused for its estimated cost: the API server counts what an evaluation really costs.
    limits: { maxLengthBytes: Infinity, maxCost: Infinity },
  });
}

/** What is admitted or refused. */
export interface AdmissionInput {
  readonly operation: string;
  readonly object: object | undefined;
  readonly oldObject: object | undefined;
  readonly allows: Allows;
}

/** The variables of the environment. There are no parameters, and the policies do not look at the namespace. */
export function admissionVariables({ operation, object: newObject, oldObject, allows }: AdmissionInput): Variables {
  return {
    object: valueOf(newObject),
    oldObject: valueOf(oldObject),
    params: null,
    request: valueOf({ operation }),
    authorizer: question(AUTHORIZER, allows, ""),
  };
}

/** JSON as CEL sees it: an integer is an int, any other number a double; what is absent is null. */
function valueOf(json: unknown): Value {
  if (Array.isArray(json)) {
    return json.map(valueOf);
  }
  switch (typeof json) {
    case "object":
      return json === null
        ? null
        : new EntryMap(
            Object.entries(json)
              .filter(([, value]) => value !== undefined)
              .map(([key, value]) => [key, valueOf(value)] as const),
          );
    case "number":
      return Number.isInteger(json) ? BigInt(json) : json;
    case "string":
    case "boolean":
      return json;
    case "undefined":
      return null;
    default:
      throw new Error(`${typeof json} is no JSON`);
  }
}
