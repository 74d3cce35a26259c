/** Where custom resources carry pods, claims and requests for devices, and which pods come of them. */
import type { Makes } from "./pods/types";

/**
 * A path in an object: `spec.tasks[].template` is the template of each task, `spec.replicaSpecs{}.template` that of each value of a map.
 * The empty path is the object where it starts.
 */
export type Path = string;

/** A place at which a custom resource has a pod, or something from which its controller makes one. */
export interface PodPlace {
  readonly path: Path;
  /** `template`: `metadata` and `spec` as in a PodTemplate. `spec`: the fields of a PodSpec, perhaps beside others. */
  readonly shape: "template" | "spec";
  /** Containers beside the lists of a PodSpec, by paths from the record that has the fields of the PodSpec. */
  readonly containers?: readonly Path[];
  /** Records whose fields of a PodSpec hold for this pod as well, by paths from the object. */
  readonly around?: readonly Path[];
  /** A patch of the pod's spec as text, by its key in the same record and in the records around. */
  readonly patch?: string;
  /** Names of claims and claim templates that the controller gives to the pod and to all its containers, by a path from the same record. */
  readonly claims?: Path;
}

/** A place at which a custom resource describes a claim that its controller creates. */
export interface ClaimPlace {
  /** Of a record with `deviceClassName`. */
  readonly path: Path;
  /** The class that the controller uses where the record names none. */
  readonly defaultClass: string;
}

/** A field that must not be there, because nothing checks what it does. */
export interface RefusedField {
  readonly path: Path;
  /** Only keys that match, where the field is a map of settings. @default the field as a whole */
  readonly keys?: RegExp;
  /** What the field does, and what to write instead: the end of a sentence that begins with the field. */
  readonly reason: string;
}

/** What is known about some kinds of one API group. */
export type CustomKinds = { readonly group: string; readonly kinds: readonly string[] } & (
  | {
      /** Their controllers create pods, claims or other objects. */
      readonly type: "workload";
      /** Which pods come of an object. */
      readonly makes: Makes;
      readonly pods?: readonly PodPlace[];
      readonly claims?: readonly ClaimPlace[];
      readonly refused?: readonly RefusedField[];
    }
  | {
      /** They have no effect on who gets devices, on rights and on other namespaces. */
      readonly type: "plain";
      readonly because: string;
    }
);

/** The entry of kinds that create something. */
export type WorkloadKinds = Extract<CustomKinds, { readonly type: "workload" }>;

/** A container, wherever the custom resource has it. */
export interface CarriedContainer {
  readonly type: "container" | "initContainer" | "ephemeralContainer";
  readonly path: string;
  /** A symbol if it is unknown. */
  readonly content: unknown;
}

/** A pod as far as the custom resource describes it. */
export interface CarriedPod {
  /** Of the record that describes it. */
  readonly path: string;
  /** What of the pod is unknown, by path. */
  readonly unknown: readonly string[];
  readonly metadata: unknown;
  /** The fields of its spec apart from containers. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly containers: readonly CarriedContainer[];
  /** Paths of texts that are in the pod already. */
  readonly texts?: readonly string[];
}

/** The spec of a claim that the controller creates. */
export interface CarriedClaim {
  readonly path: string;
  readonly apiVersion: string;
  readonly spec: unknown;
}

/** A whole object inside the custom resource. */
export interface CarriedObject {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A part that nothing can check. */
export interface Unchecked {
  readonly path: string;
  /** The rest of a sentence that begins with the path; undefined if the part is unknown until it is deployed. */
  readonly reason: string | undefined;
}

export interface CustomContents {
  readonly pods: readonly CarriedPod[];
  readonly claims: readonly CarriedClaim[];
  readonly objects: readonly CarriedObject[];
  readonly unchecked: readonly Unchecked[];
}
