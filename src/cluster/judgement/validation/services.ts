/** Services. Source: `ValidateService` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault } from "../../../dra/manifest/names";
import { labelProblems } from "./metadata";
import { addressFault, endpointAddressFault, portNameFault } from "./names";
import { asList, asPart, between, duplicates, each, formatted, isGiven, named, oneOf, text } from "./rules";
import type { Part, Problems } from "./rules";

const SECONDS_OF_A_DAY = 86_400;

/** The API server's own default, which EKS has too (`--service-node-port-range`). */
const NODE_PORTS = { first: 30_000, last: 32_767 };

export function serviceProblems(spec: Part): Problems {
  const { type, ports, clusterIP, selector, sessionAffinity } = spec;
  const needsPorts = type !== "ExternalName" && clusterIP !== "None";
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  const several = asList(ports).length > 1;
  return [
    ...oneOf(type, "spec.type", ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    ...(needsPorts && asList(ports).length === 0 ? [problem("spec.ports", undefined, "required")] : []),
    ...(type === "ExternalName" ? externalProblems(spec) : []),
    ...(clusterIP === "None" && (type === "NodePort" || type === "LoadBalancer")
      ? [problem("spec.clusterIP", clusterIP, `not allowed with type ${type}`)]
      : []),
    ...oneOf(spec["trafficDistribution"], "spec.trafficDistribution", ["PreferClose", "PreferSameZone", "PreferSameNode"]),
    ...oneOf(spec["internalTrafficPolicy"], "spec.internalTrafficPolicy", ["Cluster", "Local"]),
    ...oneOf(spec["ipFamilyPolicy"], "spec.ipFamilyPolicy", ["SingleStack", "PreferDualStack", "RequireDualStack"]),
    ...asList(spec["externalIPs"]).flatMap((address, index) => named(address, `spec.externalIPs[${String(index)}]`, endpointAddressFault)),
    ...(type === "LoadBalancer" ? formatted(spec["loadBalancerClass"], "spec.loadBalancerClass", labelKeyFault) : []),
    ...duplicates(
      asList(spec["ipFamilies"]).map((family) => ({ family })),
      "spec.ipFamilies",
      ({ family }) => text(family),
      "",
    ),
    ...(clusterIP === "None" ? [] : formatted(clusterIP, "spec.clusterIP", addressFault)),
    ...asList(spec["clusterIPs"]).flatMap((address, index) =>
      address === "None" ? [] : named(address, `spec.clusterIPs[${String(index)}]`, addressFault),
    ),
    ...(asList(spec["clusterIPs"]).length > 0 && spec["clusterIPs"] !== undefined && asList(spec["clusterIPs"])[0] !== clusterIP
      ? [problem("spec.clusterIPs", spec["clusterIPs"], "must begin with clusterIP")]
      : []),
    ...(isExternal
      ? oneOf(spec["externalTrafficPolicy"], "spec.externalTrafficPolicy", ["Cluster", "Local"])
      : onlyFor(spec, "externalTrafficPolicy", "NodePort or LoadBalancer")),
    ...(type === "LoadBalancer"
      ? []
      : [
          ...["allocateLoadBalancerNodePorts", "healthCheckNodePort", "loadBalancerSourceRanges"].flatMap((field) =>
            onlyFor(spec, field, "LoadBalancer"),
          ),
          // Of this field an empty text counts as set.
          ...(spec["loadBalancerClass"] === undefined || spec["loadBalancerClass"] === null
            ? []
            : [problem("spec.loadBalancerClass", spec["loadBalancerClass"], "is allowed with type LoadBalancer only")]),
        ]),
    ...labelProblems(selector, "spec.selector"),
    ...oneOf(sessionAffinity, "spec.sessionAffinity", ["ClientIP", "None"]),
    ...affinityProblems(spec),
    ...(type === "LoadBalancer" &&
    isGiven(spec["healthCheckNodePort"]) &&
    spec["healthCheckNodePort"] !== 0 &&
    spec["externalTrafficPolicy"] !== "Local"
      ? [problem("spec.healthCheckNodePort", spec["healthCheckNodePort"], "is allowed with externalTrafficPolicy Local only")]
      : []),
    ...each(ports, "spec.ports", ({ name, port, targetPort, protocol, nodePort, appProtocol }, at) => [
      ...(isGiven(name) || several ? named(name, `${at}.name`, dnsLabelFault) : []),
      ...between(port ?? 0, `${at}.port`, 1, 65535),
      ...formatted(appProtocol, `${at}.appProtocol`, labelKeyFault),
      ...oneOf(protocol, `${at}.protocol`, ["TCP", "UDP", "SCTP"]),
      ...(typeof targetPort === "string" && targetPort !== ""
        ? named(targetPort, `${at}.targetPort`, portNameFault)
        : targetPort === 0 || targetPort === ""
          ? []
          : between(targetPort, `${at}.targetPort`, 1, 65535)),
      // With type ExternalName nothing looks at it.
      ...(isGiven(nodePort) && nodePort !== 0 && !isExternal && type !== "ExternalName"
        ? [problem(`${at}.nodePort`, nodePort, "is allowed with type NodePort or LoadBalancer only")]
        : nodePort === 0 || type === "ExternalName"
          ? []
          : between(nodePort, `${at}.nodePort`, NODE_PORTS.first, NODE_PORTS.last)),
    ]),
    ...duplicates(ports, "spec.ports", ({ name }) => text(name)),
    ...duplicates(ports, "spec.ports", ({ port, protocol }) => (isGiven(port) ? `${String(port)}/${text(protocol) || "TCP"}` : ""), ""),
  ];
}

/** A name of DNS for something outside of the cluster has no address of the cluster. */
function externalProblems(spec: Part): Problems {
  const { externalName } = spec;
  return [
    ...(isGiven(externalName)
      ? formatted(externalName, "spec.externalName", externalNameFault)
      : [problem("spec.externalName", undefined, "required with type ExternalName")]),
    ...["clusterIP", "ipFamilyPolicy", "ipFamilies"]
      .filter((field) => isGiven(spec[field]) && !(Array.isArray(spec[field]) && asList(spec[field]).length === 0))
      .map((field) => problem(`spec.${field}`, spec[field], "not allowed with type ExternalName")),
  ];
}

function externalNameFault(name: string): string | undefined {
  return dnsSubdomainFault(name.endsWith(".") ? name.slice(0, -1) : name);
}

/** The API server drops the settings of an affinity that the Service does not have. */
function affinityProblems({ sessionAffinity, sessionAffinityConfig }: Part): Problems {
  const { timeoutSeconds } = asPart(asPart(sessionAffinityConfig)["clientIP"]);
  return sessionAffinity === "ClientIP"
    ? between(timeoutSeconds, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 1, SECONDS_OF_A_DAY)
    : [];
}

function onlyFor(spec: Part, field: string, types: string): Problems {
  const value = spec[field];
  return value === undefined || value === null || value === "" || value === 0 || (Array.isArray(value) && value.length === 0)
    ? []
    : [problem(`spec.${field}`, value, `is allowed with type ${types} only`)];
}
