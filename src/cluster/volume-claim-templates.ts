/** The claims that StatefulSets make: `<template>-<set>-<number>`, for each of their pods. Source: Kubernetes v1.34.4, `pkg/controller/statefulset/stateful_set_utils.go`. */
import { textOf } from "../json/text-of";
import { valueAt } from "../json/value-at";
import { listAt } from "./objects";
import type { ClusterObject } from "./objects";

export interface VolumeClaimTemplate {
  readonly name: string;
  /** In the StatefulSet. */
  readonly path: string;
  /** Of the claims. */
  readonly spec: unknown;
}

export function volumeClaimTemplatesOf({ apiVersion, kind, body }: ClusterObject): readonly VolumeClaimTemplate[] {
  return apiVersion === "apps/v1" && kind === "StatefulSet"
    ? listAt(valueAt(body, "spec"), "volumeClaimTemplates").map((template, index) => ({
        name: textOf(valueAt(template, "metadata", "name") ?? ""),
        path: `spec.volumeClaimTemplates[${String(index)}]`,
        spec: valueAt(template, "spec"),
      }))
    : [];
}

/** The template by which a StatefulSet makes a claim of this name; undefined: none of them does. */
export function madeVolumeClaim(sets: readonly ClusterObject[], namespace: string, claimName: string): VolumeClaimTemplate | undefined {
  const number = Number(/-(\d+)$/.exec(claimName)?.[1] ?? Number.NaN);
  for (const set of sets.filter((each) => each.namespace === namespace && Number(valueAt(each.body, "spec", "replicas") ?? 1) > number)) {
    const template = volumeClaimTemplatesOf(set).find(({ name }) => claimName === `${name}-${set.name}-${String(number)}`);
    if (template !== undefined) {
      return template;
    }
  }
  return undefined;
}
