/** Ways in which a pod gets at the node that it runs on, and with it at devices, the kubelet and other pods. */
import { STATIC_POD_ANNOTATIONS } from "../src/well-known/device-requests";
import { undetermined } from "./findings";
import type { Finding } from "./findings";
import { isNearGpus } from "./gpu-nodes";
import { WHAT_UNKNOWN_DECIDES } from "./pod-gpu-rules";
import type { PodContainer, PodTemplate } from "./pod-specs";
import { entriesOf, fieldsOf, isSet } from "./pod-specs";
import { UNKNOWN, entries } from "./snapshot";

/** What Pod Security level `baseline` lets containers add. On GPU nodes it is NET_BIND_SERVICE alone, as in `restricted`. */
const BASELINE_CAPABILITIES = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];
const RESTRICTED_CAPABILITIES = ["NET_BIND_SERVICE"];

const HOST_FIELDS = ["hostPID", "hostIPC", "hostNetwork"];

/** One sentence for each way in, with the path. */
export function nodeWaysIn(pod: PodTemplate): readonly Finding[] {
  const { spec, prefix } = pod;
  const near = isNearGpus(pod);
  const unknown = [...pod.unknown];
  const path = `${prefix}spec`;
  const found = [
    ...staticPod(pod, unknown),
    ...HOST_FIELDS.filter((field) => isSet(spec[field])).map((field) => `${path}.${field} joins the node's own namespace; leave it out`),
    ...(isSet(spec["nodeName"]) ? [`${path}.nodeName goes past the scheduler, its taints and claims; use nodeSelector`] : []),
    ...volumes(spec, path, unknown),
    ...securityContext(fieldsOf(spec, "securityContext", path, unknown), `${path}.securityContext`, near, unknown),
    ...pod.containers.flatMap((container) => containerWaysIn(container, near, unknown)),
  ];
  return [...found, ...unknown.map((path) => undetermined(path, WHAT_UNKNOWN_DECIDES))];
}

function staticPod({ metadata, prefix }: PodTemplate, unknown: string[]): readonly string[] {
  return Object.keys(fieldsOf(metadata, "annotations", `${prefix}metadata`, unknown))
    .filter((key) => STATIC_POD_ANNOTATIONS.includes(key))
    .map((key) => `annotation "${key}" makes the pod pass for a static one, which the kubelet starts by itself; leave it out`);
}

function volumes(spec: Readonly<Record<string, unknown>>, path: string, unknown: string[]): readonly string[] {
  return entriesOf(spec, "volumes", path, unknown).flatMap(({ path: entryPath, entry }) =>
    ["hostPath", "flexVolume"]
      .filter((type) => isSet(entry[type]))
      .map(
        (type) =>
          `${entryPath}.${type} opens the node's files (devices, sockets, the kubelet's directory); use emptyDir, configMap or a claim`,
      ),
  );
}

function containerWaysIn({ type, path, content }: PodContainer, near: boolean, unknown: string[]): readonly string[] {
  return [
    ...(type === "ephemeralContainer" ? [`${path} joins a running pod past its admission; leave ephemeralContainers out`] : []),
    ...(isSet(content["volumeDevices"]) ? [`${path}.volumeDevices hands a device of the node to the container; use volumeMounts`] : []),
    ...securityContext(fieldsOf(content, "securityContext", path, unknown), `${path}.securityContext`, near, unknown),
  ];
}

/** That of a pod or of a container; `windowsOptions` and the profiles are in both. */
function securityContext(context: Readonly<Record<string, unknown>>, path: string, near: boolean, unknown: string[]): readonly string[] {
  const { privileged, procMount } = context;
  const hostProcess = fieldsOf(context, "windowsOptions", path, unknown)["hostProcess"];
  const nearOnly: readonly (readonly [string, boolean])[] = [
    ["allowPrivilegeEscalation", context["allowPrivilegeEscalation"] === true],
    ["seccompProfile", fieldsOf(context, "seccompProfile", path, unknown)["type"] === "Unconfined"],
    ["appArmorProfile", fieldsOf(context, "appArmorProfile", path, unknown)["type"] === "Unconfined"],
  ];
  return [
    ...(isSet(privileged) ? [`${path}.privileged opens every device of the node; leave it out`] : []),
    ...(isSet(procMount) && procMount !== "Default" ? [`${path}.procMount shows what the runtime hides of the node; leave it out`] : []),
    ...(isSet(hostProcess) ? [`${path}.windowsOptions.hostProcess runs on the node itself; leave it out`] : []),
    ...addedCapabilities(context, path, near, unknown),
    ...nearOnly
      .filter(([, isWeaker]) => near && isWeaker)
      .map(([field]) => `${path}.${field} takes a protection away that containers on GPU nodes keep; leave it out`),
  ];
}

function addedCapabilities(context: Readonly<Record<string, unknown>>, path: string, near: boolean, unknown: string[]): readonly string[] {
  const { add } = fieldsOf(context, "capabilities", path, unknown);
  if (add === UNKNOWN) {
    unknown.push(`${path}.capabilities.add`);
  }
  const allowed: readonly string[] = near ? RESTRICTED_CAPABILITIES : BASELINE_CAPABILITIES;
  return entries(add)
    .filter((capability) => typeof capability !== "string" || !allowed.includes(capability.toUpperCase().replace(/^CAP_/, "")))
    .map((capability) => {
      const name = typeof capability === "string" ? capability : "a capability that is unknown until `pulumi up`";
      return `${path}.capabilities.add has ${name}; allowed ${near ? "on GPU nodes" : "anywhere"}: ${allowed.join(", ")}`;
    });
}
