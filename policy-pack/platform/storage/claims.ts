/** The claims of storage that an object makes, wherever they are written. */
import { UNKNOWN, asRecord, untypedEntries } from "../../evaluation/snapshot";
import { valueAt } from "../../../src/json/value-at";
import type { KubernetesObject } from "../../resources/objects";
import { podTemplates } from "../../resources/pod-specs";

/** The spec of a PersistentVolumeClaim and its path. */
export interface StorageClaim {
  readonly path: string;
  readonly spec: unknown;
}

/** A claim itself, those of a StatefulSet's replicas, and those that end with a pod. */
export function storageClaims(object: KubernetesObject): readonly StorageClaim[] {
  const { group, kind, prefix, read } = object;
  if (group === "" && kind === "PersistentVolumeClaim") {
    return [{ path: `${prefix}spec`, spec: read("spec") }];
  }
  const ofReplicas = group === "apps" && kind === "StatefulSet" ? templatesAt(`${prefix}spec`, read("spec")) : [];
  return [
    ...ofReplicas,
    ...podTemplates(object).flatMap(({ prefix: pod, spec }) =>
      untypedEntries(spec.volumes).flatMap((volume, index): readonly StorageClaim[] => {
        const path = `${pod}spec.volumes[${index}].ephemeral.volumeClaimTemplate.spec`;
        const claim = valueAt(volume, "ephemeral", "volumeClaimTemplate", "spec");
        return claim === undefined || claim === null ? [] : [{ path, spec: claim }];
      }),
    ),
  ];
}

function templatesAt(path: string, spec: unknown): readonly StorageClaim[] {
  const templates = valueAt(spec, "volumeClaimTemplates");
  return templates === UNKNOWN
    ? [{ path: `${path}.volumeClaimTemplates`, spec: UNKNOWN }]
    : untypedEntries(templates).map((template, index) => ({
        path: `${path}.volumeClaimTemplates[${index}].spec`,
        spec: template === UNKNOWN ? UNKNOWN : asRecord(template)["spec"],
      }));
}
