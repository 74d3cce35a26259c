/**
 * An observation that can be given away. Every kind has a list of the fields that checks use, and nothing else is kept: no environment, image, annotation, secret or
 * user name. Names of namespaces, nodes, pods and claims stay, because the commands of findings need them.
 */
import type { JsonObject } from "../../cluster/objects";
import { listAt, objectAt } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import { RELAYOUT_ANNOTATION, RELAYOUT_FIELD_MANAGER } from "../../relayout/record";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import type { Declaration } from "../declaration";
import type { ObservedKind } from "./kinds";
import type { Observation } from "./observation";

/** Paths with the index of lists left out. What is below a path is kept with it. */
const KEPT: Readonly<Record<ObservedKind, readonly string[]>> = {
  Node: [
    `metadata.annotations.${RELAYOUT_ANNOTATION}`,
    ...["spec.taints", "spec.unschedulable", "spec.providerID", "status.allocatable", "status.nodeInfo.kubeletVersion"],
    ...["status.conditions.type", "status.conditions.status", "status.conditions.lastTransitionTime"],
  ],
  Namespace: ["spec.finalizers"],
  Pod: [
    ...["spec.nodeName", "spec.resourceClaims", "spec.containers.name", "spec.containers.resources"],
    ...["status.phase", "status.resourceClaimStatuses"],
    ...["type", "status", "reason", "lastTransitionTime"].map((field) => `status.conditions.${field}`),
    ...["name", "ready", "state.running.startedAt", "state.waiting.reason"].map((field) => `status.containerStatuses.${field}`),
  ],
  ResourceQuota: ["spec", "status"],
  LimitRange: ["spec"],
  Event: ["reason", "type", "involvedObject.kind", "involvedObject.name", "involvedObject.namespace"],
  ResourceSlice: ["spec"],
  DeviceClass: ["spec.selectors", "spec.extendedResourceName"],
  ResourceClaim: ["spec.devices.requests", "spec.devices.constraints", "status.allocation.devices.results", "status.reservedFor"],
  ResourceClaimTemplate: ["spec"],
  // The file has no volumes of pods, so nothing is asked about these.
  PersistentVolumeClaim: [],
  PersistentVolume: [],
  StorageClass: [
    "provisioner",
    "parameters",
    "reclaimPolicy",
    "volumeBindingMode",
    "allowVolumeExpansion",
    "mountOptions",
    "allowedTopologies",
  ],
  DaemonSet: ["spec.template.metadata.labels", "spec.template.spec.nodeSelector", "spec.template.spec.tolerations"],
  Job: [
    ...["spec.activeDeadlineSeconds", "spec.template.spec.volumes.configMap.name"],
    ...["status.conditions.type", "status.conditions.status", "status.conditions.lastTransitionTime"],
  ],
  NetworkPolicy: ["spec"],
  Role: ["rules"],
  RoleBinding: ["roleRef", "subjects"],
  ClusterRole: ["rules"],
  ClusterRoleBinding: ["roleRef", "subjects"],
  ValidatingAdmissionPolicy: ["spec"],
  ValidatingAdmissionPolicyBinding: ["spec"],
};

const METADATA: readonly string[] = [
  ...["name", "namespace", "creationTimestamp", "deletionTimestamp", "finalizers"],
  ...["ownerReferences.kind", "ownerReferences.name", "ownerReferences.controller"],
].map((field) => `metadata.${field}`);

/** Of these, objects that the stack does not declare are in no finding. */
const DECLARED_ONLY: readonly ObservedKind[] = [
  ...(["NetworkPolicy", "Role", "ClusterRole", "StorageClass"] as const),
  ...(["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] as const),
];

/** Labels that say nothing about people: those of Kubernetes, AWS and NVIDIA, and those of this project. */
const KNOWN_LABEL =
  /^(([\w-]+\.)*(kubernetes\.io|k8s\.io|k8s\.aws|amazonaws\.com|nvidia\.com)\/.*|shared-gpu\/.*|node-role|app|pod-template-hash|nvidia-dra-driver-gpu-component)$/;

/** Parts of messages that checks look for. */
const KEPT_MESSAGES: readonly RegExp[] = [
  /unresolvable CDI devices/,
  /failed to assign an IP address to container/,
  /exceeded quota: [^,]+,/,
  /Failed to prepare dynamic resources[^"']*/,
  /PersistentVolume's node affinity|volume node affinity/,
];

export function redactedObservation(observation: Observation, { objects: declared }: Declaration): Observation {
  const names = new Set(declared.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  const people = new Map<string, string>();
  const declaredSubjects = new Set(
    declared.flatMap(({ body }) => listAt(body, "subjects").map((subject) => String(valueAt(subject, "name")))),
  );
  const personOf = (name: string) => {
    const number = people.get(name) ?? `person-${String(people.size + 1)}`;
    people.set(name, number);
    return number;
  };
  const objects = Object.fromEntries(
    Object.entries(observation.objects).map(([kind, bodies]) => [
      kind,
      bodies.flatMap((body, index) => {
        const [namespace, name] = [String(valueAt(body, "metadata", "namespace") ?? ""), String(valueAt(body, "metadata", "name"))];
        const isDeclared = names.has(`${kind} ${namespace}/${name}`);
        if (DECLARED_ONLY.some((each) => each === kind) && !isDeclared) {
          return [];
        }
        const kept = redacted(kind as ObservedKind, body);
        const subjects = listAt(kept, "subjects");
        return [
          subjects.length === 0
            ? kept
            : {
                ...kept,
                ...(isDeclared ? {} : { metadata: { ...objectAt(kept, "metadata"), name: `binding-${String(index + 1)}` } }),
                subjects: subjects.map((subject) => {
                  const known = valueAt(subject, "kind") === "ServiceAccount" || declaredSubjects.has(String(valueAt(subject, "name")));
                  return known ? subject : { ...objectAt(subject), name: personOf(String(valueAt(subject, "name"))) };
                }),
              },
        ];
      }),
    ]),
  ) as unknown as Observation["objects"];
  return { ...observation, objects };
}

function redacted(kind: ObservedKind, body: JsonObject): JsonObject {
  const kept = pick(body, [...METADATA, ...KEPT[kind]], "") as JsonObject;
  const labels = Object.fromEntries(Object.entries(objectAt(body, "metadata", "labels")).filter(([key]) => KNOWN_LABEL.test(key)));
  const owners = listAt(body, "metadata", "managedFields").flatMap((entry) => ownership(entry) ?? []);
  return {
    ...{ apiVersion: body["apiVersion"], kind },
    ...kept,
    metadata: {
      ...objectAt(kept, "metadata"),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(owners.length === 0 ? {} : { managedFields: owners }),
    },
    ...(kind === "Event" ? { message: keptMessage(body["message"]) } : {}),
    ...(kind === "Pod" ? { status: withMessages(objectAt(kept, "status"), body) } : {}),
  };
}

function pick(value: unknown, paths: readonly string[], at: string): unknown {
  if (paths.includes(at)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => pick(item, paths, at) ?? {});
  }
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return paths.some((each) => each === path || each.startsWith(`${path}.`)) ? [[key, pick(item, paths, path)] as const] : [];
  });
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** When MIG Manager's labels and the record of a relayout were set is kept, and of those who did only whether it was a relayout. */
function ownership(entry: unknown): JsonObject | undefined {
  const ownedOf = (kind: string, keys: readonly string[]) => {
    const fields = objectAt(entry, "fieldsV1", "f:metadata", kind);
    const owned = keys.map((key) => `f:${key}`).filter((field) => field in fields);
    return owned.length === 0 ? {} : { [kind]: Object.fromEntries(owned.map((field) => [field, {}])) };
  };
  const owned = { ...ownedOf("f:labels", [MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL]), ...ownedOf("f:annotations", [RELAYOUT_ANNOTATION]) };
  const manager = valueAt(entry, "manager") === RELAYOUT_FIELD_MANAGER ? { manager: RELAYOUT_FIELD_MANAGER } : {};
  return Object.keys(owned).length === 0 ? undefined : { ...manager, time: valueAt(entry, "time"), fieldsV1: { "f:metadata": owned } };
}

function keptMessage(message: unknown): string {
  return KEPT_MESSAGES.map((pattern) => pattern.exec(String(message))?.[0]).find((part) => part !== undefined) ?? "not saved";
}

function withMessages(status: JsonObject, body: JsonObject): JsonObject {
  const messagesOf = (key: string, ...path: readonly string[]) =>
    listAt(body, "status", key).map((each) => keptMessage(valueAt(each, ...path, "message")));
  const [conditions, waiting] = [messagesOf("conditions"), messagesOf("containerStatuses", "state", "waiting")];
  return {
    ...status,
    conditions: listAt(status, "conditions").map((each, index) => ({ ...objectAt(each), message: conditions[index] })),
    containerStatuses: listAt(status, "containerStatuses").map((each, index) => {
      const state = objectAt(each, "state");
      return "waiting" in state
        ? { ...objectAt(each), state: { waiting: { ...objectAt(state, "waiting"), message: waiting[index] } } }
        : objectAt(each);
    }),
  };
}
