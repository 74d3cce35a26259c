/** What Kubernetes itself does in one of its minor versions, as far as this project depends on it. */
import type { Library } from "../cel/library/library";

/** The first version that serves `resource.k8s.io/v1`, on which every claim of the platform builds. */
export const FIRST_WITH_DRA = "1.34";

/**
 * Default feature gates. The types say which defaults this project implements: a release whose default is another one does not compile until it is implemented.
 */
export interface FeatureGates {
  /** `adminAccess` in claims, for namespaces that are labelled for it. */
  readonly DRAAdminAccess: true;
  /** `firstAvailable` in claims. */
  readonly DRAPrioritizedList: true;
  /** Requests for a part of a device's capacity, and `device.allowMultipleAllocations`. Where it is off the API server drops the requests. */
  readonly DRAConsumableCapacity: boolean;
  /** Where it is off the API server drops the taints of devices. */
  readonly DRADeviceTaints: boolean;
  /**
   * Extended resources (`nvidia.com/gpu`) that are allocated through a device class, past claims and their quotas. The policies refuse pods that ask for one, and
   * the scheduler model does not give them devices.
   */
  readonly DRAExtendedResource: boolean;
  /** Devices that share counters of their pool. The drivers of the catalogue publish none without a feature gate of their own, which a policy denies. */
  readonly DRAPartitionableDevices: boolean;
  /** Devices that are ready some time after they were allocated. The drivers of the catalogue publish none. */
  readonly DRADeviceBindingConditions: boolean;
  /** Health of a pod's devices in its status, which kubelets write. */
  readonly ResourceHealthStatus: boolean;
  /**
   * Who may write the status of a claim needs a right of its own to write allocations (`resourceclaims/binding`), and another one to write what a driver says of
   * devices (`resourceclaims/driver`).
   */
  readonly DRAResourceClaimGranularStatusAuthorization: boolean;
  /** Resources of a pod as a whole. */
  readonly PodLevelResources: true;
}

/** In what kube-scheduler's search for devices differs from version to version. */
export interface SchedulerFeatures {
  /** Capacity requests count. */
  readonly consumableCapacity: boolean;
  /** Taints of devices count. */
  readonly deviceTaints: boolean;
  /** `distinctAttribute` compares values. Otherwise any two devices that have the attribute pass as distinct. */
  readonly distinctValues: boolean;
  /**
   * A pool is judged by its slices on all nodes, and passed over while it is incomplete or invalid. Otherwise it is judged by its slices on one node,
   * devices of an incomplete pool are allocated, and an invalid pool ends the search with an error.
   */
  readonly wholePools: boolean;
  /**
   * `allocationMode: All` is right in every alternative of a request. Otherwise the second alternative gets the devices of the first where both ask for all, and after
   * the first device of an alternative the search goes on with the first alternative.
   */
  readonly allInAlternatives: boolean;
  /** Among nodes that fit it prefers one on which the requests get earlier ones of their alternatives (plugin DynamicResources). */
  readonly scoresAlternatives: boolean;
  /** It compares how much better balanced CPU and memory of a node become. Otherwise how well balanced they are then (`balancedResourceScorer`). */
  readonly scoresBalanceGained: boolean;
}

/** A group version of claims that this project can read. */
export type ClaimApiVersion = "resource.k8s.io/v1" | "resource.k8s.io/v1beta2" | "resource.k8s.io/v1beta1";

/** Limits of `resource.k8s.io`: numbers of entries where nothing else is said. */
export interface ClaimLimits {
  readonly requests: number;
  /** Of one request. */
  readonly alternatives: number;
  /** Of one request or alternative. */
  readonly selectors: number;
  /** Of one request or alternative. */
  readonly tolerations: number;
  readonly constraints: number;
  readonly configurations: number;
  /** Of one configuration, in bytes as JSON. */
  readonly parametersBytes: number;
  /** Length of a selector's expression, in bytes of UTF-8. */
  readonly selectorBytes: number;
  /** Worst-case cost of a selector, in CEL's cost units. */
  readonly selectorCost: number;
  /** Devices that one claim can hold. */
  readonly allocatedDevices: number;
  /** Pods, or other users, that one claim can be reserved for. */
  readonly reservations: number;
}

/** Limits of what a driver publishes: characters of names and values, or numbers of entries. */
export interface DeviceLimits {
  /** Devices in one ResourceSlice. */
  readonly devicesPerSlice: number;
  readonly driverCharacters: number;
  /** Of the domain of an attribute or capacity. */
  readonly domainCharacters: number;
  /** Of the rest of its name. */
  readonly identifierCharacters: number;
  readonly attributeValueCharacters: number;
  /** Attributes and capacities of one device. */
  readonly attributes: number;
}

export type DroppedField = "capacity" | "distinctAttribute" | "tolerations";

export interface ClaimApi {
  /** Group versions that the API server has, the stable one first. A manifest of another one is refused. */
  readonly versions: readonly ClaimApiVersion[];
  /** What the API server removes from a new claim, because its feature gate is off. It then refuses a constraint that is empty. */
  readonly dropped: readonly DroppedField[];
  readonly limits: ClaimLimits;
  readonly deviceLimits: DeviceLimits;
}

/** What a container can say about its own restarts: nothing, when to restart it, or also when to restart all containers of its pod. */
export type RestartRules = "none" | "restart" | "restartAll";

/** The rules of one minor version. Whatever compiles selectors, reads claims or places pods is handed those of the cluster that it speaks of. */
export interface KubernetesRules {
  /** `1.34`. */
  readonly version: string;
  readonly featureGates: FeatureGates;
  /** What every CEL expression may use that this version's API server accepts in a new object. */
  readonly celLibraries: readonly Library[];
  readonly claimApi: ClaimApi;
  readonly restartRules: RestartRules;
  /** The name of a Service can begin with a digit. */
  readonly serviceNamesWithDigits: boolean;
  /** Pod Security lets a pod be root, and `baseline` unmask its /proc, if the pod has `hostUsers: false`. */
  readonly rootInUserNamespaces: boolean;
  /** A pod can have a host name that is no part of its domain (feature gate HostnameOverride). Other versions drop the field. */
  readonly hostnameOverride: boolean;
  readonly scheduler: SchedulerFeatures;
}
