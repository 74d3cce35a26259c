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

/** Where each kind has its endpoints. */
const ENDPOINTS: ReadonlyMap<string, string> = new Map([
  ["ServiceMonitor", "endpoints"],
  ["PodMonitor", "podMetricsEndpoints"],
]);

/** What an endpoint may say. The others name a file of Prometheus' own pod, such as its token, or somebody to whom it connects on the way. */
const FIELDS: readonly string[] = [
  ...["port", "portNumber", "targetPort", "path", "scheme", "params", "interval", "scrapeTimeout", "followRedirects", "enableHttp2"],
  ...["honorLabels", "honorTimestamps", "trackTimestampsStaleness", "filterRunning", "relabelings", "metricRelabelings"],
  ...["basicAuth", "bearerTokenSecret", "authorization", "tlsConfig"],
];

/** Of `tlsConfig`: certificates and keys in Secrets and ConfigMaps of the namespace. */
const TLS_FIELDS: readonly string[] = ["ca", "cert", "keySecret", "insecureSkipVerify", "serverName", "minVersion", "maxVersion"];

/**
 * Checks that Prometheus gives nothing of its own to the targets of others. The platform's Prometheus reads the monitors of every namespace, and sends what `bearerTokenFile`
 * names to whoever wrote the monitor: its own token, which lists pods and nodes of the whole cluster.
 * Source: API reference of the Prometheus operator v0.91, ServiceMonitor and PodMonitor; `arbitraryFSAccessThroughSMs` there (read 2026-11-28).
 */
export const monitorsReadNoFiles: ResourceValidationPolicy = {
  name: "monitors-read-no-files",
  displayName: "Monitors give away nothing of Prometheus",
  description:
    "Checks that ServiceMonitors and PodMonitors that the platform does not register name Secrets of their namespace, and no file of Prometheus' own pod.",
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
  const key = ENDPOINTS.get(kind);
  if (key === undefined) {
    return [];
  }
  const path = `${prefix}spec.${key}`;
  const endpoints = valueAt(read("spec"), key);
  return endpoints === UNKNOWN
    ? [undetermined(path, WHAT)]
    : untypedEntries(endpoints).flatMap((endpoint, index) => {
        const at = `${path}[${index}]`;
        const tls = valueAt(endpoint, "tlsConfig");
        return [...fieldFindings(endpoint, FIELDS, at), ...fieldFindings(tls, TLS_FIELDS, `${at}.tlsConfig`)];
      });
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
