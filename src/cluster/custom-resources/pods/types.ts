/** Which pods a custom resource makes, as far as that is known before its controller runs. */
import type { Scaling } from "../../autoscalers";
import type { ClusterObject, JsonObject } from "../../objects";

/** Equal pods of a custom resource. */
export interface CustomPods {
  /** Of the pod's spec in the resource: `spec.workerGroupSpecs[0].template.spec`. */
  readonly path: string;
  /** What they are in the resource: `head`, the name of a group, of a job or of a role. Empty where all pods are the same. */
  readonly role: string;
  readonly spec: unknown;
  readonly annotations?: unknown;
  readonly labels?: unknown;
  readonly count: number;
  /** Pods of one phase run at the same time, those of different phases one after the other. @default 0 */
  readonly phase?: number;
  /** Parts of the pod that stand elsewhere in the resource, from `path` on: `containers[0]` in `model`. The first that fits counts. @default none */
  readonly written?: readonly (readonly [made: string, own: string])[];
  /** Where to set what Pod Security wants, for containers that the controller makes up; a sentence without a full stop. */
  readonly remedy?: string;
}

/** A claim template that the controller creates for its pods. */
export interface MadeTemplate {
  readonly name: string;
  readonly spec: unknown;
}

export interface Placement {
  readonly pods: readonly CustomPods[];
  readonly templates?: readonly MadeTemplate[];
  /** Names of the volumes that the controller adds to the pods: of claims that it makes for them. */
  readonly volumes?: readonly string[];
  /** Pods that the resource makes and that cannot be placed here, with the reason; a sentence each, without a full stop. */
  readonly unplaced?: readonly string[];
  /** Of pods whose number an autoscaler changes: how many it may make of a role. */
  readonly scales?: readonly { readonly role: string; readonly most: number }[];
}

/** What a reader is told beside the resource itself. */
export interface Context {
  /** A number of pods at a path of a record; `otherwise` where it is not set. Anything but a number of pods is a problem. */
  count(record: JsonObject, key: string, path: string, otherwise: number): number;
  /** The numbers between which an autoscaler outside of the resource moves its `spec.replicas`. */
  readonly scaling: Pick<Scaling, "least" | "most"> | undefined;
  /** An object that the resource names: in its own namespace, or of the whole cluster. */
  find(kind: string, name: string): ClusterObject | undefined;
}

export type ReadPods = (object: ClusterObject, context: Context) => Placement;

/** What comes of the objects of a kind. */
export type Makes =
  | {
      /** Their controller makes pods, and which ones is known. */
      readonly type: "pods";
      readonly read: ReadPods;
      /** Containers that the controller adds with a security context from its own settings, and where those settings are. */
      readonly adds?: { readonly containers: string; readonly setting: string };
    }
  /** They make no pods themselves: objects that name them do, and are placed with what they say. */
  | { readonly type: "template" }
  /** They make pods in a way that cannot be known before they run. */
  | { readonly type: "named"; readonly why: string };
