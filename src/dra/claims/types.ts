/**
 * The normal form of a claim: what ResourceClaims and ResourceClaimTemplates of every served API version say, once,
 * with the API server's defaults filled in. Names are those of `resource.k8s.io/v1`.
 */
import type { ClaimApiVersion } from "../../releases/kubernetes";

/** Tolerates device taints, as a pod's toleration tolerates node taints. */
export interface DeviceToleration {
  /** Undefined: every key. */
  readonly key: string | undefined;
  readonly operator: "Equal" | "Exists";
  readonly value: string;
  /** Undefined: every effect. */
  readonly effect: "NoSchedule" | "NoExecute" | undefined;
  readonly tolerationSeconds: number | undefined;
}

/** How many of the matching devices are wanted. */
export type AllocationMode = { readonly type: "ExactCount"; readonly count: number } | { readonly type: "All" };

/** What a request, or one alternative of a `firstAvailable` request, asks for. */
export interface ExactRequest {
  readonly deviceClassName: string;
  /** CEL expressions; a device has to satisfy every one, after those of the device class. */
  readonly selectors: readonly string[];
  readonly allocationMode: AllocationMode;
  /** Use of devices for administration: it neither needs them to be free nor takes them from others. */
  readonly adminAccess: boolean;
  readonly tolerations: readonly DeviceToleration[];
  /** Quantities by capacity name. The API server drops them unless feature gate DRAConsumableCapacity is on. */
  readonly capacityRequests: Readonly<Record<string, string>>;
}

/** One alternative of a `firstAvailable` request. */
export interface SubRequest extends ExactRequest {
  readonly name: string;
}

export type Request =
  | { readonly type: "exactly"; readonly name: string; readonly exactly: ExactRequest }
  /** The first alternative that can be allocated is. */
  | { readonly type: "firstAvailable"; readonly name: string; readonly firstAvailable: readonly SubRequest[] };

/** What one name of a claim's requests stands for: `request`, or `request/alternative`. */
export interface RequestedDevices {
  readonly reference: string;
  readonly exact: ExactRequest;
}

/** What a request may be given: the one thing it asks for, or its alternatives in the order in which they are tried. */
export function requestedDevices(request: Request): readonly RequestedDevices[] {
  return request.type === "exactly"
    ? [{ reference: request.name, exact: request.exactly }]
    : request.firstAvailable.map((alternative) => ({ reference: `${request.name}/${alternative.name}`, exact: alternative }));
}

/** Ties the devices of a claim together through the value of an attribute. */
export interface Constraint {
  /** The same value on every device, or a different one on each. */
  readonly type: "matchAttribute" | "distinctAttribute";
  /** `domain/name`. */
  readonly attribute: string;
  /** Names of requests, or `request/alternative`; empty: every request of the claim. */
  readonly requests: readonly string[];
}

/** Configuration that the scheduler passes on to the driver unread. */
export interface DeviceConfiguration {
  /** Names of requests, or `request/alternative`; empty: every request of the claim. */
  readonly requests: readonly string[];
  readonly driver: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ClaimSpec {
  readonly requests: readonly Request[];
  readonly constraints: readonly Constraint[];
  readonly config: readonly DeviceConfiguration[];
}

/** One device given to one request of a claim. */
export interface AllocatedDevice {
  /** Name of the request, or `request/alternative`. */
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess: boolean;
}

/** What `status.allocation` of a ResourceClaim says. */
export interface Allocation {
  readonly devices: readonly AllocatedDevice[];
  /** The node on which the devices are; undefined: they can be used on every node. */
  readonly nodeName: string | undefined;
}

interface ClaimBase {
  /** The version that the manifest was written in; the normal form does not depend on it. */
  readonly apiVersion: ClaimApiVersion;
  /** `metadata.name`; of an object with `generateName` only, that prefix. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly spec: ClaimSpec;
}

export interface ResourceClaim extends ClaimBase {
  readonly kind: "ResourceClaim";
  /** Undefined: not allocated yet. */
  readonly allocation: Allocation | undefined;
  /** How many pods (or other users) the claim is reserved for. */
  readonly reservations: number;
}

export interface ResourceClaimTemplate extends ClaimBase {
  readonly kind: "ResourceClaimTemplate";
}

export type Claim = ResourceClaim | ResourceClaimTemplate;
