import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { UNKNOWN, asRecord, untypedEntries } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import type { KubernetesObject } from "../resources/objects";
import { isSet } from "../resources/pod-specs";
import { objectsOfOthers } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";

const LIMITS = ["sampleLimit", "targetLimit", "labelLimit", "labelNameLengthLimit", "labelValueLengthLimit", "keepDroppedTargets"];
const SECRETS = ["basicAuth", "bearerTokenSecret", "authorization", "tlsConfig"];
const PROTOCOLS = ["scrapeProtocols", "fallbackScrapeProtocol"];
const HISTOGRAMS = [
  "nativeHistogramBucketLimit",
  "nativeHistogramMinBucketFactor",
  "scrapeClassicHistograms",
  "convertClassicHistogramsToNHCB",
];

/** What an endpoint may say. The others name a file of Prometheus' own pod, such as its token, or somebody to whom it connects on the way. */
const ENDPOINT: readonly string[] = [
  ...["port", "portNumber", "targetPort", "path", "scheme", "params", "interval", "scrapeTimeout", "followRedirects", "enableHttp2"],
  ...["honorLabels", "honorTimestamps", "trackTimestampsStaleness", "filterRunning", "relabelings", "metricRelabelings", ...SECRETS],
];

/** What the others of the spec may be. A `scrapeClass` is Prometheus' own, with its files. */
const OF_MONITORS: readonly string[] = [
  ...["selector", "selectorMechanism", "namespaceSelector", "jobLabel", "podTargetLabels", "attachMetadata", "bodySizeLimit"],
  ...[...LIMITS, ...PROTOCOLS, ...HISTOGRAMS],
];

interface Fields {
  readonly spec: readonly string[];
  /** Records inside the spec that have a list of their own. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
}

/** The fields of each kind. */
const FIELDS = new Map<string, Fields>([
  ["ServiceMonitor", { spec: [...OF_MONITORS, "targetLabels", "serviceDiscoveryRole", "endpoints"], parts: { endpoints: ENDPOINT } }],
  ["PodMonitor", { spec: [...OF_MONITORS, "podMetricsEndpoints"], parts: { podMetricsEndpoints: ENDPOINT } }],
  [
    "Probe",
    {
      spec: [
        ...["jobName", "prober", "module", "targets", "interval", "scrapeTimeout", "metricRelabelings", "params"],
        ...[...LIMITS, ...PROTOCOLS, ...HISTOGRAMS, ...SECRETS],
      ],
      parts: { prober: ["url", "scheme", "path"], targets: ["staticConfig", "ingress"] },
    },
  ],
  [
    "ScrapeConfig",
    {
      // Of the ways to find targets, those that need nothing of Prometheus' own: `fileSDConfigs` reads its files, and those of clouds its role.
      spec: [
        ...["jobName", "staticConfigs", "kubernetesSDConfigs", "relabelings", "metricRelabelings", "metricsPath", "scrapeInterval"],
        ...["scrapeTimeout", "honorLabels", "honorTimestamps", "trackTimestampsStaleness", "params", "scheme", "enableCompression"],
        ...["enableHTTP2", "nameValidationScheme", ...LIMITS, ...PROTOCOLS, ...HISTOGRAMS, "basicAuth", "authorization", "tlsConfig"],
      ],
      parts: { staticConfigs: ["targets", "labels"], kubernetesSDConfigs: ["role", "namespaces", "selectors", "attachMetadata"] },
    },
  ],
]);

/** Of `tlsConfig`: certificates and keys in Secrets and ConfigMaps of the namespace. */
const TLS_FIELDS: readonly string[] = ["ca", "cert", "keySecret", "insecureSkipVerify", "serverName", "minVersion", "maxVersion"];

/**
 * Checks that Prometheus gives nothing of its own to the targets of others. The platform's Prometheus reads the monitors of every namespace, and sends what `bearerTokenFile`
 * names to whoever wrote the monitor: its own token, which lists pods and nodes of the whole cluster.
 * Source: API reference of the Prometheus operator v0.91; `arbitraryFSAccessThroughSMs` there (read 2026-11-28).
 */
export const monitorsReadNoFiles: ResourceValidationPolicy = {
  name: "monitors-read-no-files",
  displayName: "Monitors give away nothing of Prometheus",
  description:
    "Checks that ServiceMonitors, PodMonitors, Probes and ScrapeConfigs that the platform does not register name Secrets of their namespace, and no file, role or scrape class of Prometheus itself.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "monitoring"],
  remediationSteps: "Put the token or certificate into a Secret of the namespace, and name it in authorization.credentials or tlsConfig.",
  configSchema: { properties: PLATFORM_PROJECTS },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      .filter(({ group }) => group === "monitoring.coreos.com")
      .flatMap((object) => monitorFindings(object).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

function monitorFindings({ kind, prefix, read }: KubernetesObject): readonly Finding[] {
  const fields = FIELDS.get(kind);
  if (fields === undefined) {
    return [];
  }
  const [spec, path] = [read("spec"), `${prefix}spec`];
  return [
    ...fieldFindings(spec, fields.spec, path),
    ...tlsFindings(spec, path),
    ...Object.entries(fields.parts).flatMap(([key, known]) => {
      const [part, at] = [valueAt(spec, key), `${path}.${key}`];
      const entries = Array.isArray(part)
        ? untypedEntries(part).map((entry, index) => [entry, `${at}[${index}]`] as const)
        : [[part, at] as const];
      return entries.flatMap(([entry, where]) => [...fieldFindings(entry, known, where), ...tlsFindings(entry, where)]);
    }),
  ];
}

function tlsFindings(part: unknown, path: string): readonly Finding[] {
  return fieldFindings(valueAt(part, "tlsConfig"), TLS_FIELDS, `${path}.tlsConfig`);
}

const WHAT = "what Prometheus gives to the target";

function fieldFindings(part: unknown, known: readonly string[], path: string): readonly Finding[] {
  if (part === UNKNOWN) {
    return [undetermined(path, WHAT)];
  }
  return Object.entries(asRecord(part))
    .filter(([name, value]) => !known.includes(name) && isSet(value))
    .map(
      ([name]) =>
        `${path}.${name} can give away what Prometheus itself has. Name a Secret of the namespace. Allowed here: ${known.join(", ")}`,
    );
}
