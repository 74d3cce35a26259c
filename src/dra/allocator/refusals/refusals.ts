import { didYouMean } from "../../../hardware/nearest";
import type { NeighbourMismatch } from "../nodes/neighbours";
import type { NodeMismatch, ResourceShortage } from "../nodes/nodes";
import type { Fewest, SpreadMismatch } from "../nodes/spread";
import type { VolumeMismatch, VolumeObstacle } from "../nodes/volumes";
import { formatAmount } from "../../manifest/resources";

/** What one alternative of a request finds on the nodes that are in question, each number summed over them. */
export interface Demand {
  /** The claim's name in the pod. */
  readonly claim: string;
  /** `request`, or `request/alternative`. */
  readonly request: string;
  readonly count: number | "all";
  /** What it asks for, as far as that can be told: profiles or products of matching devices, else profiles named in selectors, else the device class. */
  readonly wants: readonly string[];
  /** Devices that class and selectors let pass. */
  readonly matching: number;
  /** Of these, allocated to other claims. */
  readonly taken: number;
  /** Of the others, with a taint that the request does not tolerate. */
  readonly tainted: number;
  /** Profiles that selectors name and that a GPU model of these nodes does not have. */
  readonly missingProfiles: readonly { readonly profile: string; readonly model: string }[];
  /** What the nodes do have, by profile or product. */
  readonly published: Readonly<Record<string, number>>;
}

/** Why a pod cannot run on a node. */
export type NodeRefusal =
  | NodeMismatch
  | ({ readonly type: "resources" } & ResourceShortage)
  | VolumeMismatch
  | SpreadMismatch
  | NeighbourMismatch
  /** A claim of the pod is allocated on another node. */
  | { readonly type: "claimElsewhere"; readonly claim: string; readonly nodeName: string }
  /** Requests that find too few free devices, whatever the others get. */
  | {
      readonly type: "devices";
      readonly demands: readonly Demand[];
      /** Pools of the node whose devices do not count, each with what is wrong with it. */
      readonly passedOver: readonly string[];
    }
  /** Each request would find its devices, but not all of them together. */
  | { readonly type: "together"; readonly demands: readonly Demand[] }
  /** There would be devices for all requests, but none that satisfy the constraints. */
  | { readonly type: "constraints"; readonly attributes: readonly string[] }
  /** The search for a combination of devices was cut off, as kube-scheduler cuts it off after 10 seconds. */
  | { readonly type: "gaveUp" };

export interface NodeGroup {
  readonly nodes: readonly string[];
  readonly refusal: NodeRefusal;
}

/** Why a pod is not placed. */
export type Refusal =
  | { readonly type: "schedulingGates"; readonly gates: readonly string[] }
  | { readonly type: "missingClaim"; readonly namespace: string; readonly claimName: string; readonly known: readonly string[] }
  | { readonly type: "missingTemplate"; readonly namespace: string; readonly templateName: string; readonly known: readonly string[] }
  | { readonly type: "fullClaim"; readonly namespace: string; readonly claimName: string; readonly maximum: number }
  | {
      readonly type: "missingClass";
      readonly claim: string;
      readonly request: string;
      readonly deviceClassName: string;
      readonly known: readonly string[];
    }
  /** Kubernetes would give the pod devices of a class for a resource that it asks for, past the claims that guardrails and people read. */
  | { readonly type: "extendedResource"; readonly resource: string; readonly deviceClassName: string }
  /** A claim of the pod has no volume, or one that another pod has. */
  | ({ readonly type: "volume" } & VolumeObstacle)
  /** kube-scheduler reports an error and stops scheduling the pod (condition reason SchedulerError). */
  | { readonly type: "schedulerError"; readonly nodeName: string | undefined; readonly message: string }
  /** No node can run it; groups of nodes with the same reason, those that lack devices first. Without nodes there are no groups. */
  | { readonly type: "noNodeFits"; readonly groups: readonly NodeGroup[] };

/** A refusal as a sentence that says what to change. */
export function formatRefusal(refusal: Refusal): string {
  switch (refusal.type) {
    case "schedulingGates":
      return `held back by scheduling gates: ${refusal.gates.join(", ")}`;
    case "missingClaim":
      return `ResourceClaim ${refusal.namespace}/${refusal.claimName} does not exist${hint(refusal.claimName, refusal.known)}`;
    case "missingTemplate":
      return `ResourceClaimTemplate ${refusal.namespace}/${refusal.templateName} does not exist${hint(refusal.templateName, refusal.known)}`;
    case "fullClaim":
      return `ResourceClaim ${refusal.namespace}/${refusal.claimName} is used by ${String(refusal.maximum)} pods already, and no claim can have more`;
    case "missingClass":
      return `claim ${refusal.claim}, request ${refusal.request}: device class ${refusal.deviceClassName} does not exist${hint(refusal.deviceClassName, refusal.known)}`;
    case "extendedResource":
      return `asks for ${refusal.resource}, by which Kubernetes gives it devices of class ${refusal.deviceClassName} without a claim of its own. Not modelled, and the policies deny it: name a claim in resourceClaims instead`;
    case "volume":
      return formatObstacle(refusal);
    case "schedulerError":
      return `kube-scheduler stops with an error${refusal.nodeName === undefined ? "" : ` on node ${refusal.nodeName}`}: ${refusal.message}`;
    case "noNodeFits":
      return refusal.groups.length === 0 ? "there is no node" : refusal.groups.map(formatGroup).join("; ");
  }
}

/** What kube-scheduler says, and then why. */
function formatObstacle({ claim, reason }: VolumeObstacle): string {
  switch (reason.type) {
    case "noClaim":
      return `PersistentVolumeClaim "${claim}" not found`;
    case "unbound":
      return `pod has unbound immediate PersistentVolumeClaims: ${claim}: ${reason.why}`;
    case "inUse":
      return `PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod: ${claim}. Give each pod a volume of its own (volumeClaimTemplates of a StatefulSet, or ephemeral volumes)`;
    case "lost":
      return `persistentvolumeclaim "${claim}" bound to non-existent persistentvolume "${reason.volume}": restore the volume, or create the claim again`;
    case "beingDeleted":
      return `persistentvolumeclaim "${claim}" is being deleted`;
    case "notOwned":
      return `PVC ${claim} was not created for pod ${reason.pod} (pod is not owner): an ephemeral volume has a claim that is called after the pod and the volume. Give the volume another name`;
  }
}

function hint(name: string, known: readonly string[]): string {
  return known.length === 0 ? "; there is none" : didYouMean(name, known);
}

function formatGroup({ nodes, refusal }: NodeGroup): string {
  const [first] = nodes;
  const where = nodes.length === 1 ? `node ${first ?? ""}` : `${String(nodes.length)} nodes`;
  return `${formatNodeRefusal(refusal)} (${where})`;
}

function formatNodeRefusal(refusal: NodeRefusal): string {
  switch (refusal.type) {
    case "cordoned":
      return "cordoned";
    case "otherNode":
      return `the pod names node ${refusal.nodeName}`;
    case "taint":
      return `taint ${refusal.taint.key}${refusal.taint.value ? `=${refusal.taint.value}` : ""}:${refusal.taint.effect} is not tolerated`;
    case "nodeSelector":
      return `nodeSelector asks for ${refusal.missing.join(", ")}`;
    case "nodeAffinity":
      return "the required node affinity does not match";
    case "resources":
      return formatShortage(refusal);
    case "volumeCount":
      return `node(s) exceed max volume count: the EBS driver attaches ${String(refusal.most)} volumes to the node, besides its root volume`;
    case "volumeZone":
      return `didn't match PersistentVolume's node affinity: the volume of claim ${refusal.claim} is in zone ${refusal.zone}`;
    case "volumeAffinity":
      return `didn't match PersistentVolume's node affinity: volume ${refusal.volume} of claim ${refusal.claim} cannot be used there`;
    case "volumeTopology":
      return `didn't find available persistent volumes to bind: StorageClass ${refusal.storageClass} of claim ${refusal.claim} allows no volume there (allowedTopologies)`;
    case "noVolume":
      return `didn't find available persistent volumes to bind: nobody makes volumes of StorageClass ${refusal.storageClass} of claim ${refusal.claim}. Create a PersistentVolume`;
    case "spreadLabel":
      return `didn't match pod topology spread constraints (missing required label): no label ${refusal.topologyKey}`;
    case "spread":
      return `didn't match pod topology spread constraints: its ${refusal.topologyKey} would have over ${String(refusal.maxSkew)} more such pods (maxSkew) than the one with the fewest, which ${formatFewest(refusal.fewest)}`;
    case "podAffinity":
      return `didn't match pod affinity rules: no pod with ${refusal.wanted} has the same ${refusal.topologyKey}`;
    case "podAntiAffinity":
      return `didn't match pod anti-affinity rules: a pod with ${refusal.unwanted} has the same ${refusal.topologyKey}`;
    case "existingAntiAffinity":
      return `didn't satisfy existing pods anti-affinity rules: pod ${refusal.pod} keeps it away from its ${refusal.topologyKey}`;
    case "claimElsewhere":
      return `claim ${refusal.claim} holds devices of node ${refusal.nodeName}`;
    case "devices":
      return [...refusal.demands.map(formatDemand), ...refusal.passedOver].join(", ");
    case "together":
      return `enough devices for each request but not for all of them together: ${refusal.demands.map(formatNeed).join(", ")}`;
    case "constraints":
      return `enough free devices, but not with ${refusal.attributes.join(" and ")}`;
    case "gaveUp":
      return "no fitting combination of devices found in the time that kube-scheduler takes";
  }
}

function formatFewest(fewest: Fewest): string {
  return fewest.type === "counted"
    ? `has ${String(fewest.pods)}`
    : `counts as 0, because there are fewer than ${String(fewest.minDomains)} (minDomains)`;
}

function formatShortage({ resource, requested, free, allocatable }: ResourceShortage): string {
  return resource === "pods"
    ? `runs ${String(allocatable)} pods already, its maximum`
    : `needs ${formatAmount(resource, requested)} ${resource}; ${formatAmount(resource, free)} of ${formatAmount(resource, allocatable)} free`;
}

function formatDemand(demand: Demand): string {
  const { matching, taken, tainted, missingProfiles, published } = demand;
  if (matching > 0) {
    const tainting = tainted > 0 ? `, ${String(tainted)} with a taint that is not tolerated` : "";
    return `${formatNeed(demand)}; ${String(taken)} of ${String(matching)} taken${tainting}`;
  }
  const [missing] = missingProfiles;
  const reason =
    missing === undefined
      ? `there are ${Object.keys(published).length === 0 ? "no devices" : formatCounts(published)}`
      : `profile ${missing.profile} does not exist on ${missing.model}`;
  return `${formatNeed(demand)}; no device matches: ${reason}`;
}

function formatNeed({ claim, request, count, wants }: Demand): string {
  const amount = count === 1 ? "" : count === "all" ? "all " : `${String(count)} x `;
  return `claim ${claim}, request ${request} needs ${amount}${wants.join(" or ")}`;
}

function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${String(count)} x ${name}`)
    .join(", ");
}
