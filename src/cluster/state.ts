/** What the objects of a cluster say to its scheduler. */
import { textOf } from "../json/text-of";
import type { ClusterState } from "../dra/allocator";
import { readClaim } from "../dra/claims";
import type { ResourceClaim, ResourceClaimTemplate } from "../dra/claims";
import { isObject } from "../dra/manifest/fields";
import { draDriverClasses } from "../dra/device-classes";
import type { DeviceClass } from "../dra/device-classes";
import { readLabels } from "../dra/pods";
import { compileSelector } from "../dra/selector/selector";
import { readStorageClass, readVolumeClaimSpec } from "../dra/volumes/read";
import type { StorageClass, VolumeState } from "../dra/volumes/types";
import type { KubernetesRules } from "../releases/kubernetes";
import type { Release } from "../releases/types";
import type { ObjectProblem } from "./judgement/checks";
import { valueAt } from "../json/value-at";
import { NAMESPACE_NAME_LABEL } from "../well-known/labels";
import { EKS_STORAGE_CLASS } from "../well-known/storage";
import { defaultStorageClassOf } from "./object-counts";
import type { ClusterObject } from "./objects";
import { madeVolumeClaim } from "./volume-claim-templates";

/** Claims and templates with the object that each was read from. */
interface ReadClaims {
  readonly claims: readonly { readonly object: ClusterObject; readonly claim: ResourceClaim }[];
  readonly templates: readonly { readonly object: ClusterObject; readonly template: ResourceClaimTemplate }[];
}

export interface StateReading extends ReadClaims {
  /** Without pods: those are scheduled, or known to run already. */
  readonly state: ClusterState;
  /** What the API server would refuse. A refused claim or template is not in the state. */
  readonly problems: readonly ObjectProblem[];
}

/**
 * Reads device classes, claims and claim templates, each in the namespace of its object, namespaces and volumes. The vendor's device classes, which a chart
 * creates, are added, and what every cluster of EKS has.
 * @param objects of any kinds, wherever they were read.
 * @param hardware the cluster's nodes, and the slices that its drivers publish.
 * @param release what the cluster's Kubernetes version accepts, and which device classes its DRA driver's chart creates.
 */
export function readState(
  objects: readonly ClusterObject[],
  hardware: Pick<ClusterState, "nodes" | "slices">,
  release: Pick<Release, "kubernetes" | "draDriver">,
): StateReading {
  const { kubernetes: rules, draDriver } = release;
  const problems: ObjectProblem[] = [];
  const refused = (object: ClusterObject, messages: readonly string[]) => {
    problems.push(...messages.map((message) => ({ object, message })));
  };
  const { claims, templates } = readClaims(objects, rules, refused);
  const state = {
    ...hardware,
    deviceClasses: [...draDriverClasses(draDriver), ...readClasses(objects, rules, refused)],
    claims: claims.map(({ claim }) => claim),
    templates: templates.map(({ template }) => template),
    namespaces: readNamespaces(objects),
    services: readServices(objects),
    volumes: readVolumes(objects),
    pods: [],
  };
  return { state, claims, templates, problems };
}

function readClaims(
  objects: readonly ClusterObject[],
  rules: KubernetesRules,
  refused: (object: ClusterObject, messages: readonly string[]) => void,
): ReadClaims {
  const claims: { object: ClusterObject; claim: ResourceClaim }[] = [];
  const templates: { object: ClusterObject; template: ResourceClaimTemplate }[] = [];
  for (const object of objects.filter(({ apiVersion }) => apiVersion.startsWith("resource.k8s.io/"))) {
    if (object.kind !== "ResourceClaim" && object.kind !== "ResourceClaimTemplate") {
      continue;
    }
    const reading = readClaim(asWritten(object), rules);
    if (reading.type === "invalid") {
      refused(object, reading.problems);
    } else if (reading.claim.kind === "ResourceClaim") {
      claims.push({ object, claim: { ...reading.claim, namespace: object.namespace } });
    } else {
      templates.push({ object, template: { ...reading.claim, namespace: object.namespace } });
    }
  }
  return { claims, templates };
}

/** Every cluster has them. */
const BUILT_IN_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Labels of namespaces, with the one that the API server gives each of them. */
export function readNamespaces(objects: readonly ClusterObject[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const labelled = (name: string, labels: unknown) => [name, { ...readLabels(labels), [NAMESPACE_NAME_LABEL]: name }] as const;
  return new Map([
    ...BUILT_IN_NAMESPACES.map((name) => labelled(name, {})),
    ...objects
      .filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace")
      .map(({ name, body }) => labelled(name, valueAt(body, "metadata", "labels"))),
  ]);
}

/** Services that select pods. One without a selector selects none. */
export function readServices(objects: readonly ClusterObject[]): ClusterState["services"] {
  return objects
    .filter(({ apiVersion, kind, body }) => apiVersion === "v1" && kind === "Service" && isObject(valueAt(body, "spec", "selector")))
    .map(({ namespace, body }) => ({ namespace, selector: readLabels(valueAt(body, "spec", "selector")) }));
}

/** What EKS makes. Source: Amazon EKS user guide, "Storage". */
const EKS_CLASS: StorageClass = {
  name: EKS_STORAGE_CLASS,
  provisioner: "kubernetes.io/aws-ebs",
  bindingMode: "WaitForFirstConsumer",
  allowedTopologies: [],
};

/** Claims, classes, and the volumes that somebody made by hand. */
export function readVolumes(objects: readonly ClusterObject[]): VolumeState {
  const ofKind = (apiVersion: string, kind: string) => objects.filter((object) => object.apiVersion === apiVersion && object.kind === kind);
  const volumes = ofKind("v1", "PersistentVolume");
  const sets = ofKind("apps/v1", "StatefulSet");
  return {
    storageClasses: [EKS_CLASS, ...ofKind("storage.k8s.io/v1", "StorageClass").map(({ name, body }) => readStorageClass(name, body))],
    defaultStorageClass: defaultStorageClassOf(objects),
    claims: ofKind("v1", "PersistentVolumeClaim").map(({ namespace, name, body }) => ({
      namespace,
      name,
      spec: readVolumeClaimSpec(body["spec"]),
      state: { type: "unbound" },
      madeFor: undefined,
    })),
    immediateVolumes: "made",
    madeClaim: (namespace, name) => {
      const template = madeVolumeClaim(sets, namespace, name);
      return template && readVolumeClaimSpec(template.spec);
    },
    volumes: volumes.map(({ name }) => name),
    classesOfVolumes: volumes.map(({ body }) => textOf(valueAt(body, "spec", "storageClassName") ?? "")),
  };
}

/** An object as its author wrote it: without a status, which creation ignores, and without what the provider answered besides. */
function asWritten({ body: { apiVersion, kind, metadata, spec } }: ClusterObject): object {
  return { apiVersion, kind, metadata, spec };
}

function expressionOf(selector: unknown): string {
  const expression = valueAt(selector, "cel", "expression");
  return typeof expression === "string" ? expression : "";
}

function readClasses(
  objects: readonly ClusterObject[],
  rules: KubernetesRules,
  refused: (object: ClusterObject, messages: readonly string[]) => void,
): readonly DeviceClass[] {
  return objects
    .filter(({ apiVersion, kind }) => apiVersion.startsWith("resource.k8s.io/") && kind === "DeviceClass")
    .map((object) => {
      const selectors = valueAt(object.body, "spec", "selectors");
      const expressions = (Array.isArray(selectors) ? (selectors as readonly unknown[]) : []).map(expressionOf);
      for (const [index, expression] of expressions.entries()) {
        const compiled = compileSelector(expression, rules);
        if (compiled.type === "invalid") {
          refused(object, [`spec.selectors[${index}].cel.expression: ${compiled.message}`]);
        }
      }
      const resource = valueAt(object.body, "spec", "extendedResourceName");
      return { name: object.name, selectors: expressions, ...(typeof resource === "string" ? { extendedResourceName: resource } : {}) };
    });
}
