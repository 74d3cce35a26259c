/** What a team must not ask for is refused by the admission policies of the stack: in the check's own namespace, and in that of every team. Nothing is stored. */
import type { ClusterObject, JsonObject } from "../../../cluster/objects";
import { listAt } from "../../../cluster/objects";
import { VENDOR_DEVICE_CLASSES } from "../../../dra/device-classes";
import { TIERS } from "../../../dra/tiers";
import { valueAt } from "../../../json/value-at";
import { VISIBLE_DEVICES_VARIABLE } from "../../../well-known/device-requests";
import { TEAM_LABEL } from "../../../well-known/labels";
import type { Examined } from "../../check";
import { unchecked } from "../attempt";
import type { Attempt, Judgement, Outcome } from "../attempt";
import { probe } from "../pods";
import type { ActiveNames } from "../places";
import type { ActiveCheck } from "../situation";

interface ForbiddenClaim {
  readonly what: string;
  readonly exactly: JsonObject;
  /** What the API server itself says of it, before any admission policy sees it. @default nothing */
  readonly invalid?: RegExp;
}

const [SMALLEST] = TIERS;
const className = SMALLEST?.className ?? "";

/** As many of the smallest slices as no GPU of the catalogue has more of. */
const WHOLE_GPU_SLICES = 8;

const CLAIMS: readonly ForbiddenClaim[] = [
  ...VENDOR_DEVICE_CLASSES.map(({ name }): ForbiddenClaim => ({ what: `of device class ${name}`, exactly: { deviceClassName: name } })),
  { what: "with allocationMode All", exactly: { deviceClassName: className, allocationMode: "All" } },
  { what: "for all slices of a GPU", exactly: { deviceClassName: className, count: WHOLE_GPU_SLICES } },
  {
    what: "with adminAccess",
    exactly: { deviceClassName: className, adminAccess: true },
    // Kubernetes v1.34.4, pkg/apis/resource/validation and pkg/registry/resource: the namespace needs a label.
    invalid: /admin access to devices requires/,
  },
];

interface Forbidden {
  readonly what: string;
  /** Of its kind, in an admission policy. */
  readonly resource: string;
  readonly object: JsonObject;
  readonly invalid?: RegExp;
}

function forbiddenIn(namespace: string, names: ActiveNames): readonly Forbidden[] {
  const metadata = { generateName: "forbidden-", namespace };
  const apiVersion = "resource.k8s.io/v1";
  const claims = CLAIMS.flatMap(({ what, exactly, ...rest }): readonly Forbidden[] => {
    const spec = { devices: { requests: [{ name: "slice", exactly }] } };
    return [
      { ...rest, what: `a claim ${what}`, resource: "resourceclaims", object: { apiVersion, kind: "ResourceClaim", metadata, spec } },
      {
        ...{ ...rest, what: `a claim template ${what}`, resource: "resourceclaimtemplates" },
        object: { apiVersion, kind: "ResourceClaimTemplate", metadata, spec: { spec } },
      },
    ];
  });
  const pod = (env: readonly { readonly name: string; readonly value: string }[]): JsonObject => ({
    ...probe({ names, place: "team", prefix: "forbidden", image: "forbidden", env }),
    metadata,
  });
  return [
    ...claims,
    { what: "a pod without a claim that tolerates the GPU taint", resource: "pods", object: pod([]) },
    {
      what: `a pod with ${VISIBLE_DEVICES_VARIABLE}=all`,
      resource: "pods",
      object: pod([{ name: VISIBLE_DEVICES_VARIABLE, value: "all" }]),
    },
  ];
}

export const checkForbidden: ActiveCheck = ({ examined, names }) => {
  const { objects } = examined.declaration;
  const teams = objects.filter(({ kind, body }) => kind === "Namespace" && valueAt(body, "metadata", "labels", TEAM_LABEL) !== undefined);
  const places: readonly { readonly namespace: string; readonly declared: readonly ClusterObject[] }[] = [
    { namespace: names.namespaces.team, declared: [] },
    ...teams.map((team) => ({ namespace: team.name, declared: [team] })),
  ];
  return {
    attempts: places.flatMap(({ namespace, declared }) =>
      forbiddenIn(namespace, names).map((forbidden): Attempt => ({
        id: "forbidden-request-admitted",
        what: `${forbidden.what} in namespace ${namespace}`,
        action: { type: "dryRun", object: forbidden.object },
        judge: (outcome) => judge(outcome, { ...forbidden, what: `${forbidden.what} in namespace ${namespace}` }, declared, examined),
      })),
    ),
    unchecked: [],
  };
};

/** As an API server says that a ValidatingAdmissionPolicy refuses (k8s.io/apiserver v0.34, `plugin/policy/validating/dispatcher.go`). */
const DENIAL = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: ([^]*)$/;

function judge(
  outcome: Outcome,
  { what, resource, invalid }: Forbidden,
  namespaces: readonly ClusterObject[],
  examined: Examined,
): Judgement {
  const { objects } = examined.declaration;
  const policies = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
  const broken = (seen: string): Judgement => {
    const own = policies.filter((policy) => looksAt(policy, resource));
    const bindings = objects.filter(
      ({ kind, body }) =>
        kind === "ValidatingAdmissionPolicyBinding" && own.some(({ name }) => valueAt(body, "spec", "policyName") === name),
    );
    return {
      type: "broken",
      details: {
        subject: `ValidatingAdmissionPolicy ${own.map(({ name }) => name).join(", ")}`,
        seen,
        commands: [...own, ...bindings, ...namespaces].map(({ body }) =>
          examined.command.kubectlWith(body, "apply", "--server-side", "--force-conflicts"),
        ),
      },
    };
  };
  if (outcome.type === "accepted") {
    return broken(`the API server accepts ${what}`);
  }
  if (outcome.type !== "refused") {
    return unchecked(outcome);
  }
  const [, name, message] = DENIAL.exec(outcome.message) ?? [];
  const isDeclared = policies.some(
    (policy) => policy.name === name && listAt(policy.body, "spec", "validations").some((each) => valueAt(each, "message") === message),
  );
  if (isDeclared) {
    return { type: "holds", seen: `${name ?? ""} refuses ${what}: ${message ?? ""}` };
  }
  if (invalid?.test(outcome.message) === true) {
    return { type: "holds", seen: `the API server itself refuses ${what}: ${outcome.message}` };
  }
  // A quota is the next line of defence. It counts, and says nothing about what may be asked for.
  return /exceeded quota/.test(outcome.message) ? broken(`no admission policy refuses ${what}, only a quota does`) : unchecked(outcome);
}

function looksAt({ body }: ClusterObject, resource: string): boolean {
  return listAt(body, "spec", "matchConstraints", "resourceRules").some((rule) => listAt(rule, "resources").includes(resource));
}
