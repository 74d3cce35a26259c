/** How a pod gets GPUs without a claim. */
import type { core } from "@pulumi/kubernetes/types/input";
import { posix } from "node:path";
import {
  DEVICE_LIST_DIRECTORY,
  DEVICE_VARIABLES,
  NO_DEVICES,
  VISIBLE_DEVICES_VARIABLE,
  injectsDevices,
} from "../../src/well-known/device-requests";
import { TIERS } from "../../src/dra/tiers";
import { TIER_REQUEST } from "../../src/well-known/tier-request";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { hasClaims, isNearGpus, toleratesGpuTaint, usesClaim } from "../resources/gpu-nodes";
import type { PodContainer, PodTemplate } from "../resources/pod-specs";
import { entriesAt, fieldsAt, isSet } from "../resources/pod-specs";
import { entries, field, fieldsOf } from "../evaluation/properties";
import type { Previewed } from "../evaluation/properties";
import { UNKNOWN, show } from "../evaluation/snapshot";
import { namedRequests } from "./named-requests";

/** The runtime reads a path that is mounted here as a list of devices. */
const DEVICE_LIST = `run/${DEVICE_LIST_DIRECTORY}`;

/** One sentence for each bypass, with the path. */
export function gpuBypasses(pod: PodTemplate, isPatch: boolean): readonly Finding[] {
  const unknown = [...pod.unknown];
  const found = [
    ...annotations(pod, unknown),
    ...runtimeClass(pod),
    ...withoutClaim(pod, isPatch),
    ...requestNames(pod, unknown),
    ...extendedResources(pod.spec.resources, `${pod.prefix}spec.resources`, unknown),
    ...gpuResources(pod.spec.overhead, `${pod.prefix}spec.overhead`, unknown),
    ...pod.containers.flatMap((container) => [
      ...extendedResources(container.content.resources, `${container.path}.resources`, unknown),
      ...environment(container, unknown),
      ...deviceLists(container, unknown),
    ]),
  ];
  return [...found, ...unknown.map((path) => undetermined(path, WHAT_UNKNOWN_DECIDES))];
}

/** What an unknown part of a pod decides. */
export const WHAT_UNKNOWN_DECIDES = "what it gives the pod";

function annotations({ metadata, prefix }: PodTemplate, unknown: string[]): readonly string[] {
  return Object.keys(fieldsAt(metadata, "annotations", `${prefix}metadata`, unknown)).flatMap((key) =>
    injectsDevices(key)
      ? [`annotation "${key}" requests devices from the node, bypassing the scheduler. Remove it, and claim a slice`]
      : [],
  );
}

function runtimeClass(pod: PodTemplate): readonly Finding[] {
  const name = pod.spec.runtimeClassName;
  if (!isSet(name)) {
    return [];
  }
  const path = `${pod.prefix}spec.runtimeClassName`;
  if (name === UNKNOWN) {
    return [undetermined(path, "which runtime injects devices")];
  }
  return typeof name !== "string" || /nvidia/i.test(name) || isNearGpus(pod)
    ? [`${path} is ${show(name)}. Remove it: it selects the runtime, which injects devices, and claims need none`]
    : [];
}

/**
 * On a GPU node the default runtime is NVIDIA's, which obeys the NVIDIA_VISIBLE_DEVICES that images set themselves. For containers with a claim the driver sets
 * it to `void`. The pod must set it for the others.
 */
function withoutClaim(pod: PodTemplate, isPatch: boolean): readonly string[] {
  if (isPatch && pod.spec.tolerations === undefined && !hasClaims(pod)) {
    return pod.containers.length > 0
      ? [
          `${pod.prefix}spec.containers are in a patch, which hides the rest of the pod, and the pod may run on a GPU node. Write the whole object`,
        ]
      : [];
  }
  if (toleratesGpuTaint(pod) && !hasClaims(pod)) {
    return [
      `${pod.prefix}spec.tolerations let the pod run on GPU nodes without a claim, so its image could expose every GPU. ` +
        "Add resourceClaims (mig-small-template, ...), or tolerate the taints of other nodes by name",
    ];
  }
  if (!isNearGpus(pod)) {
    return [];
  }
  return pod.containers
    .filter((container) => !usesClaim(pod, container) && !declinesDevices(container))
    .map(
      ({ path }) =>
        `${path} does not use the pod's claim, so its image could expose every GPU of the node. Add the claim to resources.claims, or set NVIDIA_VISIBLE_DEVICES to void`,
    );
}

/** A container that names a request which its claim does not have looks like one with a slice, and has none. Of the platform's templates the requests are known. */
function requestNames(pod: PodTemplate, unknown: string[]): readonly string[] {
  const named = namedRequests(pod);
  unknown.push(...named.unknown);
  const requests = named.requests.filter(({ request }) => request !== TIER_REQUEST);
  if (requests.length > 0) {
    unknown.push(...unknownTemplates(pod));
  }
  return requests.flatMap(({ path, request, source }) =>
    source?.type === "template" && TIERS.some(({ templateName }) => templateName === source.name)
      ? [
          `${path}.request is ${show(request)}, so the container gets no device: ${source.name} has the request ${TIER_REQUEST} only. Remove it, or write ${TIER_REQUEST}`,
        ]
      : [],
  );
}

/** Paths of what is unknown until `pulumi up` of the names that link a container's claim to a template. */
function unknownTemplates({ spec, prefix }: PodTemplate): readonly string[] {
  return entries(spec.resourceClaims).flatMap((claim, index) => {
    const path = `${prefix}spec.resourceClaims[${index}]`;
    return (["name", "resourceClaimTemplateName"] as const).flatMap((key) => (field(claim, key) === UNKNOWN ? [`${path}.${key}`] : []));
  });
}

function isNoDevices(value: unknown): boolean {
  return (NO_DEVICES as readonly unknown[]).includes(value);
}

/** Whether a container takes back what its image asks for. */
export function declinesDevices({ content }: PodContainer): boolean {
  return entries(content.env).some((entry) => field(entry, "name") === VISIBLE_DEVICES_VARIABLE && isNoDevices(field(entry, "value")));
}

function extendedResources(
  resources: Previewed<core.v1.ResourceRequirements> | undefined,
  path: string,
  unknown: string[],
): readonly string[] {
  if (resources === UNKNOWN) {
    unknown.push(path);
  }
  const { limits, requests } = fieldsOf(resources);
  return [...gpuResources(limits, `${path}.limits`, unknown), ...gpuResources(requests, `${path}.requests`, unknown)];
}

function gpuResources(amounts: Previewed<Record<string, string>> | undefined, path: string, unknown: string[]): readonly string[] {
  if (amounts === UNKNOWN) {
    unknown.push(path);
  }
  return Object.keys(fieldsOf(amounts))
    .filter(isExtendedResource)
    .map((name) => `${path} requests "${name}" without a claim. Use resourceClaims and resources.claims`);
}

/**
 * Resources of device plugins, and those that Kubernetes creates for device classes. A device plugin and a device class can call a GPU anything, so only AWS's
 * network interfaces are none, as in the admission policies.
 */
function isExtendedResource(name: string): boolean {
  return name.includes("/") && !name.startsWith("vpc.amazonaws.com/");
}

function environment({ content, path }: PodContainer, unknown: string[]): readonly string[] {
  return entriesAt(content, "env", path, unknown).flatMap(({ path: entryPath, entry: { name, value } }) => {
    if (name === UNKNOWN) {
      unknown.push(`${entryPath}.name`);
    }
    const asksForDevices = (DEVICE_VARIABLES as readonly unknown[]).includes(name);
    if (!asksForDevices || (name === VISIBLE_DEVICES_VARIABLE && isNoDevices(value))) {
      return [];
    }
    return [`${entryPath} sets ${String(name)}, from which the runtime injects devices. Remove it (claims need none), or set it to void`];
  });
}

function deviceLists({ content, path }: PodContainer, unknown: string[]): readonly string[] {
  const mounts = entriesAt(content, "volumeMounts", path, unknown).map(({ path, entry }) => ({
    path,
    key: "mountPath",
    at: entry.mountPath,
  }));
  const devices = entriesAt(content, "volumeDevices", path, unknown).map(({ path, entry }) => ({
    path,
    key: "devicePath",
    at: entry.devicePath,
  }));
  return [...mounts, ...devices].flatMap(({ path: entryPath, key, at }) => {
    if (at === UNKNOWN) {
      unknown.push(`${entryPath}.${key}`);
    }
    return typeof at === "string" && namesDevices(at)
      ? [`${entryPath} is a list of devices to NVIDIA's runtime. Mount it elsewhere, and claim a slice`]
      : [];
  });
}

function namesDevices(path: string): boolean {
  const normal = `${posix.normalize(`/${path}`)}/`;
  return normal.startsWith(`/${DEVICE_LIST}/`) || normal.startsWith(`/var/${DEVICE_LIST}/`);
}
