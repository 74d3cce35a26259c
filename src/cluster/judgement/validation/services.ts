/** Services. Source: `ValidateService` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dnsLabelFault, labelKeyFault } from "../../../dra/manifest/names";
import { labelProblems } from "./metadata";
import { addressFault, portNameFault } from "./names";
import { asList, between, duplicates, each, formatted, isGiven, named, oneOf, text } from "./rules";
import type { Part, Problems } from "./rules";

export function serviceProblems(spec: Part): Problems {
  const { type, ports, clusterIP, selector, externalName, sessionAffinity } = spec;
  const needsPorts = type !== "ExternalName" && clusterIP !== "None";
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  const several = asList(ports).length > 1;
  return [
    ...oneOf(type, "spec.type", ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    ...(needsPorts && asList(ports).length === 0 ? [problem("spec.ports", undefined, "required")] : []),
    ...(type === "ExternalName" && !isGiven(externalName)
      ? [problem("spec.externalName", undefined, "required with type ExternalName")]
      : []),
    ...(clusterIP === "None" && (type === "NodePort" || type === "LoadBalancer")
      ? [problem("spec.clusterIP", clusterIP, `not allowed with type ${type}`)]
      : []),
    ...oneOf(spec["trafficDistribution"], "spec.trafficDistribution", ["PreferClose", "PreferSameZone", "PreferSameNode"]),
    ...oneOf(spec["internalTrafficPolicy"], "spec.internalTrafficPolicy", ["Cluster", "Local"]),
    ...oneOf(spec["ipFamilyPolicy"], "spec.ipFamilyPolicy", ["SingleStack", "PreferDualStack", "RequireDualStack"]),
    ...asList(spec["externalIPs"]).flatMap((address, index) => named(address, `spec.externalIPs[${String(index)}]`, addressFault)),
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
      : ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort", "loadBalancerSourceRanges"].flatMap((field) =>
          onlyFor(spec, field, "LoadBalancer"),
        )),
    ...labelProblems(selector, "spec.selector"),
    ...oneOf(sessionAffinity, "spec.sessionAffinity", ["ClientIP", "None"]),
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
      ...(isGiven(nodePort) && nodePort !== 0 && type !== "NodePort" && type !== "LoadBalancer"
        ? [problem(`${at}.nodePort`, nodePort, "is allowed with type NodePort or LoadBalancer only")]
        : []),
    ]),
    ...duplicates(ports, "spec.ports", ({ name }) => text(name)),
    ...duplicates(ports, "spec.ports", ({ port, protocol }) => `${String(port)}/${text(protocol) || "TCP"}`, ""),
  ];
}

function onlyFor(spec: Part, field: string, types: string): Problems {
  const value = spec[field];
  return value === undefined || value === null || value === "" || value === 0 || (Array.isArray(value) && value.length === 0)
    ? []
    : [problem(`spec.${field}`, value, `is allowed with type ${types} only`)];
}
