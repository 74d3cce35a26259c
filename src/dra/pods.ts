/** Pods, reduced to what decides where they run: the claims they use, and what they ask of a node. */
import { Fields, isObject, problem, readLeniently } from "./manifest/fields";
import { dnsLabelFault, dnsSubdomainFault } from "./manifest/names";
import type { ResourceAmounts } from "./manifest/resources";
import { readLabels } from "./pods/labels";
import type { NodeSelectorTerm, NodeToleration } from "./pods/placement-rules";
import { readNodeAffinity, readTolerations, unmodelledRules } from "./pods/placement-rules";
import type { LabelRequirement, PodAffinityTerm } from "./pods/pod-affinity";
import { readPodAffinity } from "./pods/pod-affinity";
import { podRequests } from "./pods/requests";
import type { PodScoring } from "./pods/scoring";
import { NOTHING_PREFERRED, readScoring } from "./pods/scoring";
import type { RequiredSpread } from "./pods/spread";
import { readRequiredSpread, unknownSpreads } from "./pods/spread";
import type { PodVolume } from "./pods/volumes";
import { readPodVolumes } from "./pods/volumes";

export { readLabels } from "./pods/labels";
export type { ResourceAmounts } from "./manifest/resources";
export type { NodeRequirement, NodeSelectorTerm, NodeToleration } from "./pods/placement-rules";
export type { LabelRequirement, PodAffinityTerm } from "./pods/pod-affinity";
export type { RequiredSpread } from "./pods/spread";
export type { PodVolume } from "./pods/volumes";

/** An entry of a pod's `spec.resourceClaims`. */
export interface PodClaim {
  /** The name by which the pod's containers call it. */
  readonly name: string;
  readonly source:
    /** A ResourceClaim of the pod's namespace, shared by all pods that name it. */
    | { readonly type: "claim"; readonly claimName: string }
    /** A ResourceClaimTemplate of the pod's namespace, from which the pod gets a claim of its own. */
    | { readonly type: "template"; readonly templateName: string };
}

/** A container's use of one of its pod's claims (`resources.claims[]`). */
export interface ContainerClaim {
  readonly container: string;
  /** `PodClaim.name`. */
  readonly claim: string;
  /** The one request of the claim whose devices the container sees; undefined: all of them. */
  readonly request: string | undefined;
}

export interface PodClaims {
  readonly claims: readonly PodClaim[];
  readonly uses: readonly ContainerClaim[];
}

export interface Pod extends PodClaims {
  readonly name: string;
  /** `default` where the manifest has none. */
  readonly namespace: string;
  /** By which other pods' rules find it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it may have labels besides: an operator makes it, and gives its pods labels of its own. */
  readonly mayHaveOtherLabels: boolean;
  /** The one node that the pod may run on; undefined: any. */
  readonly nodeName: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Required node affinity: one of the terms has to match; undefined: none is required. */
  readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
  /** Pods that have to be in the same place. */
  readonly podAffinity: readonly PodAffinityTerm[];
  /** Pods that must not be in the same place. */
  readonly podAntiAffinity: readonly PodAffinityTerm[];
  /** How evenly pods like it have to be spread. */
  readonly spread: readonly RequiredSpread[];
  /** The volumes that tie it to nodes. */
  readonly volumes: readonly PodVolume[];
  readonly tolerations: readonly NodeToleration[];
  readonly requests: ResourceAmounts;
  /** What it prefers among nodes that fit. */
  readonly scoring: PodScoring;
  /** What the ReplicaSet, StatefulSet or ReplicationController that has made it selects: empty where none has, undefined where that is unknown. */
  readonly ownerSelector: readonly LabelRequirement[] | undefined;
  /** Names of scheduling gates; while there is one the pod is not scheduled. */
  readonly schedulingGates: readonly string[];
  /** Paths of rules that kube-scheduler obeys and this model leaves out (host ports). */
  readonly unmodelled: readonly string[];
}

/** Whether a pod that finds no place may find one once others run: it wants to be near them, or as evenly spread as they. */
export function waitsForOthers({ podAffinity, spread }: Pod): boolean {
  return podAffinity.length + spread.length > 0;
}

/** Whether it goes by other pods where it runs, and so by labels: theirs and its own. */
export function hasRulesAboutPods(pod: Pod): boolean {
  return waitsForOthers(pod) || pod.podAntiAffinity.length > 0;
}

/** A pod that asks for nothing and can run on every node. */
export function barePod(name: string, namespace: string): Pod {
  return {
    name,
    namespace,
    claims: [],
    uses: [],
    labels: {},
    mayHaveOtherLabels: false,
    nodeName: undefined,
    nodeSelector: {},
    nodeAffinity: undefined,
    podAffinity: [],
    podAntiAffinity: [],
    spread: [],
    volumes: [],
    tolerations: [],
    requests: {},
    scoring: NOTHING_PREFERRED,
    ownerSelector: [],
    schedulingGates: [],
    unmodelled: [],
  };
}

export type PodReading = { readonly type: "pod"; readonly pod: Pod } | { readonly type: "invalid"; readonly problems: readonly string[] };
export type PodClaimsReading =
  ({ readonly type: "claims" } & PodClaims) | { readonly type: "invalid"; readonly problems: readonly string[] };

/**
 * Reads a Pod of `v1`. Checked strictly is what concerns claims, with the rules of the API server; of the rest of a pod only
 * what decides where it may run is read.
 *
 * @param manifest a parsed YAML or JSON document
 */
export function readPod(manifest: unknown): PodReading {
  if (!isObject(manifest) || manifest["apiVersion"] !== "v1" || manifest["kind"] !== "Pod") {
    return { type: "invalid", problems: [problem("kind", undefined, "must be Pod of v1")] };
  }
  const metadata = isObject(manifest["metadata"]) ? manifest["metadata"] : {};
  return readPodSpec(manifest["spec"], {
    name: String(metadata["name"] ?? metadata["generateName"] ?? ""),
    namespace: String(metadata["namespace"] ?? "default"),
    labels: readLabels(metadata["labels"]),
  });
}

/**
 * Reads the `spec` of a pod, or that of the template of a Deployment, Job and so on, as one pod of this name.
 *
 * @param path where the spec stands, for problems; by default `spec`
 */
export function readPodSpec(
  spec: unknown,
  {
    name,
    namespace,
    path = "spec",
    labels = {},
  }: {
    readonly name: string;
    readonly namespace: string;
    readonly path?: string;
    readonly labels?: Readonly<Record<string, string>>;
  },
): PodReading {
  const problems: string[] = [];
  const fields = readLeniently(spec, path, problems);
  if (fields === undefined) {
    return { type: "invalid", problems };
  }
  const pod: Pod = {
    name,
    namespace,
    labels,
    mayHaveOtherLabels: false,
    ...readClaims(fields),
    nodeName: fields.string("nodeName") || undefined,
    nodeSelector: fields.stringMap("nodeSelector"),
    nodeAffinity: readNodeAffinity(fields),
    podAffinity: readPodAffinity(fields, "podAffinity"),
    podAntiAffinity: readPodAffinity(fields, "podAntiAffinity"),
    spread: readRequiredSpread(fields),
    volumes: readPodVolumes(fields),
    tolerations: readTolerations(fields),
    requests: podRequests(fields),
    scoring: readScoring(spec),
    ownerSelector: [],
    schedulingGates: fields.list("schedulingGates").map((gate) => (isObject(gate) ? String(gate["name"]) : String(gate))),
    unmodelled: [...unknownSpreads(fields), ...unmodelledRules(fields)],
  };
  return problems.length === 0 ? { type: "pod", pod } : { type: "invalid", problems };
}

/** What a pod's `spec` (or that of a pod template) says of claims, and nothing else of it. */
export function podClaims(podSpec: unknown, path = "spec"): PodClaimsReading {
  const problems: string[] = [];
  const fields = readLeniently(podSpec, path, problems);
  const claims = fields && readClaims(fields);
  return claims !== undefined && problems.length === 0 ? { type: "claims", ...claims } : { type: "invalid", problems };
}

/** Source: `validatePodResourceClaims` and `validateResourceClaimNames` of Kubernetes, `pkg/apis/core/validation`. */
function readClaims(spec: Fields): PodClaims {
  const claims = spec.list("resourceClaims").flatMap((item, index): PodClaim[] => {
    const fields = Fields.read(
      item,
      `${spec.path("resourceClaims")}[${String(index)}]`,
      ["name", "resourceClaimName", "resourceClaimTemplateName"],
      spec.problems,
    );
    return fields === undefined ? [] : [readPodClaim(fields)];
  });
  claims.forEach(({ name }, index) => {
    if (claims.findIndex((other) => other.name === name) < index) {
      spec.problems.push(problem(`${spec.path("resourceClaims")}[${String(index)}].name`, name, "duplicate"));
    }
  });
  const names = new Set(claims.map(({ name }) => name));
  const uses = ["initContainers", "containers"].flatMap((key) =>
    spec.list(key).flatMap((container, index) => readUses(container, `${spec.path(key)}[${String(index)}]`, names, spec.problems)),
  );
  return { claims, uses };
}

function readPodClaim(fields: Fields): PodClaim {
  const name = fields.string("name") ?? "";
  const fault = name === "" ? "required" : dnsLabelFault(name);
  if (fault !== undefined) {
    fields.refuse("name", fault);
  }
  const [claimName, templateName] = [fields.string("resourceClaimName"), fields.string("resourceClaimTemplateName")];
  if ((claimName === undefined) === (templateName === undefined)) {
    fields.problems.push(
      problem(fields.path("name"), name, 'exactly one of "resourceClaimName" and "resourceClaimTemplateName" is required'),
    );
  }
  const key = claimName === undefined ? "resourceClaimTemplateName" : "resourceClaimName";
  const sourceName = claimName ?? templateName ?? "";
  const sourceFault = dnsSubdomainFault(sourceName);
  if (fields.isSet(key) && sourceFault !== undefined) {
    fields.refuse(key, sourceFault);
  }
  return {
    name,
    source: claimName === undefined ? { type: "template", templateName: sourceName } : { type: "claim", claimName: sourceName },
  };
}

function readUses(container: unknown, path: string, claimNames: ReadonlySet<string>, problems: string[]): readonly ContainerClaim[] {
  const fields = readLeniently(container, path, problems);
  const resources = fields && Fields.read(fields.value("resources"), fields.path("resources"), ["limits", "requests", "claims"], problems);
  const uses = (resources?.list("claims") ?? []).flatMap((item, index): ContainerClaim[] => {
    const use = Fields.read(item, `${path}.resources.claims[${String(index)}]`, ["name", "request"], problems);
    if (use === undefined) {
      return [];
    }
    const claim = use.string("name") ?? "";
    const request = use.string("request") || undefined;
    if (!claimNames.has(claim)) {
      use.refuse(
        "name",
        `must be one of the pod's resourceClaims${claimNames.size > 0 ? `: ${[...claimNames].join(", ")}` : ", and there are none"}`,
      );
    }
    const requestFault = request === undefined ? undefined : dnsLabelFault(request);
    if (requestFault !== undefined) {
      use.refuse("request", requestFault);
    }
    return [{ container: fields?.string("name") ?? "", claim, request }];
  });
  uses.forEach(({ claim, request }, index) => {
    const overlaps = uses
      .slice(0, index)
      .some((other) => other.claim === claim && (!other.request || !request || other.request === request));
    if (overlaps) {
      problems.push(problem(`${path}.resources.claims[${String(index)}]`, claim, "the container already uses this request of the claim"));
    }
  });
  return uses;
}
