/** The spec of a pod, or of the pods of a workload. Source: `ValidatePodSpec` of Kubernetes, `pkg/apis/core/validation/validation.go`. */
import type { KubernetesRules } from "../../../../releases/kubernetes";
import { addressFault, searchDomainFault } from "../names";
import { problem } from "../../../../dra/manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault } from "../../../../dra/manifest/names";
import { asList, asPart, between, duplicates, each, exactlyOne, formatted, isGiven, named, oneOf, required, text } from "../rules";
import type { Part, Problems } from "../rules";
import { containersProblems } from "./containers";
import { operatingSystemProblems } from "./operating-system";
import { resourceProblems, wholePodProblems } from "./resources";
import { schedulingProblems } from "./scheduling";
import { podSecurityProblems } from "./security-context";
import { volumeSorts, volumesProblems } from "./volumes";
import type { VolumeSort } from "./volumes";

const DNS_POLICIES = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const RESTART_POLICIES = ["Always", "OnFailure", "Never"];

export interface PodSpecOptions {
  /** Names of volumes that the pods have besides those of their spec: a StatefulSet adds its claims. @default none */
  readonly moreVolumes?: readonly string[];
  /** Labels of the pods. @default none */
  readonly labels?: unknown;
}

/** `SetDefaults_PodSpec` of `pkg/apis/core/v1/defaults.go`, Kubernetes v1.34.4. */
const DEFAULT_GRACE_SECONDS = 30;

export function podSpecProblems(
  value: unknown,
  path: string,
  { restartRules, hostnameOverride }: KubernetesRules,
  { moreVolumes = [], labels }: PodSpecOptions = {},
): Problems {
  const spec = asPart(value);
  const { restartPolicy, dnsPolicy, activeDeadlineSeconds, terminationGracePeriodSeconds, hostname, subdomain } = spec;
  const { priorityClassName, runtimeClassName, hostAliases, dnsConfig, resourceClaims, resources, securityContext } = spec;
  const context = {
    volumes: new Map([...volumeSorts(spec), ...moreVolumes.map((name): [string, VolumeSort] => [name, "claim"])]),
    hostNetwork: spec["hostNetwork"] === true,
    hostUsers: spec["hostUsers"] !== false,
    restartRules,
    neverRestarts: restartPolicy === "Never",
    graceSeconds: typeof terminationGracePeriodSeconds === "number" ? terminationGracePeriodSeconds : DEFAULT_GRACE_SECONDS,
  };
  return [
    ...containersProblems(spec, path, context),
    ...(asList(spec["ephemeralContainers"]).length > 0
      ? [problem(`${path}.ephemeralContainers`, undefined, "cannot be set when a pod is created")]
      : []),
    ...volumesProblems(spec["volumes"], `${path}.volumes`),
    ...schedulingProblems(spec, path, asPart(labels)),
    ...oneOf(restartPolicy, `${path}.restartPolicy`, RESTART_POLICIES),
    ...oneOf(dnsPolicy, `${path}.dnsPolicy`, DNS_POLICIES),
    ...dnsConfigProblems(dnsConfig, dnsPolicy, `${path}.dnsConfig`),
    ...between(activeDeadlineSeconds, `${path}.activeDeadlineSeconds`, 1, 2 ** 31 - 1),
    ...formatted(hostname, `${path}.hostname`, dnsLabelFault),
    ...formatted(subdomain, `${path}.subdomain`, dnsLabelFault),
    ...(hostnameOverride ? hostnameOverrideProblems(spec, `${path}.hostnameOverride`) : []),
    ...["serviceAccountName", "serviceAccount"].flatMap((field) => formatted(spec[field], `${path}.${field}`, dnsSubdomainFault)),
    ...formatted(spec["nodeName"], `${path}.nodeName`, dnsSubdomainFault),
    ...(isGiven(spec["nodeName"]) && asList(spec["schedulingGates"]).length > 0
      ? [
          problem(
            `${path}.nodeName`,
            spec["nodeName"],
            "not allowed beside schedulingGates. Remove it: the scheduler chooses the node once they are gone",
          ),
        ]
      : []),
    ...formatted(priorityClassName, `${path}.priorityClassName`, dnsSubdomainFault),
    ...formatted(runtimeClassName, `${path}.runtimeClassName`, dnsSubdomainFault),

    ...each(hostAliases, `${path}.hostAliases`, ({ ip, hostnames }, at) => [
      ...named(ip, `${at}.ip`, addressFault),
      ...asList(hostnames).flatMap((name, index) => named(name, `${at}.hostnames[${String(index)}]`, dnsSubdomainFault)),
    ]),
    ...oneOf(spec["preemptionPolicy"], `${path}.preemptionPolicy`, ["PreemptLowerPriority", "Never"]),
    ...each(spec["readinessGates"], `${path}.readinessGates`, ({ conditionType }, at) =>
      named(conditionType, `${at}.conditionType`, labelKeyFault),
    ),
    ...operatingSystemProblems(spec, path),
    ...podClaimsProblems(resourceClaims, `${path}.resourceClaims`),
    ...claimUsesProblems(spec, path),
    ...resourceProblems(resources, `${path}.resources`, "pod"),
    ...wholePodProblems(spec, path),
    ...podSecurityProblems(securityContext, `${path}.securityContext`, spec),
    ...(spec["hostUsers"] === false
      ? HOST_NAMESPACES.filter((field) => spec[field] === true).map((field) =>
          problem(`${path}.${field}`, true, "not allowed with hostUsers: false"),
        )
      : []),
    ...(spec["hostPID"] === true && asPart(spec)["shareProcessNamespace"] === true
      ? [problem(`${path}.shareProcessNamespace`, true, "not allowed beside hostPID")]
      : []),
  ];
}

/** Namespaces of the node that a pod with users of its own cannot join (`validateHostUsers`). */
const HOST_NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"] as const;

/** Longest host name that Linux takes. */
const HOST_NAME_CHARACTERS = 64;

function hostnameOverrideProblems({ hostnameOverride, hostNetwork, setHostnameAsFQDN }: Part, path: string): Problems {
  if (typeof hostnameOverride !== "string") {
    return [];
  }
  const fault =
    hostnameOverride.length > HOST_NAME_CHARACTERS
      ? `must have at most ${String(HOST_NAME_CHARACTERS)} characters`
      : dnsSubdomainFault(hostnameOverride);
  return [
    ...(fault === undefined ? [] : [problem(path, hostnameOverride, fault)]),
    ...(hostNetwork === true ? [problem(path, hostnameOverride, "not allowed beside hostNetwork")] : []),
    ...(setHostnameAsFQDN === true ? [problem(path, hostnameOverride, "not allowed beside setHostnameAsFQDN")] : []),
  ];
}

function dnsConfigProblems(config: unknown, policy: unknown, path: string): Problems {
  const { nameservers, searches, options } = asPart(config);
  return [
    ...(policy === "None" && asList(nameservers).length === 0
      ? [problem(`${path}.nameservers`, undefined, "at least one is required with dnsPolicy None")]
      : []),
    ...(asList(nameservers).length > 3 ? [problem(`${path}.nameservers`, undefined, "at most 3 are allowed")] : []),
    ...asList(nameservers).flatMap((server, index) => named(server, `${path}.nameservers[${String(index)}]`, addressFault)),
    ...asList(searches).flatMap((domain, index) => named(domain, `${path}.searches[${String(index)}]`, searchDomainFault)),
    ...(asList(searches).length > 32 ? [problem(`${path}.searches`, undefined, "at most 32 are allowed")] : []),
    ...each(options, `${path}.options`, ({ name }, at) => required(name, `${at}.name`)),
  ];
}

function podClaimsProblems(claims: unknown, path: string): Problems {
  return [
    ...each(claims, path, (claim, at) => [
      ...named(claim["name"], `${at}.name`, dnsLabelFault),
      ...exactlyOne(claim, at, ["resourceClaimName", "resourceClaimTemplateName"]),
      ...["resourceClaimName", "resourceClaimTemplateName"].flatMap((field) =>
        claim[field] === undefined || claim[field] === null ? [] : named(claim[field], `${at}.${field}`, dnsSubdomainFault),
      ),
    ]),
    ...duplicates(claims, path, ({ name }) => text(name)),
  ];
}

function claimUsesProblems(spec: Part, path: string): Problems {
  const names = asList(spec["resourceClaims"]).map((claim) => text(asPart(claim)["name"]));
  return ["initContainers", "containers"].flatMap((list) =>
    each(spec[list], `${path}.${list}`, (container, at) => {
      const uses = asPart(container["resources"])["claims"];
      const keyOf = ({ name, request }: Part) => (isGiven(name) ? `${text(name)}/${text(request)}` : "");
      const wholes = asList(uses)
        .map((use) => asPart(use))
        .filter(({ name, request }) => isGiven(name) && !isGiven(request))
        .map(({ name }) => text(name));
      return [
        ...each(uses, `${at}.resources.claims`, ({ name, request }, use) => [
          ...required(name, `${use}.name`),
          ...(isGiven(name) && !names.includes(text(name))
            ? [
                problem(
                  `${use}.name`,
                  name,
                  names.length > 0
                    ? `must be one of the pod's resourceClaims: ${names.join(", ")}`
                    : "must be one of the pod's resourceClaims, and there are none",
                ),
              ]
            : []),
          ...formatted(request, `${use}.request`, dnsLabelFault),
          ...(isGiven(request) && wholes.includes(text(name))
            ? [problem(use, name, "the container already uses this request of the claim")]
            : []),
        ]),
        ...duplicates(uses, `${at}.resources.claims`, keyOf, ""),
      ];
    }),
  );
}
