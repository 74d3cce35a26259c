/**
 * Where the volumes of pods let them run, as kube-scheduler's plugins VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone filter nodes.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/{volumerestrictions,nodevolumelimits,volumebinding,volumezone}`.
 * Two pods may share a ReadWriteOnce volume: kube-scheduler keeps them in its zone, and not on one node.
 */
import { REGION_LABEL, ZONE_LABEL } from "../../../well-known/labels";
import { EBS_PROVISIONERS, NO_PROVISIONER } from "../../../well-known/storage";
import type { Pod, PodVolume } from "../../pods";
import { volumeClaimName } from "../../pods/volumes";
import type { PersistentVolume, StorageClass, VolumeClaim, VolumeClaimSpec, VolumeState } from "../../volumes/types";
import { isAllowedOn, zonesOf } from "../../volumes/zones";
import type { NodeChoice } from "../scores/scorer";
import { labelOf, matchesSelector } from "./nodes";
import type { Node } from "./nodes";

/** Why a pod can run nowhere, because of one of its claims. */
export interface VolumeObstacle {
  readonly claim: string;
  readonly reason:
    | { readonly type: "noClaim" }
    /** It has no volume, and gets none whatever pods there are. */
    | { readonly type: "unbound"; readonly why: string }
    /** Its volume is for one pod at a time. */
    | { readonly type: "inUse" }
    /** The volume that it was bound to does not exist. */
    | { readonly type: "lost"; readonly volume: string }
    | { readonly type: "beingDeleted" }
    /** The pod's ephemeral volume needs a claim of this name, and another one has the name. */
    | { readonly type: "notOwned"; readonly pod: string };
}

/** Why a pod cannot run on a node, because of one of its claims. */
export type VolumeMismatch =
  /** With the pod's volumes the node would have more than can be attached to it. */
  | { readonly type: "volumeCount"; readonly most: number }
  /** The volume is in a zone in which the node is not. */
  | { readonly type: "volumeZone"; readonly claim: string; readonly zone: string }
  /** The node affinity or the labels of the volume exclude the node. */
  | { readonly type: "volumeAffinity"; readonly claim: string; readonly volume: string }
  /** No volume of the class is made for a node like this. */
  | { readonly type: "volumeTopology"; readonly claim: string; readonly storageClass: string }
  /** Nobody makes volumes of the class. */
  | { readonly type: "noVolume"; readonly claim: string; readonly storageClass: string };

/** What a claim comes to. */
type Prospect =
  | { readonly type: "obstacle"; readonly reason: VolumeObstacle["reason"] }
  /** The model does not know where its volume is or will be. */
  | { readonly type: "unknown" }
  /** Its volume is in a zone, or everywhere where nodes have none. */
  | { readonly type: "made"; readonly zone: string | undefined }
  | { readonly type: "bound"; readonly volume: PersistentVolume }
  /** Its volume is made where the first pod runs that uses it. */
  | { readonly type: "waits"; readonly storageClass: StorageClass };

export class Volumes {
  private readonly classes: ReadonlyMap<string, StorageClass>;
  private readonly claims: ReadonlyMap<string, VolumeClaim>;
  /** Zones of volumes that pods made wait no longer, by namespace and name of the claim. */
  private readonly zones = new Map<string, string | undefined>();
  /** Claims that pods name which run. */
  private readonly inUse = new Set<string>();
  /** EBS volumes of the pods on each node, by its index. */
  private readonly attached = new Map<number, Set<string>>();
  private hasDrawnZone = false;

  /** @param state undefined: nothing is known of the cluster's volumes. */
  constructor(
    private readonly nodes: readonly Node[],
    private readonly state: VolumeState | undefined,
    private readonly choice: NodeChoice,
  ) {
    this.classes = new Map((state?.storageClasses ?? []).map((storageClass) => [storageClass.name, storageClass]));
    this.claims = new Map((state?.claims ?? []).map((claim) => [`${claim.namespace}/${claim.name}`, claim]));
  }

  /** Whether a provisioner would have drawn the zone of a volume. */
  get hasDrawn(): boolean {
    return this.hasDrawnZone;
  }

  /** A pod runs on a node: its volumes are made in the zone of it, unless they are there already. */
  use(pod: Pod, index: number): void {
    for (const key of this.attachedBy(pod)) {
      const attached = this.attached.get(index) ?? new Set();
      this.attached.set(index, attached.add(key));
    }
    for (const volume of pod.volumes) {
      const key = keyOf(pod, volume);
      if (this.prospectOf(pod, volume).type === "waits") {
        this.zones.set(key, this.zoneOf(index));
      }
      if (volume.type === "claim") {
        this.inUse.add(key);
      }
    }
  }

  /** Why a pod can run nowhere; undefined: its volumes do not say so. */
  obstacle(pod: Pod): VolumeObstacle | undefined {
    for (const volume of pod.volumes) {
      const claim = volumeClaimName(pod.name, volume);
      if (volume.type === "ephemeral" && this.isOfAnother(pod, claim)) {
        return { claim: `${pod.namespace}/${claim}`, reason: { type: "notOwned", pod: `${pod.namespace}/${pod.name}` } };
      }
      const prospect = this.prospectOf(pod, volume);
      if (prospect.type === "obstacle") {
        return { claim, reason: prospect.reason };
      }
      const isForOnePod = this.specOf(pod, volume)?.accessModes.includes("ReadWriteOncePod") ?? false;
      if (isForOnePod && volume.type === "claim" && this.inUse.has(keyOf(pod, volume))) {
        return { claim, reason: { type: "inUse" } };
      }
    }
    return undefined;
  }

  /** What keeps a pod from a node; undefined: it has no volumes that could. */
  filter(pod: Pod): ((index: number) => VolumeMismatch | undefined) | undefined {
    if (pod.volumes.length === 0) {
      return undefined;
    }
    const prospects = pod.volumes.map((volume) => ({
      claim: volumeClaimName(pod.name, volume),
      prospect: this.prospectOf(pod, volume),
    }));
    const volumes = this.attachedBy(pod);
    return (index) => {
      const tooMany = this.tooMany(volumes, index);
      if (tooMany !== undefined) {
        return tooMany;
      }
      for (const { claim, prospect } of prospects) {
        const mismatch = this.mismatch(claim, prospect, index);
        if (mismatch !== undefined) {
          return mismatch;
        }
      }
      return undefined;
    };
  }

  /** Paths of a pod's volumes of which the model does not know where they are. */
  unknownVolumes(pod: Pod): readonly string[] {
    return pod.volumes.filter((volume) => this.prospectOf(pod, volume).type === "unknown").map(({ path }) => path);
  }

  /** The volumes of a pod that the EBS driver attaches to its node, each once. */
  private attachedBy(pod: Pod): ReadonlySet<string> {
    const attached = pod.volumes.filter((volume) => {
      const prospect = this.prospectOf(pod, volume);
      return prospect.type === "made" || (prospect.type === "waits" && prospect.storageClass.provisioner !== NO_PROVISIONER);
    });
    return new Set(attached.map((volume) => keyOf(pod, volume)));
  }

  private tooMany(volumes: ReadonlySet<string>, index: number): VolumeMismatch | undefined {
    const most = this.nodes[index]?.mostVolumes;
    const attached = this.attached.get(index);
    const further = [...volumes].filter((key) => attached?.has(key) !== true).length;
    return most === undefined || further === 0 || (attached?.size ?? 0) + further <= most ? undefined : { type: "volumeCount", most };
  }

  private mismatch(claim: string, prospect: Prospect, index: number): VolumeMismatch | undefined {
    switch (prospect.type) {
      case "obstacle":
      case "unknown":
        return undefined;
      case "bound":
        return isUsableOn(prospect.volume, this.nodes[index]?.metadata.labels ?? {})
          ? undefined
          : { type: "volumeAffinity", claim, volume: prospect.volume.name };
      case "made":
        return prospect.zone === undefined || prospect.zone === this.zoneOf(index)
          ? undefined
          : { type: "volumeZone", claim, zone: prospect.zone };
      case "waits": {
        const { name: storageClass, provisioner } = prospect.storageClass;
        if (provisioner === NO_PROVISIONER) {
          return { type: "noVolume", claim, storageClass };
        }
        return isAllowedOn(prospect.storageClass, this.nodes[index]?.metadata.labels ?? {})
          ? undefined
          : { type: "volumeTopology", claim, storageClass };
      }
    }
  }

  private prospectOf(pod: Pod, volume: PodVolume): Prospect {
    if (this.state === undefined) {
      return { type: "unknown" };
    }
    const key = keyOf(pod, volume);
    if (this.zones.has(key)) {
      return { type: "made", zone: this.zones.get(key) };
    }
    const spec = this.specOf(pod, volume);
    return (
      stateProspect(this.claims.get(key)) ??
      (spec === undefined ? { type: "obstacle", reason: { type: "noClaim" } } : this.prospectOfClaim(key, spec, this.state))
    );
  }

  private prospectOfClaim(claimKey: string, spec: VolumeClaimSpec, state: VolumeState): Prospect {
    const unbound = (why: string): Prospect => ({ type: "obstacle", reason: { type: "unbound", why } });
    const { volumeName } = spec;
    if (volumeName !== undefined) {
      return state.volumes.includes(volumeName) ? { type: "unknown" } : unbound(`there is no PersistentVolume ${volumeName}`);
    }
    const className = spec.storageClassName ?? state.defaultStorageClass;
    // A claim takes a volume of its class that is there before anybody makes one.
    if (state.classesOfVolumes.includes(className ?? "")) {
      return { type: "unknown" };
    }
    if (className === undefined || className === "") {
      return unbound("it has no StorageClass, and nobody has made a PersistentVolume for it. Name a class in storageClassName");
    }
    const storageClass = this.classes.get(className);
    if (storageClass === undefined) {
      return unbound(`there is no StorageClass ${className}`);
    }
    if (storageClass.provisioner === NO_PROVISIONER) {
      return storageClass.bindingMode === "WaitForFirstConsumer"
        ? { type: "waits", storageClass }
        : unbound(`nobody makes volumes of StorageClass ${className} (${NO_PROVISIONER}): create a PersistentVolume`);
    }
    if (!EBS_PROVISIONERS.includes(storageClass.provisioner) || spec.hasSource) {
      return { type: "unknown" };
    }
    if (spec.hasSelector) {
      return unbound("it has a selector, and the EBS driver makes no volume for such a claim. Remove the selector");
    }
    if (storageClass.bindingMode === "WaitForFirstConsumer") {
      return { type: "waits", storageClass };
    }
    return state.immediateVolumes === "unknown" ? { type: "unknown" } : { type: "made", zone: this.drawnZone(claimKey, storageClass) };
  }

  /** The zone of a volume that is made before any pod uses it. */
  private drawnZone(claimKey: string, storageClass: StorageClass): string | undefined {
    const zones = zonesOf(
      storageClass,
      this.nodes.map(({ metadata }) => metadata.labels ?? {}),
    );
    this.hasDrawnZone ||= zones.length > 1;
    const zone = this.choice === "lastOfBest" ? zones.at(-1) : zones[0];
    this.zones.set(claimKey, zone);
    return zone;
  }

  private zoneOf(index: number): string | undefined {
    return this.nodes[index]?.metadata.labels?.[ZONE_LABEL];
  }

  /** A claim that is there is used as it is; a controller makes one only where there is none. */
  private specOf(pod: Pod, volume: PodVolume): VolumeClaimSpec | undefined {
    return volume.type === "ephemeral"
      ? volume.spec
      : (this.claims.get(keyOf(pod, volume))?.spec ?? volume.made ?? this.state?.madeClaim(pod.namespace, volume.claimName));
  }

  /** Whether there is a claim that no ephemeral volume of the pod is the reason of. */
  private isOfAnother({ namespace, name }: Pod, claim: string): boolean {
    const known = this.claims.get(`${namespace}/${claim}`);
    return known === undefined ? this.state?.madeClaim(namespace, claim) !== undefined : known.madeFor !== name;
  }
}

/** What follows from the state of a claim; undefined: it has no volume, so that what it asks for decides. */
function stateProspect(claim: VolumeClaim | undefined): Prospect | undefined {
  switch (claim?.state.type) {
    case undefined:
    case "unbound":
      return undefined;
    case "bound":
      return claim.state.volume.isTranslated ? { type: "unknown" } : { type: "bound", volume: claim.state.volume };
    case "lost":
      return { type: "obstacle", reason: { type: "lost", volume: claim.state.volume } };
    case "beingDeleted":
      return { type: "obstacle", reason: { type: "beingDeleted" } };
    case "unknown":
      return { type: "unknown" };
  }
}

/**
 * Whether the plugins VolumeBinding and VolumeZone let a volume be used on a node. VolumeZone passes over a node that names neither a zone nor a region.
 * It asks about claims that a pod names. Here the volumes of ephemeral ones are compared, too.
 */
function isUsableOn({ nodeAffinity, zones }: PersistentVolume, labels: Readonly<Record<string, string>>): boolean {
  const hasZone = ZONE_KEYS.some((key) => labelOf(labels, key) !== undefined);
  return (
    (nodeAffinity === undefined || matchesSelector(nodeAffinity, labels, "")) &&
    (!hasZone || zones.every(({ key, values }) => values.includes(labelOf(labels, key) ?? "")))
  );
}

const ZONE_KEYS: readonly string[] = [ZONE_LABEL, REGION_LABEL];

function keyOf(pod: Pod, volume: PodVolume): string {
  return `${pod.namespace}/${volumeClaimName(pod.name, volume)}`;
}
