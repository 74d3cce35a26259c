/** Reads a snapshot. What cannot be read is named, and never passed over. */
import { listAt, objectAt, toObject } from "../../cluster/objects";
import type { ClusterObject, JsonObject } from "../../cluster/objects";
import type { ClusterState, Node } from "../../dra/allocator";
import { VENDOR_DEVICE_CLASSES, classOfResource } from "../../dra/device-classes";
import type { DeviceClass } from "../../dra/device-classes";
import { isObject } from "../../dra/manifest/fields";
import { resourceAmounts } from "../../dra/manifest/resources";
import { readLabels } from "../../dra/pods";
import type { Pod } from "../../dra/pods";
import { compileSelector } from "../../dra/selector/selector";
import { TIERS } from "../../dra/tiers";
import { valueAt } from "../../json/value-at";
import { RELEASES, defaultRelease, findRelease } from "../../releases/find";
import type { Release } from "../../releases/types";
import { NAMESPACE_NAME_LABEL, TEAM_LABEL } from "../../well-known/labels";
import { DRA_API_VERSIONS } from "../snapshot/kinds";
import type { Snapshot } from "../snapshot/snapshot";
import { readClaims } from "./claims";
import type { Doubt, Failure, PlannedCluster } from "./cluster";
import { plannedNodes } from "./nodes";
import { isAskedFor } from "./other-drivers";
import { readPods } from "./pods";
import { readSlices } from "./slices";
import { readVolumes } from "./volumes";

/** Everything that a snapshot says, in the terms of the scheduler's model. */
export function readCluster(snapshot: Snapshot): PlannedCluster {
  const { objects, source, gaps, kubernetesVersion } = snapshot;
  const doubts: Doubt[] = [];
  const release = releaseOf(snapshot, doubts);
  const rules = release.kubernetes;
  const { slices, notes: oddPools, unmodelled } = readSlices(objects.ResourceSlice, doubts);
  const notes = [...oddPools];
  const { claims, templates } = readClaims(objects.ResourceClaim, objects.ResourceClaimTemplate, rules, doubts);
  const { bound, pending } = readPods(objects.Pod, doubts);
  const state: ClusterState = {
    nodes: objects.Node.map((body) => readNode(body, doubts)),
    slices,
    deviceClasses: readClasses(objects.DeviceClass, release, doubts),
    claims: claims.map(({ claim }) => claim),
    templates,
    namespaces: snapshot.gaps.some(({ kind }) => kind === "Namespace") ? undefined : new Map(objects.Namespace.map(labelsOfNamespace)),
    // The planner takes the first node that fits, so it asks for no scores.
    services: [],
    volumes: readVolumes(snapshot, notes),
    pods: bound,
  };
  const limits = [...objects.ResourceQuota, ...objects.LimitRange].map(asObject);
  doubts.push(...limits.filter(hasScopes).map(scopeDoubt));
  const pods = pending.map(({ pod }) => pod);
  const [asked, unasked] = partition(unmodelled, ({ devices }) => isAskedFor(devices, pods, state, rules));
  doubts.push(
    ...asked.map(({ subject }): Doubt => ({ kind: "ResourceSlice", could: "take", message: `${subject}, which is not modelled` })),
    ...(rules.featureGates.DRAExtendedResource ? pods.flatMap((pod) => implicitDoubt(pod, state.deviceClasses)) : []),
  );
  return {
    ...{ source, kubernetesVersion, release, gaps, doubts, state, bound, pending, claims, limits },
    notes: [...notes, ...unasked.map(({ subject }) => `${subject}. They are not modelled, and no pending pod asks for one`)],
    nodes: plannedNodes(state.nodes, slices),
    teams: new Map(objects.Namespace.flatMap(teamOf)),
    failures: objects.Event.flatMap(failureOf),
  };
}

function asObject(body: JsonObject): ClusterObject {
  return toObject(body, { type: "manifest", file: "", line: 0 }, "default");
}

/** The release of the cluster's version; for a version that the catalogue does not have the nearest one, which then is a doubt. */
function releaseOf({ kubernetesVersion }: Snapshot, doubts: Doubt[]): Release {
  const known = kubernetesVersion === undefined ? undefined : findRelease(kubernetesVersion);
  if (known !== undefined) {
    return known;
  }
  const newest = RELEASES.at(-1) ?? defaultRelease();
  const isNewer = kubernetesVersion !== undefined && minorOf(kubernetesVersion) > minorOf(newest.kubernetesVersion);
  const assumed = isNewer ? newest : RELEASES[0];
  const modelled = RELEASES.map((release) => release.kubernetesVersion).join(", ");
  const what = kubernetesVersion === undefined ? "the Kubernetes version is unknown" : `Kubernetes ${kubernetesVersion} is not modelled`;
  doubts.push({
    kind: undefined,
    could: "change",
    message: `${what} (modelled are ${modelled}). Answers are those of ${assumed.kubernetesVersion}`,
  });
  return assumed;
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  const first = new Set(items.filter(isFirst));
  return [[...first], items.filter((item) => !first.has(item))];
}

function readNode(body: JsonObject, doubts: Doubt[]): Node {
  const node = body as unknown as Node & { readonly status?: Node["status"] };
  const { metadata, spec } = node;
  const allocatable = node.status?.allocatable ?? {};
  const problems: string[] = [];
  resourceAmounts(allocatable, "status.allocatable", problems);
  const taints: unknown = spec?.taints ?? [];
  const hasTaints = Array.isArray(taints) && taints.every(isObject);
  if (!hasTaints) {
    problems.push("spec.taints: must be a list of objects");
  }
  if (problems.length > 0) {
    const message = `the planner cannot read Node ${metadata.name} (${problems.join("; ")}): it takes no pods here`;
    doubts.push({ kind: "Node", could: "change", message });
  }
  return {
    metadata,
    ...(spec === undefined ? {} : { spec: hasTaints ? spec : { ...spec, taints: [] } }),
    status: { allocatable: problems.length > 0 ? {} : allocatable },
  };
}

/** A pod that asks for devices by a resource of its containers: kube-scheduler makes a claim for it. */
function implicitDoubt({ namespace, name, requests }: Pod, classes: readonly DeviceClass[]): readonly Doubt[] {
  const resource = Object.keys(requests).find((each) => classOfResource(each, classes) !== undefined);
  return resource === undefined
    ? []
    : [
        {
          ...{ kind: "Pod", could: "take" },
          message: `pending Pod ${namespace}/${name} asks for devices by the resource ${resource}, which is not modelled`,
        },
      ];
}

function readClasses(bodies: readonly JsonObject[], { kubernetes }: Release, doubts: Doubt[]): readonly DeviceClass[] {
  return bodies.map((body) => {
    const { name } = asObject(body);
    if (!DRA_API_VERSIONS.includes(String(body["apiVersion"]))) {
      const message = `the planner cannot read DeviceClass ${name}: apiVersion must be ${DRA_API_VERSIONS.join(", ")}`;
      doubts.push({ kind: "DeviceClass", could: "change", message });
    }
    const selectors = listAt(body, "spec", "selectors").map((selector) => String(valueAt(selector, "cel", "expression") ?? ""));
    for (const expression of selectors) {
      const compiled = compileSelector(expression, kubernetes);
      if (compiled.type === "invalid") {
        doubts.push({
          kind: "DeviceClass",
          could: ASKED_CLASSES.has(name) ? "change" : "take",
          message: `DeviceClass ${name}: the planner cannot compile its selector: ${compiled.message}`,
        });
      }
    }
    const extendedResourceName = valueAt(body, "spec", "extendedResourceName");
    return { name, selectors, ...(typeof extendedResourceName === "string" ? { extendedResourceName } : {}) };
  });
}

/** The classes through which the planner itself asks. */
const ASKED_CLASSES = new Set([...VENDOR_DEVICE_CLASSES.map(({ name }) => name), ...TIERS.map(({ className }) => className)]);

function labelsOfNamespace(body: JsonObject): readonly [string, Readonly<Record<string, string>>] {
  const { name } = asObject(body);
  return [name, { ...readLabels(valueAt(body, "metadata", "labels")), [NAMESPACE_NAME_LABEL]: name }];
}

function teamOf(body: JsonObject): readonly (readonly [string, string])[] {
  const team = valueAt(body, "metadata", "labels", TEAM_LABEL);
  return typeof team === "string" ? [[asObject(body).name, team]] : [];
}

function hasScopes({ kind, body }: ClusterObject): boolean {
  return kind === "ResourceQuota" && (valueAt(body, "spec", "scopes") ?? valueAt(body, "spec", "scopeSelector")) !== undefined;
}

function scopeDoubt({ namespace, name }: ClusterObject): Doubt {
  return {
    kind: "ResourceQuota",
    could: "change",
    namespace,
    message: `ResourceQuota ${namespace}/${name} has scopes, which are not modelled: it counts here as if it had none`,
  };
}

/**
 * Reasons of events that tell of something that was not created: by the controller of claims (Kubernetes, `pkg/controller/resourceclaim/controller.go`), and by
 * those of ReplicaSets, Jobs and the like (`pkg/controller/controller_utils.go`).
 */
const FAILURES: readonly string[] = ["FailedResourceClaimCreation", "FailedCreate"];

function failureOf(body: JsonObject): readonly Failure[] {
  const reason = String(valueAt(body, "reason"));
  const subject = objectAt(body, "involvedObject");
  return FAILURES.includes(reason)
    ? [
        {
          namespace: String(subject["namespace"] ?? ""),
          subject: `${String(subject["kind"])} ${String(subject["name"])}`,
          reason,
          message: String(valueAt(body, "message")),
        },
      ]
    : [];
}
