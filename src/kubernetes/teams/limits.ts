import type { LimitRangeArgs, ResourceQuotaArgs } from "@pulumi/kubernetes/core/v1";
import type { GpuPool, Team } from "../../config/types";
import { VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { TIERS } from "../../dra/tiers";
import { CLAIM_COUNT_KEY, deviceCountKey } from "../../well-known/quota-keys";
import { OTHER_VENDOR_CLASSES } from "../admission/platform";

/** Classes that would hand out whole GPUs or any slice: the vendor's, installed or not. */
const CLOSED_CLASSES = [...VENDOR_DEVICE_CLASSES.map(({ name }) => name), ...OTHER_VENDOR_CLASSES];

/**
 * A team's quota. It counts slices per device class when a claim is created, allocated or not. Every other class is zero, whether it exists or not.
 * A class has no `requests.` prefix: the API server accepts that spelling and never enforces it.
 * A claim holds at least one slice, so more claims than slices could only be empty ones.
 *
 * Extended resources need the `requests.` prefix. Nothing offers them here; they are zero in case a device plugin does later, with the names that it would give
 * to MIG slices of the pools' GPUs. A device class as an extended resource (`deviceclass.resource.kubernetes.io/...`) has no key: quota ignores names with
 * `kubernetes.io/`, and counts the claim that the scheduler makes for it (Kubernetes, pkg/quota/v1/evaluator/core/pods.go).
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
