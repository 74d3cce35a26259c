import type { LimitRangeArgs, ResourceQuotaArgs } from "@pulumi/kubernetes/core/v1";
import type { GpuPool, Team } from "../../config/types";
import { DEVICE_CLASS_RESOURCE_PREFIX, VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { TIERS } from "../../dra/tiers";
import type { KubernetesRules } from "../../releases/kubernetes";
import { nodeDiskGiB } from "../../hardware/node-disk";
import { CONTAINER_DISK_GIB } from "../../well-known/container-disk";
import {
  CLAIM_COUNT_KEY,
  STORAGE_KEY,
  VOLUME_CLAIMS_KEY,
  deviceCountKey,
  objectCountKey,
  ofStorageClass,
} from "../../well-known/quota-keys";
import { CONTROLLED_KINDS, CREATED_KINDS } from "../../well-known/team-rights";
import { OTHER_VENDOR_CLASSES } from "../admission/platform";
import { DEFAULT_STORAGE_CLASS } from "../storage-class";

/** Classes that would hand out whole GPUs or any slice: the vendor's, installed or not. */
const CLOSED_CLASSES = [...VENDOR_DEVICE_CLASSES.map(({ name }) => name), ...OTHER_VENDOR_CLASSES];

/** The class that EKS brings, whose volumes are not encrypted. */
const CLOSED_STORAGE_CLASS = "gp2";

/**
 * A team's quota: slices, what costs money, and what fills a node's disk or the database of the cluster.
 *
 * It counts slices per device class when a claim is created, allocated or not. Every other class is zero, whether it exists or not.
 * A class has no `requests.` prefix: the API server accepts that spelling and never enforces it.
 * A claim holds at least one slice, so more claims than slices could only be empty ones.
 *
 * Extended resources need the `requests.` prefix. They are zero: the class gpu.nvidia.com offers whole GPUs as `nvidia.com/gpu` from Kubernetes 1.36 on, and a
 * device plugin would offer MIG slices of the pools' GPUs by the other names. A device class as an extended resource (`deviceclass.resource.kubernetes.io/...`)
 * gives devices from 1.36 on. It is counted together with the devices of claims. In 1.34 quota ignores names with `kubernetes.io/` (Kubernetes, pkg/quota/v1/evaluator/core/pods.go).
 *
 * Volumes count by what they ask for, of every storage class, also those that a StatefulSet or a generic ephemeral volume brings. `emptyDir` volumes count as
 * ephemeral storage of the pod, those in memory as its memory.
 */
export function teamQuota(
  team: Team,
  pools: readonly GpuPool[],
  { featureGates }: Pick<KubernetesRules, "featureGates">,
): ResourceQuotaArgs {
  const { name, slices, pods, cpu, memoryGiB, ephemeralStorageGiB } = team;
  const devices = [
    ...TIERS.map((tier) => [tier.className, slices[tier.name]] as const),
    ...CLOSED_CLASSES.map((closed) => [closed, 0] as const),
  ];
  return {
    metadata: { name: "team", namespace: name },
    spec: {
      hard: {
        pods: String(pods),
        "requests.cpu": String(cpu),
        "requests.memory": `${memoryGiB}Gi`,
        "limits.memory": `${memoryGiB}Gi`,
        "requests.ephemeral-storage": `${ephemeralStorageGiB}Gi`,
        "limits.ephemeral-storage": `${ephemeralStorageGiB}Gi`,
        // A load balancer is an address on the internet and a bill; a node port is open on every node.
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        ...storage(team),
        ...objectCounts(team),
        ...Object.fromEntries(devices.map(([deviceClass, count]) => [deviceCountKey(deviceClass), String(count)])),
        ...Object.fromEntries(extendedResources(pools).map((resource) => [`requests.${resource}`, "0"])),
        ...(featureGates.DRAExtendedResource ? implicitResources(devices) : {}),
      },
    },
  };
}

function storage({ storageGiB, objects }: Team): Readonly<Record<string, string>> {
  return {
    [STORAGE_KEY]: `${storageGiB}Gi`,
    [VOLUME_CLAIMS_KEY]: String(objects),
    [ofStorageClass(DEFAULT_STORAGE_CLASS, STORAGE_KEY)]: `${storageGiB}Gi`,
    [ofStorageClass(DEFAULT_STORAGE_CLASS, VOLUME_CLAIMS_KEY)]: String(objects),
    [ofStorageClass(CLOSED_STORAGE_CLASS, STORAGE_KEY)]: "0",
    [ofStorageClass(CLOSED_STORAGE_CLASS, VOLUME_CLAIMS_KEY)]: "0",
  };
}

/**
 * How many objects of each kind: of every kind that a team can create, and of those that controllers make of them. etcd holds objects of up to 1.5 MiB, and a
 * ConfigMap or Secret up to 1 MiB of data.
 */
function objectCounts({ slices, pods, objects }: Team): Readonly<Record<string, string>> {
  const claims = TIERS.reduce((total, tier) => total + slices[tier.name], 0);
  const special = new Map([
    [CLAIM_COUNT_KEY, claims],
    // The platform's own are there already: a template per tier, and the certificate authority's ConfigMap.
    [objectCountKey({ group: "resource.k8s.io", resource: "resourceclaimtemplates" }), objects + TIERS.length],
    [objectCountKey({ group: "", resource: "configmaps" }), objects + 1],
    // Finished ones are kept for their logs and results. `pods` counts those that run.
    [objectCountKey({ group: "batch", resource: "jobs" }), 3 * objects],
    [objectCountKey({ group: "", resource: "pods" }), 2 * pods + 3 * objects],
    // A Deployment or StatefulSet keeps up to ten old revisions.
    ...CONTROLLED_KINDS.map((kind): [string, number] => [objectCountKey(kind), 5 * objects]),
  ]);
  const keys = [...CREATED_KINDS, ...CONTROLLED_KINDS].map(objectCountKey);
  return Object.fromEntries(keys.map((key) => [key, String(special.get(key) ?? objects)]));
}

/** Names of what could stand for a GPU in a container's `resources`. */
function extendedResources(pools: readonly GpuPool[]): readonly string[] {
  const profiles = pools.flatMap(({ layout: { model } }) => model.profiles.map((profile) => profile.name.replaceAll("+", ".")));
  return ["nvidia.com/gpu", "nvidia.com/gpu.shared", ...new Set(profiles.map((profile) => `nvidia.com/mig-${profile}`))];
}

/** As many by a resource as by claims: Kubernetes counts the devices of claims under these keys, too. */
function implicitResources(devices: readonly (readonly [string, number])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    devices.map(([deviceClass, count]) => [`requests.${DEVICE_CLASS_RESOURCE_PREFIX}${deviceClass}`, String(count)]),
  );
}

/** The part of a node's disk that one pod may fill: the others keep as much. */
const PART_OF_DISK = 0.5;

/**
 * What a container gets that does not say what it needs, as the quota wants it to: enough for a shell, and limits of memory and disk so that one pod cannot starve
 * a node that teams share. No pod may be limited to more of a node's disk than its part, and no volume to more than all of the team's.
 */
export function teamLimitRange({ name, storageGiB }: Pick<Team, "name" | "storageGiB">, pools: readonly GpuPool[]): LimitRangeArgs {
  const { request, limit } = CONTAINER_DISK_GIB;
  const smallestDisk = Math.min(...pools.map(({ instanceType, volumeGiB }) => nodeDiskGiB(instanceType, volumeGiB)));
  const pod = { type: "Pod", max: { "ephemeral-storage": `${Math.max(limit, Math.floor(smallestDisk * PART_OF_DISK))}Gi` } };
  return {
    metadata: { name: "team", namespace: name },
    spec: {
      limits: [
        {
          type: "Container",
          defaultRequest: { cpu: "250m", memory: "512Mi", "ephemeral-storage": `${request}Gi` },
          default: { memory: "4Gi", "ephemeral-storage": `${limit}Gi` },
        },
        ...(pools.length > 0 ? [pod] : []),
        { type: "PersistentVolumeClaim", max: { storage: `${storageGiB}Gi` } },
      ],
    },
  };
}
