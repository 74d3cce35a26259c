/** NetworkPolicies and Ingresses. Source: `pkg/apis/networking/validation` of Kubernetes. */
import ipaddr from "ipaddr.js";
import { problem } from "../../../dra/manifest/fields";
import { dnsSubdomainFault } from "../../../dra/manifest/names";
import type { KubernetesRules } from "../../../releases/kubernetes";
import { serviceNameFault } from "./metadata";
import { addressFault, portNameFault } from "./names";
import { labelSelectorProblems } from "./selectors";
import { asList, asPart, between, each, formatted, isGiven, named, number, oneOf, oneOfRequired, required, text } from "./rules";
import type { Part, Problems } from "./rules";

export function networkPolicyProblems(spec: Part): Problems {
  const { podSelector, ingress, egress, policyTypes } = spec;
  const rules = (list: unknown, path: string, peers: string) =>
    each(list, path, (rule, at) => [
      ...each(rule["ports"], `${at}.ports`, portProblems),
      ...each(rule[peers], `${at}.${peers}`, peerProblems),
    ]);
  return [
    ...labelSelectorProblems(podSelector, "spec.podSelector"),
    ...rules(ingress, "spec.ingress", "from"),
    ...rules(egress, "spec.egress", "to"),
    ...asList(policyTypes).flatMap((type, index) => oneOfRequired(type, `spec.policyTypes[${String(index)}]`, ["Ingress", "Egress"])),
    ...(asList(policyTypes).length > 2 ? [problem("spec.policyTypes", undefined, "at most 2 are allowed")] : []),
  ];
}

export function ingressClassProblems({ controller, parameters }: Part): Problems {
  const { apiGroup, kind, name, scope, namespace } = asPart(parameters);
  return [
    ...named(controller, "spec.controller", domainPathFault),
    ...(parameters === undefined || parameters === null
      ? []
      : [
          ...formatted(apiGroup, "spec.parameters.apiGroup", dnsSubdomainFault),
          ...named(kind, "spec.parameters.kind", pathSegmentFault),
          ...named(name, "spec.parameters.name", pathSegmentFault),
          ...oneOf(scope, "spec.parameters.scope", ["Cluster", "Namespace"]),
          ...(scope === "Namespace"
            ? required(namespace, "spec.parameters.namespace")
            : isGiven(namespace)
              ? [problem("spec.parameters.namespace", namespace, 'requires scope "Namespace"')]
              : []),
        ]),
  ];
}

/** A name that the path of a request can hold. */
function pathSegmentFault(value: string): string | undefined {
  return /^\.{1,2}$|[/%]/.test(value) ? 'must not contain "/" or "%", nor be "." or ".."' : undefined;
}

function domainPathFault(value: string): string | undefined {
  const [domain = "", ...path] = value.split("/");
  return dnsSubdomainFault(domain) === undefined && /^[\w/\-.~%!$&'()*+,;=:]+$/.test(path.join("/"))
    ? undefined
    : "must be a domain and a path, such as example.com/ingress-controller";
}

function portProblems({ port, endPort, protocol }: Part, path: string): Problems {
  return [
    ...(protocol === undefined || protocol === null ? [] : oneOfRequired(protocol, `${path}.protocol`, ["TCP", "UDP", "SCTP"])),
    ...(typeof port === "string" ? named(port, `${path}.port`, portNameFault) : between(port, `${path}.port`, 1, 65535)),
    ...(isGiven(endPort)
      ? typeof port === "number"
        ? (number(endPort) ?? 0) < port
          ? [problem(`${path}.endPort`, endPort, "must be at least port")]
          : between(endPort, `${path}.endPort`, 1, 65535)
        : [problem(`${path}.endPort`, endPort, "requires a port that is a number")]
      : []),
  ];
}

function peerProblems({ podSelector, namespaceSelector, ipBlock }: Part, path: string): Problems {
  const isSet = (value: unknown) => value !== undefined && value !== null;
  if (!isSet(podSelector) && !isSet(namespaceSelector) && !isSet(ipBlock)) {
    return [problem(path, undefined, "one of podSelector, namespaceSelector and ipBlock is required")];
  }
  if (isSet(ipBlock) && (isSet(podSelector) || isSet(namespaceSelector))) {
    return [problem(path, undefined, "ipBlock is not allowed beside selectors")];
  }
  const { cidr, except } = asPart(ipBlock);
  return [
    ...labelSelectorProblems(podSelector, `${path}.podSelector`),
    ...labelSelectorProblems(namespaceSelector, `${path}.namespaceSelector`),
    ...(isSet(ipBlock) ? named(cidr, `${path}.ipBlock.cidr`, rangeFault) : []),
    ...asList(except).flatMap((range, index) =>
      named(range, `${path}.ipBlock.except[${String(index)}]`, (value) => exceptFault(value, text(cidr))),
    ),
  ];
}

function rangeFault(range: string): string | undefined {
  return ipaddr.isValidCIDR(range) && addressFault(range.replace(/\/.*/, "")) === undefined
    ? undefined
    : "must be a range of addresses, such as 10.0.0.0/8";
}

function exceptFault(range: string, whole: string): string | undefined {
  if (!ipaddr.isValidCIDR(range) || !ipaddr.isValidCIDR(whole)) {
    return rangeFault(range);
  }
  const [inner, outer] = [ipaddr.parseCIDR(range), ipaddr.parseCIDR(whole)];
  const isInside = inner[0].kind() === outer[0].kind() && inner[1] > outer[1] && inner[0].match(outer as never);
  return isInside ? undefined : `must be a part of ${whole}`;
}

export function ingressProblems({ rules, defaultBackend, ingressClassName, tls }: Part, kubernetes: KubernetesRules): Problems {
  return [
    ...(asList(rules).length === 0 && !isGiven(defaultBackend) ? [problem("spec", undefined, "rules or defaultBackend is required")] : []),
    ...(isGiven(defaultBackend) ? backendProblems(asPart(defaultBackend), "spec.defaultBackend", kubernetes) : []),
    ...formatted(ingressClassName, "spec.ingressClassName", dnsSubdomainFault),
    ...each(tls, "spec.tls", ({ hosts, secretName }, at) => [
      ...formatted(secretName, `${at}.secretName`, dnsSubdomainFault),
      ...asList(hosts).flatMap((host, index) => named(host, `${at}.hosts[${String(index)}]`, hostFault)),
    ]),

    ...each(rules, "spec.rules", ({ host, http }, at) => [
      ...formatted(host, `${at}.host`, hostFault),
      ...(http === undefined || http === null
        ? []
        : [
            ...(asList(asPart(http)["paths"]).length === 0 ? [problem(`${at}.http.paths`, undefined, "required")] : []),
            ...each(asPart(http)["paths"], `${at}.http.paths`, ({ path, pathType, backend }, where) => [
              ...(isGiven(pathType)
                ? oneOf(pathType, `${where}.pathType`, ["Exact", "Prefix", "ImplementationSpecific"])
                : required(pathType, `${where}.pathType`)),
              ...(pathType === "ImplementationSpecific" && !isGiven(path)
                ? []
                : text(path).startsWith("/")
                  ? []
                  : [problem(`${where}.path`, path, "must be an absolute path")]),
              ...(pathType === "ImplementationSpecific" ? [] : formatted(path, `${where}.path`, pathFault)),
              ...backendProblems(asPart(backend), `${where}.backend`, kubernetes),
            ]),
          ]),
    ]),
  ];
}

/** Sequences that a path must not have, and those that it must not end with (`invalidPathSequences`, `invalidPathSuffixes`). */
function pathFault(path: string): string | undefined {
  const found =
    ["//", "/./", "/../", "%2f", "%2F"].find((sequence) => path.includes(sequence)) ??
    ["/..", "/."].find((suffix) => path.endsWith(suffix));
  return found === undefined ? undefined : `must not contain ${found}`;
}

function hostFault(host: string): string | undefined {
  return addressFault(host) === undefined
    ? "must be a name, not an address"
    : dnsSubdomainFault(host.startsWith("*.") ? host.slice(2) : host);
}

function backendProblems({ service, resource }: Part, path: string, kubernetes: KubernetesRules): Problems {
  if (isGiven(resource)) {
    const { apiGroup, kind, name: objectName } = asPart(resource);
    return [
      ...formatted(apiGroup, `${path}.resource.apiGroup`, dnsSubdomainFault),
      ...required(kind, `${path}.resource.kind`),
      ...required(objectName, `${path}.resource.name`),
      ...(isGiven(service) ? [problem(path, undefined, "only one of service and resource is allowed")] : []),
    ];
  }
  const { name, port } = asPart(service);
  const { number: portNumber, name: portName } = asPart(port);
  return [
    ...(isGiven(portNumber) && portNumber !== 0 && isGiven(portName)
      ? [problem(`${path}.service.port`, undefined, "only one of name and number is allowed")]
      : []),
    ...(isGiven(service)
      ? named(name, `${path}.service.name`, serviceNameFault(kubernetes))
      : [problem(path, undefined, "service or resource is required")]),
    ...(portNumber === 0 ? [] : between(portNumber, `${path}.service.port.number`, 1, 65535)),
    ...(isGiven(service) && (!isGiven(portNumber) || portNumber === 0) && !isGiven(portName)
      ? [problem(`${path}.service.port`, undefined, "name or number is required")]
      : []),
  ];
}
