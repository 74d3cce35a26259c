/** Security contexts. Source: `ValidateSecurityContext` of Kubernetes. What a namespace allows of them is Pod Security's to say. */
import { problem } from "../../../../dra/manifest/fields";
import { asPart, between, duplicates, each, isGiven, named, oneOf, text } from "../rules";
import type { Problems } from "../rules";

const MAX_ID = 2 ** 31 - 1;
const SYSCTL = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const PROFILE_TYPES = ["RuntimeDefault", "Unconfined", "Localhost"];

export function podSecurityProblems(context: unknown, path: string): Problems {
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
    ...duplicates(sysctls, `${path}.sysctls`, ({ name }) => text(name)),
    ...oneOf(asPart(context)["seLinuxChangePolicy"], `${path}.seLinuxChangePolicy`, ["Recursive", "MountOption"]),
    ...oneOf(fsGroupChangePolicy, `${path}.fsGroupChangePolicy`, ["OnRootMismatch", "Always"]),
    ...profileProblems(seccompProfile, `${path}.seccompProfile`),
    ...profileProblems(appArmorProfile, `${path}.appArmorProfile`),
  ];
}

export function containerSecurityProblems(context: unknown, path: string, hostUsers: boolean): Problems {
  const { runAsUser, runAsGroup, privileged, allowPrivilegeEscalation, capabilities, procMount, seccompProfile, appArmorProfile } =
    asPart(context);
  const added = asPart(capabilities)["add"];
  const addsAdmin = Array.isArray(added) && added.some((name) => name === "CAP_SYS_ADMIN" || name === "SYS_ADMIN");
  const escalates = privileged === true ? "privileged" : addsAdmin ? "capabilities.add of SYS_ADMIN" : undefined;
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
    ...profileProblems(seccompProfile, `${path}.seccompProfile`),
    ...profileProblems(appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function profileProblems(profile: unknown, path: string): Problems {
  if (profile === undefined || profile === null) {
    return [];
  }
  const { type, localhostProfile } = asPart(profile);
  const isLocal = type === "Localhost";
  return [
    ...(isGiven(type) ? oneOf(type, `${path}.type`, PROFILE_TYPES) : [problem(`${path}.type`, undefined, "required")]),
    ...(isLocal && text(localhostProfile).trim() === ""
      ? [problem(`${path}.localhostProfile`, undefined, "required with type Localhost")]
      : []),
    ...(!isLocal && localhostProfile !== undefined
      ? [problem(`${path}.localhostProfile`, localhostProfile, "is allowed with type Localhost only")]
      : []),
  ];
}
