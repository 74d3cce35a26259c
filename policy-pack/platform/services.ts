/**
 * Policy for Services. Of the ways in which one leads traffic, those are denied that begin or end outside of the cluster: private by default holds for what programs
 * put into the cluster as for the cluster itself, and `externalIPs` take over the traffic of others (CVE-2020-8554).
 */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import type { KubernetesObject } from "../resources/objects";
import { onKubernetes } from "../evaluation/on-resource";
import { objectsToJudge } from "./registrant";
import { PLATFORM_SCHEMA } from "./settings";
import { UNKNOWN, asRecord, entries, show, unknownPath } from "../evaluation/snapshot";

/** Checks that Services lead from the cluster into the cluster. */
export const forbidServicesBeyondCluster: ResourceValidationPolicy = {
  name: "forbid-services-beyond-cluster",
  displayName: "Services stay inside the cluster",
  description:
    "Checks that no Service opens pods to networks beyond the cluster (LoadBalancer, NodePort), stands for a host elsewhere (ExternalName) or takes over the traffic to addresses of its author's choice (externalIPs).",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["network", "tenancy"],
  remediationSteps: "Use type ClusterIP without externalIPs; `kubectl port-forward` reaches the Service from outside.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToJudge(resource).flatMap((object) => waysBeyond(object).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

function waysBeyond({ group, kind, prefix, read }: KubernetesObject): readonly Finding[] {
  if (group !== "" || kind !== "Service") {
    return [];
  }
  const spec = read("spec");
  if (spec === UNKNOWN) {
    return [undetermined(`${prefix}spec`, "where the Service leads")];
  }
  const { type, externalIPs } = asRecord(spec);
  return [...typeBeyond(type, `${prefix}spec.type`), ...addressesBeyond(externalIPs, `${prefix}spec.externalIPs`)];
}

function typeBeyond(type: unknown, path: string): readonly Finding[] {
  if (type === UNKNOWN) {
    return [undetermined(path, "whether the Service stays inside the cluster")];
  }
  // Left out, the API server makes it ClusterIP; a patch leaves it as it is.
  return type === undefined || type === null || type === "ClusterIP"
    ? []
    : [`"${path}" is ${show(type)}, which reaches beyond the cluster; use ClusterIP, and \`kubectl port-forward\` from outside`];
}

function addressesBeyond(addresses: unknown, path: string): readonly Finding[] {
  const unknown = unknownPath(addresses, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, "whose traffic the Service takes over")];
  }
  return entries(addresses).length > 0
    ? [`"${path}" would lead the traffic of others to these addresses to the Service's pods; leave it out`]
    : [];
}
