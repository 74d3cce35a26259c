/** How a pod gets access to the node that it runs on, and through it to devices, the kubelet and other pods. */
import type { core } from "@pulumi/kubernetes/types/input";
import { STATIC_POD_PREFIX } from "../../src/well-known/device-requests";
import { BASELINE_CAPABILITIES, RESTRICTED_CAPABILITIES, SELINUX_TYPES, SYSCTLS } from "../../src/well-known/pod-security";
import { POD_CSI_DRIVERS } from "../../src/well-known/storage";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { entries } from "../evaluation/properties";
import type { PropertiesOf } from "../evaluation/properties";
import { isNearGpus } from "../resources/gpu-nodes";
import { WHAT_UNKNOWN_DECIDES } from "./gpu-bypasses";
import { handlerHosts } from "./handler-hosts";
import type { PodContainer, PodTemplate } from "../resources/pod-specs";
import { entriesAt, fieldsAt, isSet } from "../resources/pod-specs";
import { UNKNOWN, asRecord, show } from "../evaluation/snapshot";

const HOST_FIELDS = ["hostPID", "hostIPC", "hostNetwork"] as const;
const NODE_VOLUMES: readonly string[] = ["hostPath", "flexVolume"];
/** What Pod Security level `restricted` admits, and images as volumes. The kubelet handles all others on the node itself: it clones, attaches and mounts. */
const KNOWN_VOLUMES: readonly string[] = [
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"],
];

/** One sentence for each escape, with the path. */
export function nodeEscapes(pod: PodTemplate): readonly Finding[] {
  const { spec, prefix } = pod;
  const near = isNearGpus(pod);
  const unknown = [...pod.unknown];
  const path = `${prefix}spec`;
  const found = [
    ...annotations(pod, near, unknown),
    ...HOST_FIELDS.filter((name) => isSet(spec[name])).map((name) => `${path}.${name} joins the node's own namespace. Remove it`),
    ...(isSet(spec.nodeName) ? [`${path}.nodeName bypasses the scheduler, its taints and claims. Use nodeSelector`] : []),
    ...volumes(pod, path, unknown),
    ...securityContext(fieldsAt(spec, "securityContext", path, unknown), `${path}.securityContext`, near, unknown),
    ...pod.containers.flatMap((container) => containerEscapes(container, near, unknown)),
  ];
  return [...found, ...unknown.map((path) => undetermined(path, WHAT_UNKNOWN_DECIDES))];
}

/** By this annotation, with the name of a container, the API server sets the field appArmorProfile that the pod does not have. */
const APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";

function annotations({ metadata, prefix }: PodTemplate, near: boolean, unknown: string[]): readonly string[] {
  return Object.entries(fieldsAt(metadata, "annotations", `${prefix}metadata`, unknown)).flatMap(([key, value]) => {
    if (key.startsWith(STATIC_POD_PREFIX)) {
      return [`annotation "${key}" makes the pod look like a static one, which the kubelet starts by itself. Remove it`];
    }
    if (!near || !key.startsWith(APP_ARMOR_PREFIX)) {
      return [];
    }
    if (value === UNKNOWN) {
      unknown.push(`${prefix}metadata.annotations.${key}`);
    }
    return value === "unconfined" ? [`annotation "${key}" removes a protection that containers on GPU nodes must keep. Remove it`] : [];
  });
}

function volumes({ spec, containers }: PodTemplate, path: string, unknown: string[]): readonly string[] {
  return entriesAt(spec, "volumes", path, unknown).flatMap(({ path: entryPath, entry }) =>
    Object.entries(entry)
      .filter(([type, source]) => type !== "name" && isSet(source))
      .flatMap(([type, source]) => {
        if (type === "csi") {
          return csiVolume(source, `${entryPath}.csi`, unknown);
        }
        if (NODE_VOLUMES.includes(type)) {
          return [
            `${entryPath}.${type} opens the node's files (devices, sockets, the kubelet's directory). Use emptyDir, configMap or a claim`,
          ];
        }
        // The volumes of a machine have sources of their own, and it has no containers.
        return containers.length === 0 || KNOWN_VOLUMES.includes(type)
          ? []
          : [`${entryPath}.${type} is a volume that the node itself fetches or attaches. Use a PersistentVolumeClaim`];
      }),
  );
}

/** A volume of a CSI driver that no PersistentVolume names. What it mounts, its attributes say, and the node does it. */
function csiVolume(source: unknown, path: string, unknown: string[]): readonly string[] {
  const { driver } = asRecord(source);
  if (source === UNKNOWN || driver === UNKNOWN) {
    unknown.push(source === UNKNOWN ? path : `${path}.driver`);
    return [];
  }
  return POD_CSI_DRIVERS.some((known) => known === driver)
    ? []
    : [
        `${path}.driver is ${show(driver)}, which can mount storage of others. Use a PersistentVolumeClaim. Drivers allowed here: ${POD_CSI_DRIVERS.join(", ")}`,
      ];
}

function containerEscapes(container: PodContainer, near: boolean, unknown: string[]): readonly string[] {
  const { type, path, content } = container;
  return [
    ...(type === "ephemeralContainer" ? [`${path} joins a running pod without admission. Remove ephemeralContainers`] : []),
    ...hostPorts(content, path, unknown),
    ...handlerHosts(container, unknown),
    ...(isSet(content.volumeDevices) ? [`${path}.volumeDevices gives a device of the node to the container. Use volumeMounts`] : []),
    ...securityContext(fieldsAt(content, "securityContext", path, unknown), `${path}.securityContext`, near, unknown),
  ];
}

function hostPorts(content: PodContainer["content"], path: string, unknown: string[]): readonly string[] {
  return entriesAt(content, "ports", path, unknown)
    .filter(({ entry }) => isSet(entry.hostPort) && entry.hostPort !== 0)
    .map(({ path: port }) => `${port}.hostPort opens a port of the node, past network policies. Write a Service`);
}

/** What the security contexts of pods and of containers declare. */
type SecurityContext = Partial<PropertiesOf<core.v1.PodSecurityContext & core.v1.SecurityContext>>;

/** The security context of a pod or of a container: `windowsOptions` and the profiles are in both. */
function securityContext(context: SecurityContext, path: string, near: boolean, unknown: string[]): readonly string[] {
  const { privileged, procMount } = context;
  const hostProcess = fieldsAt(context, "windowsOptions", path, unknown).hostProcess;
  const nearOnly = [
    { name: "allowPrivilegeEscalation", value: context.allowPrivilegeEscalation, weaker: true },
    { name: "seccompProfile", value: fieldsAt(context, "seccompProfile", path, unknown).type, weaker: "Unconfined" },
    { name: "appArmorProfile", value: fieldsAt(context, "appArmorProfile", path, unknown).type, weaker: "Unconfined" },
  ];
  if (near) {
    unknown.push(...nearOnly.filter(({ value }) => value === UNKNOWN).map(({ name }) => `${path}.${name}`));
  }
  return [
    ...(isSet(privileged) ? [`${path}.privileged opens every device of the node. Remove it`] : []),
    ...(isSet(procMount) && procMount !== "Default" ? [`${path}.procMount shows what the runtime hides of the node. Remove it`] : []),
    ...(isSet(hostProcess) ? [`${path}.windowsOptions.hostProcess runs on the node itself. Remove it`] : []),
    ...sysctls(context, path, unknown),
    ...selinux(fieldsAt(context, "seLinuxOptions", path, unknown), `${path}.seLinuxOptions`),
    ...addedCapabilities(context, path, near, unknown),
    ...nearOnly
      .filter(({ value, weaker }) => near && value === weaker)
      .map(({ name }) => `${path}.${name} removes a protection that containers on GPU nodes must keep. Remove it`),
  ];
}

function sysctls(context: SecurityContext, path: string, unknown: string[]): readonly string[] {
  return entriesAt(context, "sysctls", path, unknown).flatMap(({ path: at, entry: { name } }) => {
    if (name === UNKNOWN) {
      unknown.push(`${at}.name`);
      return [];
    }
    return name === undefined || SYSCTLS.includes(name) ? [] : [`${at} sets ${show(name)} of the node's kernel. Remove it`];
  });
}

function selinux({ type, user, role }: Partial<PropertiesOf<core.v1.SELinuxOptions>>, path: string): readonly string[] {
  return (isSet(type) && !(SELINUX_TYPES as readonly unknown[]).includes(type)) || isSet(user) || isSet(role)
    ? [`${path} takes the container out of its confinement. Leave type, user and role away`]
    : [];
}

function addedCapabilities(context: SecurityContext, path: string, near: boolean, unknown: string[]): readonly string[] {
  const { add } = fieldsAt(context, "capabilities", path, unknown);
  if (add === UNKNOWN) {
    unknown.push(`${path}.capabilities.add`);
  }
  // On GPU nodes it is as in team namespaces.
  const allowed = near ? RESTRICTED_CAPABILITIES : BASELINE_CAPABILITIES;
  return entries(add)
    .filter((capability) => typeof capability !== "string" || !allowed.includes(capability.toUpperCase().replace(/^CAP_/, "")))
    .map((capability) => {
      const name = typeof capability === "string" ? capability : "a capability that is unknown until `pulumi up`";
      return `${path}.capabilities.add has ${name}; allowed ${near ? "on GPU nodes" : "anywhere"}: ${allowed.join(", ")}`;
    });
}
