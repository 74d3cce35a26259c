/** The volumes of a pod that PersistentVolumeClaims are behind. */
import { isObject } from "../manifest/fields";
import type { Fields } from "../manifest/fields";
import { readVolumeClaimSpec } from "../volumes/read";
import type { VolumeClaimSpec } from "../volumes/types";

export type PodVolume = {
  /** Of the volume in the object that the pod was read from. */
  readonly path: string;
} & (
  | {
      readonly type: "claim";
      /** In the pod's namespace. */
      readonly claimName: string;
      /** What the claim asks for that the pod's controller makes where there is none; undefined: it makes none. */
      readonly made: VolumeClaimSpec | undefined;
    }
  /** A generic ephemeral volume, for which the pod gets a claim of its own. */
  | { readonly type: "ephemeral"; readonly name: string; readonly spec: VolumeClaimSpec }
);

/** The name of the claim behind a volume. Source: `VolumeClaimName` of `k8s.io/component-helpers/storage/ephemeral`. */
export function volumeClaimName(podName: string, volume: PodVolume): string {
  return volume.type === "claim" ? volume.claimName : `${podName}-${volume.name}`;
}

export function readPodVolumes(spec: Fields): readonly PodVolume[] {
  return spec.list("volumes").flatMap((volume, index): PodVolume[] => {
    const { name, persistentVolumeClaim: claim, ephemeral } = isObject(volume) ? volume : {};
    const path = `${spec.path("volumes")}[${String(index)}]`;
    if (isObject(claim)) {
      return [{ path, type: "claim", claimName: String(claim["claimName"] ?? ""), made: undefined }];
    }
    if (!isObject(ephemeral)) {
      return [];
    }
    const { volumeClaimTemplate: template } = ephemeral;
    return [{ path, type: "ephemeral", name: String(name ?? ""), spec: readVolumeClaimSpec(isObject(template) ? template["spec"] : {}) }];
  });
}
