import type { ResourceValidationPolicy } from "@pulumi/policy";
import { valueAt } from "../../src/json/value-at";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { UNKNOWN, asRecord, show, unknownPath, untypedEntries } from "../evaluation/snapshot";
import type { KubernetesObject } from "../resources/objects";
import { namespaceOf, objectsOfOthers } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";

/** A part of a monitor that decides whom Prometheus asks. */
interface Part {
  readonly path: string;
  readonly value: unknown;
}

/** Where each kind has the parts that decide whom Prometheus asks. `[]` is every entry of a list. */
const PLACES = {
  namespaces: ["namespaceSelector", "targets.ingress.namespaceSelector"],
  relabelings: [
    ...["endpoints[].relabelings", "podMetricsEndpoints[].relabelings", "relabelings"],
    ...["targets.staticConfig.relabelingConfigs", "targets.ingress.relabelingConfigs"],
  ],
  addresses: ["prober.url", "staticConfigs[].targets"],
  discoveries: ["kubernetesSDConfigs"],
} as const;

const WHAT = "whom Prometheus asks";

/**
 * Checks that Prometheus asks pods and Services of the monitor's own namespace. It can reach every namespace, the nodes and the addresses of AWS, which the network
 * policies close to a team, and whoever reads metrics reads what it got.
 * Sources: API reference of the Prometheus operator v0.91; relabelling and `scrape_config` in the documentation of Prometheus 3 (read 2026-11-28).
 */
export const monitorsStayInNamespace: ResourceValidationPolicy = {
  name: "monitors-stay-in-namespace",
  displayName: "Monitors stay in their namespace",
  description:
    "Checks that ServiceMonitors, PodMonitors, Probes and ScrapeConfigs that the platform does not register lead Prometheus to pods and Services of their own namespace.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "monitoring", "network"],
  remediationSteps:
    "Write a ServiceMonitor or PodMonitor in the namespace of the pods. Ask the owners of the platform for targets elsewhere.",
  configSchema: { properties: PLATFORM_PROJECTS },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      .filter(({ group, kind }) => group === "monitoring.coreos.com" && KINDS.includes(kind))
      .flatMap((object) => monitorFindings(object, resource).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

const KINDS: readonly string[] = ["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"];

function monitorFindings(object: KubernetesObject, resource: Resource): readonly Finding[] {
  const spec: Part = { path: `${object.prefix}spec`, value: object.read("spec") };
  if (spec.value === UNKNOWN) {
    return [undetermined(spec.path, WHAT)];
  }
  const namespace = namespaceOf(object, resource);
  const at = (places: readonly string[]) => places.flatMap((place) => partsAt(spec, place));
  return [
    ...at(PLACES.namespaces).flatMap((part) => selectorFindings(part, namespace)),
    ...at(PLACES.relabelings).flatMap(relabelingFindings),
    ...at(PLACES.addresses).flatMap((part) => addressFindings(part, namespace)),
    ...at(PLACES.discoveries).flatMap((part) => discoveryFindings(part, namespace)),
  ];
}

/** What is at a place, if something is. */
function partsAt({ path, value }: Part, place: string): readonly Part[] {
  const [key = "", ...rest] = place.split(".");
  const name = key.replace("[]", "");
  const child = valueAt(value, name);
  if (child === undefined || child === null) {
    return [];
  }
  const parts: readonly Part[] =
    key === name || child === UNKNOWN
      ? [{ path: `${path}.${name}`, value: child }]
      : untypedEntries(child).map((entry, index) => ({ path: `${path}.${name}[${index}]`, value: entry }));
  return rest.length === 0 ? parts : parts.flatMap((part) => (part.value === UNKNOWN ? [part] : partsAt(part, rest.join("."))));
}

type Namespace = string | typeof UNKNOWN;

function selectorFindings({ path, value }: Part, namespace: Namespace): readonly Finding[] {
  const { any, matchNames } = asRecord(value);
  if (any === true) {
    return [`"${path}.any" leads Prometheus into every namespace. Remove it`];
  }
  const unknown = unknownPath(value, path);
  return unknown === undefined ? nameFindings({ path: `${path}.matchNames`, value: matchNames }, namespace) : [undetermined(unknown, WHAT)];
}

/** Names of namespaces, of which only the monitor's own is allowed. */
function nameFindings({ path, value }: Part, namespace: Namespace): readonly Finding[] {
  const names = untypedEntries(value);
  if (names.length > 0 && namespace === UNKNOWN) {
    return [undetermined("metadata.namespace", WHAT)];
  }
  return names.every((name) => name === namespace)
    ? []
    : [`"${path}" is ${show(value)}, which leads Prometheus into other namespaces. Write the monitor in the namespace of what it asks`];
}

/** What Prometheus does with labels of a target without making another target of it. */
const READING: readonly string[] = ["keep", "drop", "keepequal", "dropequal", "labeldrop", "labelkeep"];
const WRITING: readonly string[] = ["replace", "hashmod", "lowercase", "uppercase"];

/** Labels that decide nothing about the address. A name that is computed can be any. */
const LABEL = /^(?:__tmp\w*|__param_\w+|__metrics_path__|__scheme__|(?!__)[A-Za-z_]\w*)$/;

/** The label that each label of an object becomes. Names of those begin with a letter or a digit. */
const LABELS_OF_OBJECTS =
  /^__meta_kubernetes_(?:pod|service|node|namespace|endpoints|endpointslice|ingress)_(?:label|annotation)_\(\.[+*]\)$/;

function relabelingFindings({ path, value }: Part): readonly Finding[] {
  const unknown = unknownPath(value, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, WHAT)];
  }
  return untypedEntries(value).flatMap((entry, index) => {
    const { action = "replace", targetLabel, regex, replacement = "$1" } = asRecord(entry);
    const kind = String(action).toLowerCase();
    const isKept =
      READING.includes(kind) ||
      (WRITING.includes(kind) && typeof targetLabel === "string" && LABEL.test(targetLabel)) ||
      (kind === "labelmap" && replacement === "$1" && typeof regex === "string" && LABELS_OF_OBJECTS.test(regex));
    return isKept
      ? []
      : [
          `"${path}[${index}]" can write the address that Prometheus asks. Name a target label that does not begin with "__", or map labels with the regex "__meta_kubernetes_pod_label_(.+)"`,
        ];
  });
}

/** Addresses as text: those of Services and of pods behind them, by the namespace in their names. */
function addressFindings({ path, value }: Part, namespace: Namespace): readonly Finding[] {
  const unknown = unknownPath(value, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, WHAT)];
  }
  if (namespace === UNKNOWN) {
    return [undetermined("metadata.namespace", WHAT)];
  }
  const addresses = Array.isArray(value) ? untypedEntries(value) : [value];
  return addresses
    .filter((address) => typeof address !== "string" || ADDRESS.exec(address)?.[1] !== namespace)
    .map((address) => `"${path}" has ${show(address)}. Name a Service of the monitor's own namespace, as in "name.${namespace}.svc:8080"`);
}

const ADDRESS = /^(?:https?:\/\/)?(?:[a-z0-9-]+\.)+([a-z0-9-]+)\.svc(?:\.cluster\.local\.?)?(?::\d+)?(?:\/[^@]*)?$/;

function discoveryFindings({ path, value }: Part, namespace: Namespace): readonly Finding[] {
  const unknown = unknownPath(value, path);
  if (unknown !== undefined) {
    return [undetermined(unknown, WHAT)];
  }
  return untypedEntries(value).flatMap((entry, index) => {
    const at = `${path}[${index}]`;
    const names = valueAt(entry, "namespaces", "names");
    const { ownNamespace } = asRecord(valueAt(entry, "namespaces"));
    if (/^node$/i.test(String(valueAt(entry, "role"))) || ownNamespace === true || untypedEntries(names).length === 0) {
      return [
        `"${at}" finds targets beyond the monitor's namespace. Name that namespace in "namespaces.names", and a role other than Node`,
      ];
    }
    return nameFindings({ path: `${at}.namespaces.names`, value: names }, namespace);
  });
}
