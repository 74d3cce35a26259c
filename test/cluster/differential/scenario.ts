/**
 * A cluster of its own and pods for it, as manifests that `kubectl apply -f` takes in this order. Many of them run in one real cluster at a time: whatever
 * one is about bears its name, its nodes bear a label that all its pods select, and a node's devices are of no interest to pods that cannot run there.
 */
import { parseAllDocuments, stringify } from "yaml";
import type { KubernetesObject } from "../../../src/live/api/api-server";

export interface Scenario {
  /** Namespace, nodes, slices, classes, claims and templates. */
  readonly objects: readonly KubernetesObject[];
  /** Created one by one: each finds what those before it left. */
  readonly pods: readonly KubernetesObject[];
}

/** What every name begins with, until a scenario gets its place in a cluster. */
export const NAME = "scenario";
/** Label of everything without a namespace; on nodes also what holds other scenarios' pods off. */
export const LABEL = "differential";

/** The scenario under a name that no other has. */
export function named(scenario: Scenario, name: string): Scenario {
  return JSON.parse(JSON.stringify(scenario).replaceAll(new RegExp(`\\b${NAME}\\b`, "g"), name)) as Scenario;
}

export function ofKind({ objects }: Scenario, kind: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** Whether the order in which kube-scheduler looks at devices is known: it goes through pools and slices in random order, through a slice from its beginning. */
export function isOrderKnown(scenario: Scenario): boolean {
  const nodes = ofKind(scenario, "ResourceSlice").map(({ spec }) => String(spec.nodeName));
  return new Set(nodes).size === nodes.length;
}

/** As manifests, without the classes that no claim names. */
export function toYaml({ objects, pods }: Scenario): string {
  const claims = JSON.stringify(objects.filter(({ kind }) => kind.startsWith("ResourceClaim")));
  const needed = objects.filter(({ kind, metadata }) => kind !== "DeviceClass" || claims.includes(`"${String(metadata["name"])}"`));
  return [...needed, ...pods].map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}

export function fromYaml(text: string): Scenario {
  const all = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  return { objects: all.filter(({ kind }) => kind !== "Pod"), pods: all.filter(({ kind }) => kind === "Pod") };
}
