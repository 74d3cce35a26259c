import fc from "fast-check";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../../../src/well-known/labels";
import { EBS_CSI_DRIVER } from "../../../../src/well-known/storage";
import { LABEL, NAME } from "../scenario";

/** Pods tolerate some of these. */
export const TAINTS = [
  { key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" },
  { key: "spot", effect: "NoExecute" },
  { key: "busy", effect: "PreferNoSchedule" },
  { key: "old", effect: "PreferNoSchedule" },
] as const;

export const EXTENDED_RESOURCE = "example.com/dongle";

/** What is said of how many volumes a node attaches; of some nothing. */
export function storageNode(name: string): fc.Arbitrary<readonly KubernetesObject[]> {
  return fc.constantFrom(undefined, undefined, 1, 2).map((count) =>
    count === undefined
      ? []
      : [
          {
            apiVersion: "storage.k8s.io/v1",
            kind: "CSINode",
            metadata: { name, labels: { [LABEL]: NAME } },
            spec: { drivers: [{ name: EBS_CSI_DRIVER, nodeID: name, allocatable: { count } }] },
          },
        ],
  );
}

/** Labels, taints, cordons and sizes. */
export function node(name: string): fc.Arbitrary<KubernetesObject> {
  return fc
    .record({
      zone: fc.constantFrom("a", "b"),
      gpus: fc.constantFrom("1", "8", "many"),
      taints: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...TAINTS], { minLength: 1 }) }),
      unschedulable: fc.constantFrom(...Array<boolean>(11).fill(false), true),
      cpu: fc.constantFrom("1", "2", "3500m", "96"),
      memory: fc.constantFrom("2Gi", "3000M", "64Gi"),
      pods: fc.constantFrom("1", "2", "110", "110", "110"),
      dongles: fc.constantFrom(undefined, "1"),
    })
    .map(({ zone, gpus, taints, unschedulable, dongles, ...sizes }) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels: { [LABEL]: NAME, zone, gpus, [HOSTNAME_LABEL]: name, [ZONE_LABEL]: `${NAME}-${zone}` } },
      spec: { ...(taints.length > 0 ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
      status: { allocatable: { ...sizes, ...(dongles === undefined ? {} : { [EXTENDED_RESOURCE]: dongles }) } },
    }));
}
