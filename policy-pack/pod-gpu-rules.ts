/** Ways in which a pod gets at GPUs without a claim. */
import { posix } from "node:path";
import {
  DEVICE_LIST_DIRECTORY,
  DEVICE_VARIABLES,
  INJECTOR_DOMAIN_LABELS,
  INJECTOR_FIRST_LABELS,
  NO_DEVICES,
  VISIBLE_DEVICES_VARIABLE,
} from "../src/well-known/device-requests";
import { undetermined } from "./findings";
import type { Finding } from "./findings";
import { hasClaims, isNearGpus, toleratesGpuTaint, usesClaim } from "./gpu-nodes";
import type { PodContainer, PodTemplate } from "./pod-specs";
import { entriesOf, fieldsOf, isSet } from "./pod-specs";
import { UNKNOWN, show } from "./snapshot";

/** Where a mounted path is read as a list of devices. */
const DEVICE_LIST = `run/${DEVICE_LIST_DIRECTORY}`;

/** One sentence for each way in, with the path. */
export function gpuWaysIn(pod: PodTemplate, isPatch: boolean): readonly Finding[] {
  const unknown = [...pod.unknown];
  const found = [
    ...annotations(pod, unknown),
    ...runtimeClass(pod),
    ...withoutClaim(pod, isPatch),
    ...extendedResources(pod.spec, `${pod.prefix}spec`, "resources", unknown),
    ...extendedResources({ overhead: { limits: pod.spec["overhead"] } }, `${pod.prefix}spec`, "overhead", unknown),
    ...pod.containers.flatMap((container) => [
      ...extendedResources(container.content, container.path, "resources", unknown),
      ...environment(container, unknown),
      ...deviceLists(container, unknown),
    ]),
  ];
  return [...found, ...unknown.map((path) => undetermined(path, WHAT_UNKNOWN_DECIDES))];
}

/** What a part of a pod decides that cannot be judged. */
export const WHAT_UNKNOWN_DECIDES = "what it gives the pod";

function annotations({ metadata, prefix }: PodTemplate, unknown: string[]): readonly string[] {
  return Object.keys(fieldsOf(metadata, "annotations", `${prefix}metadata`, unknown)).flatMap((key) =>
    injectsDevices(key) ? [`annotation "${key}" asks the node for devices past the scheduler; leave it out and claim a slice`] : [],
  );
}

/** Whether an annotation asks CDI or a device injector of NRI for devices. */
function injectsDevices(key: string): boolean {
  const labels = (key.split("/")[0] ?? "").toLowerCase().split(".");
  return labels.some((label) => INJECTOR_DOMAIN_LABELS.includes(label)) || INJECTOR_FIRST_LABELS.includes(labels[0] ?? "");
}

function runtimeClass(pod: PodTemplate): readonly Finding[] {
  const name = pod.spec["runtimeClassName"];
  if (!isSet(name)) {
    return [];
  }
  const path = `${pod.prefix}spec.runtimeClassName`;
  if (name === UNKNOWN) {
    return [undetermined(path, "which runtime hands out devices")];
  }
  return typeof name !== "string" || /nvidia/i.test(name) || isNearGpus(pod)
    ? [`${path} is ${show(name)}: it chooses the runtime, which hands devices out; leave it out, claims need none`]
    : [];
}

/**
 * On a GPU node the default runtime is NVIDIA's, which obeys the NVIDIA_VISIBLE_DEVICES that images set themselves. For containers with a claim the driver sets it to
 * `void`; the others of the same pod have to.
 */
function withoutClaim(pod: PodTemplate, isPatch: boolean): readonly string[] {
  if (isPatch && pod.spec["tolerations"] === undefined && !hasClaims(pod)) {
    return pod.containers.length > 0
      ? [
          `${pod.prefix}spec.containers of a patch: the rest of the pod, which may be on a GPU node, is not to be seen; write the whole object`,
        ]
      : [];
  }
  if (toleratesGpuTaint(pod) && !hasClaims(pod)) {
    return [
      `${pod.prefix}spec.tolerations let the pod on GPU nodes, where its image may ask for every GPU, and it has no claim; ` +
        "add resourceClaims (mig-small-template, ...), or tolerate the taints of other nodes by name",
    ];
  }
  if (!isNearGpus(pod)) {
    return [];
  }
  return pod.containers
    .filter((container) => !usesClaim(pod, container) && !declinesDevices(container))
    .map(
      ({ path }) =>
        `${path} is on a GPU node and uses no claim, so that its image may ask for every GPU; name a claim in resources.claims, or set NVIDIA_VISIBLE_DEVICES to void`,
    );
}

function isNoDevices(value: unknown): boolean {
  return typeof value === "string" && NO_DEVICES.includes(value);
}

function declinesDevices({ content, path }: PodContainer): boolean {
  return entriesOf(content, "env", path, []).some(({ entry: { name, value } }) => name === VISIBLE_DEVICES_VARIABLE && isNoDevices(value));
}

function extendedResources(carrier: Readonly<Record<string, unknown>>, path: string, key: string, unknown: string[]): readonly string[] {
  const resources = fieldsOf(carrier, key, path, unknown);
  return ["limits", "requests"].flatMap((amounts) =>
    Object.keys(fieldsOf(resources, amounts, `${path}.${key}`, unknown))
      .filter(isGpuResource)
      .map((name) => `${path}.${key} asks for "${name}", which is no claim; use resourceClaims and resources.claims`),
  );
}

/** Resources of NVIDIA's device plugin, and the ones that Kubernetes makes of device classes. */
function isGpuResource(name: string): boolean {
  const domain = (name.split("/")[0] ?? "").toLowerCase();
  return domain === "nvidia.com" || domain.endsWith(".nvidia.com") || domain === "deviceclass.resource.kubernetes.io";
}

function environment({ content, path }: PodContainer, unknown: string[]): readonly string[] {
  return entriesOf(content, "env", path, unknown).flatMap(({ path: entryPath, entry: { name, value } }) => {
    if (name === UNKNOWN) {
      unknown.push(`${entryPath}.name`);
    }
    const asksForDevices = typeof name === "string" && DEVICE_VARIABLES.includes(name);
    if (!asksForDevices || (name === VISIBLE_DEVICES_VARIABLE && isNoDevices(value))) {
      return [];
    }
    return [`${entryPath} sets ${name}, by which the runtime hands devices out; leave it out (claims need none), or set it to void`];
  });
}

function deviceLists({ content, path }: PodContainer, unknown: string[]): readonly string[] {
  return ["volumeMounts", "volumeDevices"].flatMap((key) =>
    entriesOf(content, key, path, unknown).flatMap(({ path: entryPath, entry }) => {
      const mountPath = entry["mountPath"] ?? entry["devicePath"];
      if (mountPath === UNKNOWN) {
        unknown.push(`${entryPath}.mountPath`);
      }
      return typeof mountPath === "string" && namesDevices(mountPath)
        ? [`${entryPath} is a list of devices to NVIDIA's runtime; mount elsewhere, and claim a slice`]
        : [];
    }),
  );
}

function namesDevices(path: string): boolean {
  const normal = posix.normalize(`/${path}`).replace(/^\/+(var\/)?/, "");
  return normal === DEVICE_LIST || normal.startsWith(`${DEVICE_LIST}/`);
}
