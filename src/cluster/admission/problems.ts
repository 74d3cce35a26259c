/** What the admission policies of the stack refuse of the objects of manifests, and of the pods and claim templates that custom resources make. */
import { withoutNulls } from "../../json/without-nulls";
import type { ServedApi } from "../../releases/api/types";
import type { KubernetesRules } from "../../releases/kubernetes";
import { finderOf, placementAsWritten } from "../custom-resources/placement";
import type { ObjectProblem } from "../judgement/checks";
import { servedKind } from "../judgement/validation/served";
import type { ClusterObject } from "../objects";
import { withoutDropped } from "./dropped-fields";
import type { AdmissionPolicies, Creation } from "./policies";

export function policyProblems(
  objects: readonly ClusterObject[],
  policies: AdmissionPolicies,
  api: ServedApi,
  rules: KubernetesRules,
): readonly ObjectProblem[] {
  const finder = finderOf(objects);
  return objects
    .filter(({ origin }) => origin.type === "manifest")
    .flatMap((object) =>
      [...creationOf(object, api), ...madeBy(object, finder)]
        .flatMap((creation) => policies.refusals(asSeen(creation, rules)))
        .filter((message, index, all) => all.indexOf(message) === index)
        .map((message) => ({ object, message })),
    );
}

/** A request as the admission policies see it: a field that is null is one that is not there, as its type has been read. */
function asSeen(creation: Creation, { claimApi }: KubernetesRules): Creation {
  const isClaim = creation.apiGroup === "resource.k8s.io" && /^resourceclaim(template)?s$/.test(creation.resource);
  const object = withoutNulls(creation.object);
  return { ...creation, object: isClaim ? withoutDropped(object, claimApi.dropped) : object };
}

function creationOf({ apiVersion, kind, namespace, body }: ClusterObject, api: ServedApi): readonly Creation[] {
  const served = servedKind(api, apiVersion, kind);
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return served === undefined ? [] : [{ apiGroup: group, apiVersion: version, resource: served.resource, namespace, object: body }];
}

/** What the operator of a custom resource creates. */
function madeBy(object: ClusterObject, finder: ReturnType<typeof finderOf>): readonly Creation[] {
  const { namespace } = object;
  const { pods = [], templates = [] } = placementAsWritten(object, finder) ?? {};
  return [
    ...pods
      .filter(({ count }) => count > 0)
      .map(({ spec, annotations, labels }) => ({
        ...{ apiGroup: "", apiVersion: "v1", resource: "pods", namespace },
        object: { apiVersion: "v1", kind: "Pod", metadata: { namespace, annotations, labels }, spec },
      })),
    ...templates.map(({ name, spec }) => ({
      ...{ apiGroup: "resource.k8s.io", apiVersion: "v1", resource: "resourceclaimtemplates", namespace },
      object: { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata: { name, namespace }, spec: { spec } },
    })),
  ];
}
