/** Security contexts. Source: `ValidateSecurityContext` of Kubernetes. What a namespace allows of them is Pod Security's to say. */
import { problem } from "../../../../dra/manifest/fields";
import { asPart, between, duplicates, each, formatted, isGiven, named, oneOf, text } from "../rules";
import type { Part, Problems } from "../rules";
import { localPathFault } from "./volumes";

const MAX_ID = 2 ** 31 - 1;
const SYSCTL = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const PROFILE_TYPES = ["RuntimeDefault", "Unconfined", "Localhost"];

/**
 * Sysctls of the Linux namespaces that a pod can share with its node. Source: k8s.io/component-helpers v0.34.4 `node/util/sysctl/namespace.go`, and
 * `ValidateHostSysctl` of Kubernetes.
 */
const NAMESPACED_SYSCTLS = [
  { field: "hostNetwork", pattern: /^net\./ },
  { field: "hostIPC", pattern: /^(?:kernel\.(?:sem|shmall|shmmax|shmmni|shm_rmid_forced|shm|msgmax|msgmnb|msgmni|msg)$|fs\.mqueue\.)/ },
] as const;

/** @param spec of the pod, with what it shares with its node. */
export function podSecurityProblems(context: unknown, path: string, spec: Part): Problems {
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups, fsGroupChangePolicy, sysctls, seccompProfile, appArmorProfile } =
    asPart(context);
  return [
    ...between(runAsUser, `${path}.runAsUser`, 0, MAX_ID),
    ...between(runAsGroup, `${path}.runAsGroup`, 0, MAX_ID),
    ...between(fsGroup, `${path}.fsGroup`, 0, MAX_ID),
    ...(Array.isArray(supplementalGroups)
      ? supplementalGroups.flatMap((group: unknown, index) => between(group, `${path}.supplementalGroups[${String(index)}]`, 0, MAX_ID))
      : []),
    ...each(sysctls, `${path}.sysctls`, ({ name }, at) =>
      named(name, `${at}.name`, (sysctl) =>
        sysctl.length <= 253 && SYSCTL.test(sysctl) ? undefined : "must be the name of a sysctl, such as net.core.somaxconn",
      ),
    ),
    ...each(sysctls, `${path}.sysctls`, ({ name }, at) =>
      NAMESPACED_SYSCTLS.filter(({ field, pattern }) => spec[field] === true && pattern.test(withDots(text(name)))).map(({ field }) =>
        problem(`${at}.name`, name, `must not be set with ${field}: the node has it, too`),
      ),
    ),
    ...duplicates(sysctls, `${path}.sysctls`, ({ name }) => text(name)),
    ...oneOf(asPart(context)["seLinuxChangePolicy"], `${path}.seLinuxChangePolicy`, ["Recursive", "MountOption"]),
    ...oneOf(fsGroupChangePolicy, `${path}.fsGroupChangePolicy`, ["OnRootMismatch", "Always"]),
    ...profileProblems(seccompProfile, `${path}.seccompProfile`, localPathFault),
    ...profileProblems(appArmorProfile, `${path}.appArmorProfile`, paddingFault),
  ];
}

/** A sysctl can be written with slashes in place of dots, and then has dots in place of slashes. */
function withDots(sysctl: string): string {
  return /^[^.]*\//.test(sysctl) ? sysctl.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/")) : sysctl;
}

export function containerSecurityProblems(context: unknown, path: string, hostUsers: boolean): Problems {
  const { runAsUser, runAsGroup, privileged, allowPrivilegeEscalation, capabilities, procMount, seccompProfile, appArmorProfile } =
    asPart(context);
  const added = asPart(capabilities)["add"];
  // Of the two ways to write it the API server knows one.
  const addsAdmin = Array.isArray(added) && added.includes("CAP_SYS_ADMIN");
  const escalates = privileged === true ? "privileged" : addsAdmin ? "capabilities.add of CAP_SYS_ADMIN" : undefined;
  return [
    ...between(runAsUser, `${path}.runAsUser`, 0, MAX_ID),
    ...between(runAsGroup, `${path}.runAsGroup`, 0, MAX_ID),
    ...oneOf(procMount, `${path}.procMount`, ["Default", "Unmasked"]),
    ...(procMount === "Unmasked" && hostUsers
      ? [problem(`${path}.procMount`, procMount, "requires hostUsers: false in the pod's spec")]
      : []),
    ...(allowPrivilegeEscalation === false && escalates !== undefined
      ? [problem(`${path}.allowPrivilegeEscalation`, false, `must not be false beside ${escalates}`)]
      : []),
    ...profileProblems(seccompProfile, `${path}.seccompProfile`, localPathFault),
    ...profileProblems(appArmorProfile, `${path}.appArmorProfile`, paddingFault),
  ];
}

function paddingFault(name: string): string | undefined {
  return name.trim() === name ? undefined : "must not begin or end with white space";
}

function profileProblems(profile: unknown, path: string, fault: (localhostProfile: string) => string | undefined): Problems {
  if (profile === undefined || profile === null) {
    return [];
  }
  const { type, localhostProfile } = asPart(profile);
  const isLocal = type === "Localhost";
  return [
    ...(isGiven(type) ? oneOf(type, `${path}.type`, PROFILE_TYPES) : [problem(`${path}.type`, undefined, "required")]),
    ...(isLocal && text(localhostProfile).trim() === ""
      ? [problem(`${path}.localhostProfile`, undefined, "required with type Localhost")]
      : isLocal
        ? formatted(localhostProfile, `${path}.localhostProfile`, fault)
        : []),
    ...(!isLocal && localhostProfile !== undefined
      ? [problem(`${path}.localhostProfile`, localhostProfile, "is allowed with type Localhost only")]
      : []),
  ];
}
