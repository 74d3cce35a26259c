/**
 * Dynamic Resource Allocation, in the shapes of `resource.k8s.io/v1` where a shape exists there.
 * What is read from a cluster, what the rehearsal makes up and what the tests publish are the same type.
 */

/** A device attribute: exactly one of the four is set. */
export interface DeviceAttribute {
  readonly string?: string;
  readonly bool?: boolean;
  readonly int?: number;
  /** A semantic version 2.0.0 without a leading `v`. */
  readonly version?: string;
}

/** A device capacity, as a Kubernetes quantity (`4864Mi`, `14`). */
export interface DeviceCapacity {
  readonly value: string;
}

export interface DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "NoExecute" | "None";
}

/** One device of a ResourceSlice. Attribute and capacity names without a domain belong to the driver's own domain. */
export interface Device {
  readonly name: string;
  readonly attributes: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity: Readonly<Record<string, DeviceCapacity>>;
  readonly taints?: readonly DeviceTaint[];
}

/** A ResourceSlice as a DRA driver publishes it (the fields this project reads or writes). */
export interface ResourceSlice {
  readonly apiVersion: "resource.k8s.io/v1";
  readonly kind: "ResourceSlice";
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly driver: string;
    readonly nodeName: string;
    readonly pool: { readonly name: string; readonly generation: number; readonly resourceSliceCount: number };
    readonly devices: readonly Device[];
  };
}

/** A device as a CEL selector sees it: with the driver that published it. */
export interface SelectorInput {
  readonly driver: string;
  readonly attributes: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity: Readonly<Record<string, DeviceCapacity>>;
}

/** What one selector says of one device. An error is what kube-scheduler reports as one: it fails the whole claim. */
export type SelectorVerdict =
  { readonly type: "match" } | { readonly type: "noMatch" } | { readonly type: "error"; readonly message: string };

/** A CEL expression after compilation. `invalid` is what the API server would refuse, in its words where possible. */
export type Selector =
  | { readonly type: "selector"; readonly expression: string; readonly evaluate: (device: SelectorInput) => SelectorVerdict }
  | { readonly type: "invalid"; readonly expression: string; readonly message: string };
