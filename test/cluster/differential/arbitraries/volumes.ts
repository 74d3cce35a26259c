/** Volumes of pods, and the claims and classes behind them. */
import fc from "fast-check";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { ZONE_LABEL } from "../../../../src/well-known/labels";
import { EBS_CSI_DRIVER, NO_PROVISIONER } from "../../../../src/well-known/storage";
import { LABEL, NAME } from "../scenario";
import { ABSENT } from "./claims";

const inZone = (zone: string) => ({ allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE_LABEL, values: [`${NAME}-${zone}`] }] }] });
const LATE = { volumeBindingMode: "WaitForFirstConsumer" };

const CLASSES: Readonly<Record<string, object>> = {
  waits: { provisioner: EBS_CSI_DRIVER, ...LATE },
  "only-a": { provisioner: EBS_CSI_DRIVER, ...LATE, ...inZone("a") },
  // Of several zones one would be drawn.
  "now-b": { provisioner: EBS_CSI_DRIVER, volumeBindingMode: "Immediate", ...inZone("b") },
  "by-hand": { provisioner: NO_PROVISIONER, ...LATE },
};

const CLAIMS: Readonly<Record<string, { readonly className: string; readonly mode: string }>> = {
  disk: { className: "waits", mode: "ReadWriteOnce" },
  other: { className: "waits", mode: "ReadWriteOnce" },
  "disk-a": { className: "only-a", mode: "ReadWriteOnce" },
  "disk-b": { className: "now-b", mode: "ReadWriteOnce" },
  single: { className: "waits", mode: "ReadWriteOncePod" },
  nobodys: { className: "by-hand", mode: "ReadWriteOnce" },
  classless: { className: "", mode: "ReadWriteOnce" },
};

const claimed = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
const ephemeral = (className: string) => ({ ephemeral: { volumeClaimTemplate: { spec: claimSpec(className, "ReadWriteOnce") } } });

const SOURCES: readonly object[] = [
  ...["disk", "disk", "disk", "other", "disk-a", "disk-b", "single", "single", "nobodys", "classless", ABSENT].map(claimed),
  ...["waits", "only-a"].map(ephemeral),
];

/** Volumes of a pod, in one of so many. */
export function volumes(of: number) {
  return fc
    .oneof(
      { weight: of - 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 2 }) },
    )
    .map((sources) => sources.map((source, index) => ({ name: `volume-${String(index)}`, ...source })));
}

/** The classes and claims that pods need, classes first. */
export function volumeObjects(pods: readonly object[]): readonly KubernetesObject[] {
  const text = JSON.stringify(pods);
  const claims = Object.entries(CLAIMS).filter(([name]) => text.includes(`"claimName":"${name}"`));
  const classNames = new Set(claims.map(([, { className }]) => className));
  const classes = Object.entries(CLASSES).filter(([name]) => classNames.has(name) || text.includes(`"storageClassName":"${NAME}-${name}"`));
  return [
    ...classes.map(([name, body]) => ({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: `${NAME}-${name}`, labels: { [LABEL]: NAME } },
      ...body,
    })),
    ...claims.map(([name, { className, mode }]) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: NAME },
      spec: claimSpec(className, mode),
    })),
  ];
}

function claimSpec(className: string, mode: string) {
  return {
    accessModes: [mode],
    storageClassName: className === "" ? "" : `${NAME}-${className}`,
    resources: { requests: { storage: "1Gi" } },
  };
}
