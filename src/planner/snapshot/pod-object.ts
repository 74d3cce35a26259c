/** A pod as an object of the API that has nothing but what decides where it runs and what it counts. */
import type { JsonObject } from "../../cluster/objects";
import type { Pod, PodAffinityTerm, PodClaim, PodVolume, RequiredSpread, ResourceAmounts } from "../../dra/pods";
import { volumeClaimSpecObject } from "./volume-objects";

export interface PodState {
  readonly pod: Pod;
  readonly limits: ResourceAmounts;
  /** Undefined: it is pending. */
  readonly nodeName: string | undefined;
  /** It is being deleted. @default false */
  readonly isEnding?: boolean | undefined;
  /** Claims made for it, by their names in the pod. */
  readonly made?: Readonly<Record<string, string>>;
  readonly condition?: { readonly reason: string; readonly message: string } | undefined;
}

export function podObject({ pod, limits, nodeName, isEnding = false, made = {}, condition }: PodState): JsonObject {
  const { name, namespace, labels, nodeSelector, nodeAffinity, tolerations, schedulingGates, requests, claims, uses, unmodelled } = pod;
  const affinity = {
    ...(nodeAffinity === undefined
      ? {}
      : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: nodeAffinity } } }),
    ...ruleAbout("podAffinity", pod.podAffinity),
    ...ruleAbout("podAntiAffinity", pod.podAntiAffinity),
  };
  const bound = nodeName ?? pod.nodeName;
  const spread = [
    ...pod.spread.map(spreadEntry),
    ...(unmodelled.some((path) => path.includes("topologySpreadConstraints")) ? [{ whenUnsatisfiable: "DoNotSchedule" }] : []),
  ];
  const volumes = [
    ...pod.volumes.map(volumeEntry),
    ...(unmodelled.some((path) => path.includes(".volumes[")) ? [{ name: "exclusive", iscsi: {} }] : []),
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name, namespace },
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      // Nothing asks when.
      ...(isEnding ? { deletionTimestamp: "1970-01-01T00:00:00Z" } : {}),
    },
    spec: {
      ...(bound === undefined ? {} : { nodeName: bound }),
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      ...(Object.keys(affinity).length === 0 ? {} : { affinity }),
      ...(tolerations.length === 0 ? {} : { tolerations: tolerations.map(withoutEmpty) }),
      ...(schedulingGates.length === 0 ? {} : { schedulingGates: schedulingGates.map((gate) => ({ name: gate })) }),
      ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
      ...(volumes.length === 0 ? {} : { volumes }),
      containers: [
        {
          name: "main",
          ...(unmodelled.some((path) => /ontainers\[/.test(path)) ? { ports: [{ hostPort: 1 }] } : {}),
          resources: {
            ...amounts("requests", requests),
            ...amounts("limits", limits),
            // Which container uses a claim decides nothing about its place.
            ...(uses.length === 0 ? {} : { claims: [...new Set(uses.map(({ claim }) => claim))].map((claim) => ({ name: claim })) }),
          },
        },
      ],
      ...(claims.length === 0 ? {} : { resourceClaims: claims.map(claimEntry) }),
    },
    status: {
      ...(Object.keys(made).length === 0
        ? {}
        : { resourceClaimStatuses: Object.entries(made).map(([entry, resourceClaimName]) => ({ name: entry, resourceClaimName })) }),
      ...(condition === undefined ? {} : { conditions: [{ type: "PodScheduled", status: "False", ...condition }] }),
    },
  };
}

function ruleAbout(kind: "podAffinity" | "podAntiAffinity", terms: readonly PodAffinityTerm[]): JsonObject {
  return terms.length === 0 ? {} : { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms.map(termObject) } };
}

function termObject({ labelSelector, matchLabelKeys, mismatchLabelKeys, namespaces, namespaceSelector, topologyKey }: PodAffinityTerm) {
  return {
    topologyKey,
    ...(labelSelector === undefined ? {} : { labelSelector: { matchExpressions: labelSelector } }),
    ...(matchLabelKeys.length === 0 ? {} : { matchLabelKeys }),
    ...(mismatchLabelKeys.length === 0 ? {} : { mismatchLabelKeys }),
    ...(namespaces.length === 0 ? {} : { namespaces }),
    ...(namespaceSelector === undefined ? {} : { namespaceSelector: { matchExpressions: namespaceSelector } }),
  };
}

function spreadEntry({ maxSkew, topologyKey, labelSelector, matchLabelKeys, minDomains, honorsAffinity, honorsTaints }: RequiredSpread) {
  return {
    ...{ maxSkew, topologyKey, whenUnsatisfiable: "DoNotSchedule" },
    ...(labelSelector === undefined ? {} : { labelSelector: { matchExpressions: labelSelector } }),
    ...(matchLabelKeys.length === 0 ? {} : { matchLabelKeys }),
    ...(minDomains === 1 ? {} : { minDomains }),
    ...(honorsAffinity ? {} : { nodeAffinityPolicy: "Ignore" }),
    ...(honorsTaints ? { nodeTaintsPolicy: "Honor" } : {}),
  };
}

function volumeEntry(volume: PodVolume, index: number): JsonObject {
  return volume.type === "claim"
    ? { name: `volume-${String(index)}`, persistentVolumeClaim: { claimName: volume.claimName } }
    : { name: volume.name, ephemeral: { volumeClaimTemplate: { spec: volumeClaimSpecObject(volume.spec) } } };
}

function claimEntry({ name, source }: PodClaim): JsonObject {
  return source.type === "claim" ? { name, resourceClaimName: source.claimName } : { name, resourceClaimTemplateName: source.templateName };
}

function amounts(key: "requests" | "limits", of: ResourceAmounts): JsonObject {
  const quantities = Object.entries(of).map(([resource, amount]) => [resource, resource === "cpu" ? `${String(amount)}m` : String(amount)]);
  return quantities.length === 0 ? {} : { [key]: Object.fromEntries(quantities) as JsonObject };
}

function withoutEmpty({ key, operator, value, effect }: Pod["tolerations"][number]): JsonObject {
  return {
    operator,
    ...(key === undefined ? {} : { key }),
    ...(value === "" ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
  };
}
