import type { LimitRangeArgs, ResourceQuotaArgs } from "@pulumi/kubernetes/core/v1";
import type { GpuPool, Team } from "../../config/types";
import { VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { TIERS } from "../../dra/tiers";
import { CLAIM_COUNT_KEY, deviceCountKey } from "../../well-known/quota-keys";
import { OTHER_VENDOR_CLASSES } from "../admission/platform";

/** Classes that would hand out whole GPUs or any slice: the vendor's, installed or not. */
const CLOSED_CLASSES = [...VENDOR_DEVICE_CLASSES.map(({ name }) => name), ...OTHER_VENDOR_CLASSES];

/**
 * A team's quota. Slices are counted per device class at the creation of a claim, whether or not it is ever allocated. Every other class is zero: a key of a class
 * that does not exist does no harm. There is no `requests.` before a class: the API server accepts that spelling and never enforces it.
 * A claim holds at least one slice, so that more claims than slices could only be empty ones.
 *
 * Extended resources are the other way round: quota knows them with `requests.` only. Nothing offers them here; they are zero for the day that a device plugin does.
 * The names of MIG slices are those that the device plugin would give on the GPUs of the pools. A device class as an extended resource
 * (`deviceclass.resource.kubernetes.io/...`) has no key: quota takes a name with `kubernetes.io/` for Kubernetes' own and counts none of it; what the scheduler
 * would claim for it counts as any claim (Kubernetes, pkg/quota/v1/evaluator/core/pods.go).
 */
export function teamQuota({ name, slices, pods, cpu, memoryGiB }: Team, pools: readonly GpuPool[]): ResourceQuotaArgs {
  const devices = [
    ...TIERS.map((tier) => [tier.className, slices[tier.name]] as const),
    ...CLOSED_CLASSES.map((closed) => [closed, 0] as const),
  ];
  const claims = TIERS.reduce((total, tier) => total + slices[tier.name], 0);
  return {
    metadata: { name: "team", namespace: name },
    spec: {
      hard: {
        pods: String(pods),
        "requests.cpu": String(cpu),
        "requests.memory": `${memoryGiB}Gi`,
        "limits.memory": `${memoryGiB}Gi`,
        // A load balancer is an address on the internet and a bill; a node port is open on every node.
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        [CLAIM_COUNT_KEY]: String(claims),
        ...Object.fromEntries(devices.map(([deviceClass, count]) => [deviceCountKey(deviceClass), String(count)])),
        ...Object.fromEntries(extendedResources(pools).map((resource) => [`requests.${resource}`, "0"])),
      },
    },
  };
}

/** Names of what could stand for a GPU in a container's `resources`. */
function extendedResources(pools: readonly GpuPool[]): readonly string[] {
  const profiles = pools.flatMap(({ layout: { model } }) => model.profiles.map((profile) => profile.name.replaceAll("+", ".")));
  return ["nvidia.com/gpu", "nvidia.com/gpu.shared", ...new Set(profiles.map((profile) => `nvidia.com/mig-${profile}`))];
}

/** What a container gets that does not say what it needs, as the quota wants it to: enough for a shell, and a memory limit so that one pod cannot starve a node that teams share. */
export function teamLimitRange(namespace: string): LimitRangeArgs {
  return {
    metadata: { name: "team", namespace },
    spec: {
      limits: [{ type: "Container", defaultRequest: { cpu: "250m", memory: "512Mi" }, default: { memory: "4Gi" } }],
    },
  };
}
