/** What kube-scheduler says of a pod that it does not place. */
import type { ApiServer, KubernetesObject } from "./api/api-server";

export interface SchedulingFailure {
  /** `Unschedulable`, `SchedulerError`, `SchedulingGated`. */
  readonly reason: string;
  readonly message: string;
}

/**
 * Why a pod has no node; undefined: the scheduler has not said so, or it looks again in a moment.
 *
 * A pod can be looked at before a controller has made its claims or its volumes. Nothing in the pod distinguishes that from a verdict but the message.
 */
export function schedulingFailure({ status }: KubernetesObject): SchedulingFailure | undefined {
  const conditions = (status?.conditions ?? []) as readonly Readonly<Record<string, string>>[];
  const condition = conditions.find(({ type }) => type === "PodScheduled");
  if (condition?.["status"] !== "False") {
    return undefined;
  }
  const { reason = "", message = "" } = condition;
  return PASSING.some((pattern) => pattern.test(message)) ? undefined : { reason, message };
}

/** The same without what the scheduler misses that is there: it reads everything from caches, and looks again when a cache has the object. */
export async function lastingFailure(api: ApiServer, pod: KubernetesObject): Promise<SchedulingFailure | undefined> {
  const failure = schedulingFailure(pod);
  for (const { pattern, apiVersion, kind, isNamespaced } of MISSED) {
    const name = failure && pattern.exec(failure.message)?.[1];
    if (name !== undefined) {
      const metadata = isNamespaced ? { name, namespace: pod.metadata["namespace"] } : { name };
      return (await api.find({ apiVersion, kind, metadata })) === undefined ? failure : undefined;
    }
  }
  return failure;
}

/**
 * Sources, kubernetes v1.34.4 and v1.36.3: `dynamic-resource-allocation/resourceclaim/resourceclaim.go` (`ErrClaimNotFound`);
 * `pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go` (`PreFilter`, `Filter`); `volumebinding/volume_binding.go` (`podHasPVCs`) and
 * `volumebinding/binder.go` (`isPVCBound`, `bindAPIUpdate`).
 */
const PASSING: readonly RegExp[] = [
  /ResourceClaim not created yet/,
  /resource claim \S+ is in the process of being allocated/,
  /waiting for ephemeral volume controller to create the persistentvolumeclaim/,
  // One of its two caches has the claim.
  /running PreFilter plugin "VolumeBinding": error getting PVC "/,
  // A controller has written into the claim or volume that the scheduler binds.
  /running PreBind plugin "VolumeBinding": Operation cannot be fulfilled on/,
];

const DRA = "resource.k8s.io/v1";

/** What the same files say of an object that their caches do not have. */
const MISSED: readonly { readonly pattern: RegExp; readonly apiVersion: string; readonly kind: string; readonly isNamespaced: boolean }[] =
  [
    { pattern: /device class (\S+) does not exist/, apiVersion: DRA, kind: "DeviceClass", isNamespaced: false },
    { pattern: /resourceclaim\S* "([^"]+)" not found/, apiVersion: DRA, kind: "ResourceClaim", isNamespaced: true },
    { pattern: /persistentvolumeclaim "([^"]+)" not found/, apiVersion: "v1", kind: "PersistentVolumeClaim", isNamespaced: true },
  ];
