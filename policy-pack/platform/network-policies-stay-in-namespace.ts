import type { networking } from "@pulumi/kubernetes/types/input";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { entries, field } from "../evaluation/properties";
import type { Previewed } from "../evaluation/properties";
import { UNKNOWN, unknownPath } from "../evaluation/snapshot";
import { readerOf } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { objectsOfOthers } from "./registrant";
import { PLATFORM_SCHEMA } from "./settings";

const GROUPS: readonly string[] = ["networking.k8s.io", "extensions"];

/**
 * Checks that a NetworkPolicy opens no namespace. Policies add up: one that allows traffic takes effect beside the platform's default deny, in any
 * namespace that its author names. Only the platform decides which traffic crosses the border of a namespace.
 */
export const networkPoliciesStayInNamespace: ResourceValidationPolicy = {
  name: "network-policies-stay-in-namespace",
  displayName: "Network policies open no namespace",
  description:
    "Checks that a NetworkPolicy that the platform does not register allows traffic between pods of its own namespace only, or none.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["network", "tenancy"],
  remediationSteps:
    'In from and to, name pods with podSelector alone. For HTTPS to other networks, give the pods the label shared-gpu/egress: "https".',
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      // A patch hides the rest of the policy: `forbid-unknown-resources` denies it.
      .filter(({ group, kind, isPatch }) => GROUPS.includes(group) && kind === "NetworkPolicy" && !isPatch)
      .flatMap((object) => trafficFindings(object).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

type Peers = Previewed<networking.v1.NetworkPolicyPeer[]> | undefined;

function trafficFindings(object: KubernetesObject): readonly Finding[] {
  const path = `${object.prefix}spec`;
  const spec = readerOf<networking.v1.NetworkPolicy>(object)("spec");
  const [ingress, egress] = [field(spec, "ingress"), field(spec, "egress")];
  return [
    ...(ingress === UNKNOWN ? [undetermined(`${path}.ingress`, WHAT)] : []),
    ...(egress === UNKNOWN ? [undetermined(`${path}.egress`, WHAT)] : []),
    ...entries(ingress).flatMap((rule, index) => ruleFindings(field(rule, "from"), `${path}.ingress[${index}].from`)),
    ...entries(egress).flatMap((rule, index) => ruleFindings(field(rule, "to"), `${path}.egress[${index}].to`)),
  ];
}

const WHAT = "which traffic it allows";

function ruleFindings(peers: Peers, path: string): readonly Finding[] {
  const unknown = unknownPath(peers, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, WHAT)];
  }
  const list = entries(peers);
  if (list.length === 0) {
    return [`"${path}" is empty, which allows traffic with every address. Name pods of the namespace with podSelector`];
  }
  return list.flatMap((peer, index) =>
    field(peer, "podSelector") !== undefined && field(peer, "namespaceSelector") === undefined && field(peer, "ipBlock") === undefined
      ? []
      : [
          `"${path}[${index}]" allows traffic across the border of the namespace. Use podSelector alone, or ask the owners of the platform to open it`,
        ],
  );
}
