import type { core } from "@pulumi/kubernetes/types/input";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import type { KubernetesObject } from "../resources/objects";
import { onKubernetes } from "../evaluation/on-resource";
import { objectsToCheck } from "./registrant";
import { PLATFORM_SCHEMA } from "./settings";
import { readerOf } from "../resources/objects";
import { entries, fieldsOf } from "../evaluation/properties";
import type { Previewed } from "../evaluation/properties";
import { UNKNOWN, show, unknownPath } from "../evaluation/snapshot";

/**
 * Checks that Services route traffic inside the cluster only. The cluster is private by default, and so are its Services. `externalIPs` also intercept
 * traffic of others (CVE-2020-8554).
 */
export const forbidServicesBeyondCluster: ResourceValidationPolicy = {
  name: "forbid-services-beyond-cluster",
  displayName: "Services stay inside the cluster",
  description:
    "Checks that no Service opens pods to networks beyond the cluster (LoadBalancer, NodePort), is an alias of a host elsewhere (ExternalName) or intercepts traffic to addresses of its author's choice (externalIPs).",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["network", "tenancy"],
  remediationSteps: "Use type ClusterIP without externalIPs. `kubectl port-forward` reaches the Service from outside.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToCheck(resource).flatMap((object) => serviceFindings(object).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

function serviceFindings(object: KubernetesObject): readonly Finding[] {
  const { group, kind, prefix } = object;
  if (group !== "" || kind !== "Service") {
    return [];
  }
  const spec = readerOf<core.v1.Service>(object)("spec");
  if (spec === UNKNOWN) {
    return [undetermined(`${prefix}spec`, "where the Service routes traffic")];
  }
  const { type, externalIPs } = fieldsOf(spec);
  return [...typeFindings(type, `${prefix}spec.type`), ...addressFindings(externalIPs, `${prefix}spec.externalIPs`)];
}

function typeFindings(type: unknown, path: string): readonly Finding[] {
  if (type === UNKNOWN) {
    return [undetermined(path, "whether the Service stays inside the cluster")];
  }
  // The API server defaults it to ClusterIP, and a patch without it does not change it.
  return type === undefined || type === null || type === "ClusterIP"
    ? []
    : [`"${path}" is ${show(type)}, which reaches beyond the cluster. Use ClusterIP, and \`kubectl port-forward\` from outside`];
}

function addressFindings(addresses: Previewed<string[]> | undefined, path: string): readonly Finding[] {
  const unknown = unknownPath(addresses, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, "whose traffic the Service intercepts")];
  }
  return entries(addresses).length > 0
    ? [`"${path}" would route the traffic of others to these addresses to the Service's pods. Remove it`]
    : [];
}
