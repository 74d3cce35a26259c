/**
 * A snapshot that can be given away. It is written from what the planner understands, so that nothing else is in it: no annotation, environment, image or
 * status. Names of namespaces, teams, nodes, pods, claims and quotas become numbers, and so do labels that neither Kubernetes, AWS nor NVIDIA define.
 */
import type { ClusterObject, JsonObject } from "../../cluster/objects";
import { objectAt } from "../../cluster/objects";
import type { Node } from "../../dra/allocator";
import type { LabelRequirement, NodeRequirement, NodeSelectorTerm, Pod, PodAffinityTerm, PodVolume } from "../../dra/pods";
import { volumeClaimName } from "../../dra/pods/volumes";
import type { ResourceSlice } from "../../dra/types";
import type { PersistentVolume, VolumeClaim, VolumeClaimSpec } from "../../dra/volumes/types";
import { NAMESPACE_NAME_LABEL, TEAM_LABEL } from "../../well-known/labels";
import { EBS_PROVISIONERS, NO_PROVISIONER } from "../../well-known/storage";
import type { BoundPod, Failure, PlannedCluster, WaitingPod } from "../state/cluster";
import { claimObject, templateObject } from "./claim-object";
import type { Gap, Snapshot } from "./snapshot";
import { podObject } from "./pod-object";
import { boundVolumeObject, freeVolumeObject, storageClassObject, volumeClaimObject } from "./volume-objects";

/** The domains of labels and taints that say nothing about people. */
const KNOWN_DOMAINS = ["kubernetes.io", "k8s.io", "k8s.aws", "amazonaws.com", "nvidia.com", "karpenter.sh"] as const;
/** Labels of this project. */
const KNOWN_LABELS: readonly string[] = ["node-role"];

type Names = (sort: string, name: string) => string;

/** The same cluster under other names. Answers about it are the same. */
export function redacted(cluster: PlannedCluster): Snapshot {
  const names = numbering();
  const rules = rulesOf(cluster);
  const { state, claims, bound, pending, limits, teams, failures, kubernetesVersion, gaps } = cluster;
  const namespaced = <T extends { readonly namespace: string | undefined; readonly name: string }>(sort: string, object: T) => ({
    ...object,
    namespace: names("namespace", object.namespace ?? ""),
    name: names(sort, object.name),
  });
  return {
    source: "a saved cluster",
    kubernetesVersion,
    gaps: [...gaps.map(withoutReason), ...unreadable(cluster)],
    objects: {
      Node: state.nodes.map((node) => nodeObject(node, names)),
      Namespace: [...new Set([...teams.keys(), ...(rules.namespaceLabels.size === 0 ? [] : (state.namespaces?.keys() ?? []))])].map(
        (namespace) => namespaceObject(namespace, cluster, rules, names),
      ),
      Pod: [...bound, ...pending].map((pod) => podOf(pod, rules, names)),
      ResourceQuota: limits.filter(({ kind }) => kind === "ResourceQuota").map((quota) => limitObject(quota, names)),
      LimitRange: limits.filter(({ kind }) => kind === "LimitRange").map((range) => limitObject(range, names)),
      Event: failures.map((failure) => eventObject(failure, names)),
      ResourceSlice: state.slices.map((slice) => sliceObject(slice, names)),
      DeviceClass: state.deviceClasses.map(({ name, selectors }) => ({
        apiVersion: "resource.k8s.io/v1",
        kind: "DeviceClass",
        metadata: { name },
        spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
      })),
      ResourceClaim: claims.map(({ claim, madeFor, users }) =>
        claimObject(
          {
            ...namespaced("claim", claim),
            allocation: claim.allocation && {
              devices: claim.allocation.devices.map((device) => ({ ...device, pool: names("node", device.pool) })),
              nodeName: claim.allocation.nodeName && names("node", claim.allocation.nodeName),
            },
          },
          madeFor && names("pod", madeFor),
          users.map((user) => names("pod", user)),
        ),
      ),
      ResourceClaimTemplate: state.templates.map((template) => templateObject(namespaced("template", template))),
      ...volumeObjects(cluster, rules, names),
    },
  };
}

/** Claims, volumes and classes of volumes; none where they are unknown, which is a gap. */
function volumeObjects({ state: { volumes } }: PlannedCluster, rules: Rules, names: Names) {
  const classes = volumes?.storageClasses ?? [];
  const claims = (volumes?.claims ?? []).map((claim) => renamedVolumeClaim(claim, rules, names));
  return {
    PersistentVolumeClaim: claims.map(volumeClaimObject),
    PersistentVolume: [
      ...claims.flatMap((claim) => (claim.state.type === "bound" ? [boundVolumeObject(claim.state.volume, claim)] : [])),
      ...(volumes?.classesOfVolumes ?? []).map((name, index) => freeVolumeObject(`free-${String(index + 1)}`, className(name, names))),
    ],
    StorageClass: classes.map(({ name, provisioner, bindingMode, allowedTopologies }) =>
      storageClassObject(
        {
          name: className(name, names),
          provisioner: KNOWN_PROVISIONERS.includes(provisioner) ? provisioner : names("provisioner", provisioner),
          bindingMode,
          allowedTopologies: allowedTopologies.map((term) =>
            term.map(({ key, values }) => ({ key: labelKey(key, names), values: values.map((value) => labelValue(key, value, names)) })),
          ),
        },
        name === volumes?.defaultStorageClass,
      ),
    ),
  };
}

/** Those by which the model tells classes apart. */
const KNOWN_PROVISIONERS: readonly string[] = [...EBS_PROVISIONERS, NO_PROVISIONER];

/** An empty name stands for no class. */
function className(name: string, names: Names): string {
  return name === "" ? "" : names("class", name);
}

function renamedVolumeClaim({ namespace, name, spec, state, madeFor }: VolumeClaim, rules: Rules, names: Names): VolumeClaim {
  return {
    namespace: names("namespace", namespace),
    name: renamedClaimName(`${namespace}/${name}`, rules, names),
    spec: renamedVolumeClaimSpec(spec, names),
    state:
      state.type === "bound"
        ? { type: "bound", volume: renamedVolume(state.volume, names) }
        : state.type === "lost"
          ? { type: "lost", volume: names("persistent-volume", state.volume) }
          : state,
    madeFor: madeFor && names("pod", madeFor),
  };
}

function renamedVolumeClaimSpec(spec: VolumeClaimSpec, names: Names): VolumeClaimSpec {
  const { storageClassName, volumeName } = spec;
  return {
    ...spec,
    storageClassName: storageClassName === undefined ? undefined : className(storageClassName, names),
    volumeName: volumeName && names("persistent-volume", volumeName),
  };
}

function renamedVolume(volume: PersistentVolume, names: Names): PersistentVolume {
  return {
    ...volume,
    name: names("persistent-volume", volume.name),
    nodeAffinity: volume.nodeAffinity?.map((term) => renamedTermOfNodes(term, names)),
  };
}

/** The same number for the same name, sort by sort. */
function numbering(): Names {
  const sorts = new Map<string, Map<string, string>>();
  return (sort, name) => {
    const known = sorts.get(sort) ?? new Map<string, string>();
    sorts.set(sort, known);
    const number = known.get(name) ?? `${sort}-${String(known.size + 1)}`;
    known.set(name, number);
    return number;
  };
}

/** A reason names the user who may not read. */
function withoutReason({ kind }: Gap): Gap {
  return { kind, reason: "it could not be read" };
}

/** What the planner did not understand is not in the file. */
function unreadable({ doubts }: PlannedCluster): readonly Gap[] {
  const kinds = new Set(doubts.flatMap(({ kind }) => kind ?? []));
  return [...kinds].map((kind) => ({ kind, reason: "the planner could not read all of them" }));
}

function isKnown(key: string): boolean {
  const [domain = ""] = key.includes("/") ? key.split("/") : [""];
  return KNOWN_LABELS.includes(key) || KNOWN_DOMAINS.some((known) => domain === known || domain.endsWith(`.${known}`));
}

function labelKey(key: string, names: Names): string {
  return isKnown(key) ? key : names("label", key);
}

/** A value of a known label can be the name of its node. */
function labelValue(key: string, value: string, names: Names): string {
  const isName = key === "kubernetes.io/hostname" || key.endsWith("/nodegroup");
  return isName ? names(key.endsWith("/nodegroup") ? "pool" : "node", value) : isKnown(key) ? value : names("value", value);
}

function labels(all: Readonly<Record<string, string>>, names: Names): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [labelKey(key, names), labelValue(key, value, names)]));
}

function nodeObject({ metadata, spec, status }: Node, names: Names): JsonObject {
  const taints = (spec?.taints ?? []).map(({ key, value, effect }) => ({
    key: labelKey(key, names),
    ...(value === undefined ? {} : { value: labelValue(key, value, names) }),
    effect,
  }));
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: names("node", metadata.name), labels: labels(metadata.labels ?? {}, names) },
    spec: { ...(taints.length === 0 ? {} : { taints }), ...(spec?.unschedulable === true ? { unschedulable: true } : {}) },
    status: { allocatable: status.allocatable },
  };
}

function sliceObject({ metadata, spec }: ResourceSlice, names: Names): JsonObject {
  const { driver, nodeName, pool, devices } = spec;
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    metadata: { name: names("slice", metadata.name) },
    spec: { driver, nodeName: names("node", nodeName), pool: { ...pool, name: names("node", pool.name) }, devices },
  };
}

/** What of a pod decides something because of other objects. */
interface Rules {
  /** Keys of labels that rules between pods name. */
  readonly podLabels: ReadonlySet<string>;
  readonly namespaceLabels: ReadonlySet<string>;
  /** By the claim behind it, as `namespace/name`. */
  readonly ephemeralVolumes: ReadonlyMap<string, { readonly pod: string; readonly volume: EphemeralVolume }>;
}

type EphemeralVolume = Extract<PodVolume, { readonly type: "ephemeral" }>;

function rulesOf({ bound, pending }: PlannedCluster): Rules {
  const terms = [...bound, ...pending].flatMap(({ pod }) => [...pod.podAffinity, ...pod.podAntiAffinity]);
  const spreads = [...bound, ...pending].flatMap(({ pod }) => pod.spread);
  const keysOf = (requirements: readonly LabelRequirement[] = []) => requirements.map(({ key }) => key);
  return {
    podLabels: new Set([
      ...terms.flatMap((term) => [...keysOf(term.labelSelector), ...term.matchLabelKeys, ...term.mismatchLabelKeys]),
      ...spreads.flatMap(({ labelSelector, matchLabelKeys }) => [...keysOf(labelSelector), ...matchLabelKeys]),
    ]),
    ephemeralVolumes: new Map(
      [...bound, ...pending].flatMap(({ pod: { namespace, name, volumes } }) =>
        volumes.flatMap((volume) =>
          volume.type === "ephemeral" ? [[`${namespace}/${volumeClaimName(name, volume)}`, { pod: name, volume }] as const] : [],
        ),
      ),
    ),
    namespaceLabels: new Set(terms.flatMap(({ namespaceSelector }) => keysOf(namespaceSelector))),
  };
}

function namespaceObject(namespace: string, { teams, state }: PlannedCluster, { namespaceLabels }: Rules, names: Names): JsonObject {
  const team = teams.get(namespace);
  const decisive = Object.entries(state.namespaces?.get(namespace) ?? {}).filter(([key]) => namespaceLabels.has(key));
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: names("namespace", namespace),
      labels: {
        ...Object.fromEntries(decisive.map(([key, value]) => [ruleKey(key, names), ruleValue(key, value, names)])),
        ...(team === undefined ? {} : { [TEAM_LABEL]: names("team", team) }),
      },
    },
  };
}

/** A label of pods or namespaces, of which rules between pods compare no more than whether it is the same. */
function ruleKey(key: string, names: Names): string {
  return key === NAMESPACE_NAME_LABEL || key === TEAM_LABEL ? key : names("label", key);
}

function ruleValue(key: string, value: string, names: Names): string {
  return key === NAMESPACE_NAME_LABEL ? names("namespace", value) : names(key === TEAM_LABEL ? "team" : "value", value);
}

function renamedSelector(requirements: readonly LabelRequirement[] | undefined, names: Names) {
  return requirements?.map(({ key, operator, values }) => ({
    key: ruleKey(key, names),
    operator,
    values: values.map((value) => ruleValue(key, value, names)),
  }));
}

function renamedTerm(term: PodAffinityTerm, names: Names): PodAffinityTerm {
  return {
    ...term,
    labelSelector: renamedSelector(term.labelSelector, names),
    matchLabelKeys: term.matchLabelKeys.map((key) => ruleKey(key, names)),
    mismatchLabelKeys: term.mismatchLabelKeys.map((key) => ruleKey(key, names)),
    namespaces: term.namespaces.map((namespace) => names("namespace", namespace)),
    namespaceSelector: renamedSelector(term.namespaceSelector, names),
    topologyKey: labelKey(term.topologyKey, names),
  };
}

function podOf(state: BoundPod | WaitingPod, rules: Rules, names: Names): JsonObject {
  const { pod, limits } = state;
  const nodeName = "nodeName" in state ? names("node", state.nodeName) : undefined;
  const condition =
    "condition" in state && state.condition !== undefined ? { reason: state.condition.reason, message: "not saved" } : undefined;
  const isEnding = "isEnding" in state && state.isEnding;
  return podObject({ pod: renamedPod(pod, rules, names), limits, nodeName, isEnding, condition });
}

function renamedPod(pod: Pod, rules: Rules, names: Names): Pod {
  const decisive = Object.entries(pod.labels).filter(([key]) => rules.podLabels.has(key));
  return {
    ...pod,
    name: names("pod", pod.name),
    namespace: names("namespace", pod.namespace),
    nodeName: pod.nodeName && names("node", pod.nodeName),
    labels: Object.fromEntries(decisive.map(([key, value]) => [ruleKey(key, names), ruleValue(key, value, names)])),
    podAffinity: pod.podAffinity.map((term) => renamedTerm(term, names)),
    podAntiAffinity: pod.podAntiAffinity.map((term) => renamedTerm(term, names)),
    spread: pod.spread.map((constraint) => ({
      ...constraint,
      labelSelector: renamedSelector(constraint.labelSelector, names),
      matchLabelKeys: constraint.matchLabelKeys.map((key) => ruleKey(key, names)),
      topologyKey: labelKey(constraint.topologyKey, names),
    })),
    volumes: pod.volumes.map((volume) => renamedPodVolume(pod, volume, rules, names)),
    nodeSelector: labels(pod.nodeSelector, names),
    nodeAffinity: pod.nodeAffinity?.map((term) => renamedTermOfNodes(term, names)),
    tolerations: pod.tolerations.map((toleration) => ({
      ...toleration,
      key: toleration.key && labelKey(toleration.key, names),
      value:
        toleration.value === "" || toleration.key === undefined ? toleration.value : labelValue(toleration.key, toleration.value, names),
    })),
    schedulingGates: pod.schedulingGates.map((gate) => names("gate", gate)),
    claims: pod.claims.map(({ name, source }) => ({
      name: names("entry", name),
      source:
        source.type === "claim"
          ? { type: "claim", claimName: names("claim", source.claimName) }
          : { type: "template", templateName: names("template", source.templateName) },
    })),
    uses: pod.uses.map((use) => ({ ...use, claim: names("entry", use.claim) })),
  };
}

function renamedPodVolume({ namespace }: Pod, volume: PodVolume, rules: Rules, names: Names): PodVolume {
  return volume.type === "claim"
    ? { ...volume, claimName: renamedClaimName(`${namespace}/${volume.claimName}`, rules, names), made: undefined }
    : { ...volume, name: names("entry", volume.name), spec: renamedVolumeClaimSpec(volume.spec, names) };
}

/** The claim of an ephemeral volume is called after the pod and the volume. @param claim `namespace/name` */
function renamedClaimName(claim: string, { ephemeralVolumes }: Rules, names: Names): string {
  const volume = ephemeralVolumes.get(claim);
  return volume === undefined
    ? names("volume", claim)
    : volumeClaimName(names("pod", volume.pod), { ...volume.volume, name: names("entry", volume.volume.name) });
}

function renamedTermOfNodes({ matchExpressions, matchFields }: NodeSelectorTerm, names: Names): NodeSelectorTerm {
  return {
    matchExpressions: matchExpressions.map((requirement) => renamedRequirement(requirement, names)),
    matchFields: matchFields.map((requirement) => ({ ...requirement, values: requirement.values.map((value) => names("node", value)) })),
  };
}

function renamedRequirement({ key, operator, values }: NodeRequirement, names: Names): NodeRequirement {
  const isNumber = operator === "Gt" || operator === "Lt";
  return { key: labelKey(key, names), operator, values: isNumber ? values : values.map((value) => labelValue(key, value, names)) };
}

/** Amounts only: quotas and ranges have nothing else that counts. */
function limitObject({ apiVersion, kind, namespace, name, body }: ClusterObject, names: Names): JsonObject {
  const spec = objectAt(body, "spec");
  const kept = kind === "ResourceQuota" ? ["hard", "scopes", "scopeSelector"] : ["limits"];
  const used = objectAt(body, "status", "used");
  return {
    ...{ apiVersion, kind },
    metadata: { name: names("quota", name), namespace: names("namespace", namespace) },
    spec: Object.fromEntries(Object.entries(spec).filter(([key]) => kept.includes(key))),
    ...(Object.keys(used).length === 0 ? {} : { status: { used } }),
  };
}

/** What a quota refused, in the API server's words but without names. */
function eventObject({ namespace, subject, reason, message }: Failure, names: Names): JsonObject {
  const [kind = "", name = ""] = subject.split(" ");
  const amounts = /exceeded quota: (?:[^,]+, )?(requested: [^\s]+, used: [^\s]+, limited: [^\s]+)/.exec(message)?.[1];
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: names("event", `${namespace} ${subject} ${message}`), namespace: names("namespace", namespace) },
    involvedObject: { kind, name: names(kind === "Pod" ? "pod" : "owner", name), namespace: names("namespace", namespace) },
    reason,
    message: amounts === undefined ? "not saved" : `exceeded quota: ${amounts}`,
  };
}
