/**
 * What pods may set, by the operating system that they name. Source: `validateWindows`, `validateLinux`, `validateWindowsSecurityContextOptions` and
 * `validateWindowsHostProcessPod` of Kubernetes.
 */
import { problem } from "../../../../dra/manifest/fields";
import { dnsSubdomainFault } from "../../../../dra/manifest/names";
import { asList, asPart, isGiven, oneOfRequired } from "../rules";
import type { Part, Problems } from "../rules";

/** Fields of the spec that only Linux has. Those that are `false` count as not set. */
const LINUX_SPEC = ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace", "resources"] as const;
const FALSE_COUNTS_AS_UNSET: readonly string[] = ["hostPID", "hostIPC"];

const LINUX_POD_CONTEXT = [
  ...["appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser", "runAsGroup"],
  ...["supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"],
];

const LINUX_CONTAINER_CONTEXT = [
  ...["appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"],
  ...["allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"],
];

export function operatingSystemProblems(spec: Part, path: string): Problems {
  const contexts = [{ context: asPart(spec["securityContext"]), at: `${path}.securityContext` }, ...containerContexts(spec, path)];
  return [
    ...(isGiven(spec["os"]) ? oneOfRequired(asPart(spec["os"])["name"], `${path}.os.name`, ["linux", "windows"]) : []),
    ...forbiddenProblems(asPart(spec["os"])["name"], spec, path),
    ...contexts.flatMap(({ context, at }) => windowsOptionsProblems(context["windowsOptions"], `${at}.windowsOptions`)),
    ...hostProcessProblems(spec, path),
  ];
}

interface Context {
  readonly context: Part;
  readonly at: string;
}

function containerContexts(spec: Part, path: string): readonly Context[] {
  return ["initContainers", "containers"].flatMap((list) =>
    asList(spec[list]).map((container, index) => ({
      context: asPart(asPart(container)["securityContext"]),
      at: `${path}.${list}[${String(index)}].securityContext`,
    })),
  );
}

function forbiddenProblems(os: unknown, spec: Part, path: string): Problems {
  const pod = asPart(spec["securityContext"]);
  const containers = containerContexts(spec, path);
  switch (os) {
    case "windows":
      return [
        ...LINUX_SPEC.filter((field) => isSet(spec[field]) && !(FALSE_COUNTS_AS_UNSET.includes(field) && spec[field] === false)).map(
          (field) => notFor("windows", `${path}.${field}`),
        ),
        ...setOf(pod, LINUX_POD_CONTEXT).map((field) => notFor("windows", `${path}.securityContext.${field}`)),
        ...containers.flatMap(({ context, at }) =>
          setOf(context, LINUX_CONTAINER_CONTEXT).map((field) => notFor("windows", `${at}.${field}`)),
        ),
      ];
    case "linux":
      return [{ context: pod, at: `${path}.securityContext` }, ...containers].flatMap(({ context, at }) =>
        isSet(context["windowsOptions"]) ? [notFor("linux", `${at}.windowsOptions`)] : [],
      );
    default:
      return [];
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function setOf(context: Part, fields: readonly string[]): readonly string[] {
  return fields.filter((field) => isSet(context[field]) && !(field === "sysctls" && asList(context[field]).length === 0));
}

function notFor(os: "linux" | "windows", path: string): string {
  return problem(path, undefined, `not allowed beside os ${os}. Remove it, or change os`);
}

const MAX_CREDENTIAL_BYTES = 64 * 1024;

function windowsOptionsProblems(options: unknown, path: string): Problems {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = asPart(options);
  return [
    ...faultOf(gmsaCredentialSpecName, `${path}.gmsaCredentialSpecName`, dnsSubdomainFault),
    ...faultOf(gmsaCredentialSpec, `${path}.gmsaCredentialSpec`, (spec) =>
      spec === "" || new TextEncoder().encode(spec).length > MAX_CREDENTIAL_BYTES ? "must have 1 byte to 64 KiB" : undefined,
    ),
    ...faultOf(runAsUserName, `${path}.runAsUserName`, userFault),
  ];
}

/** An empty text is one that is set. */
function faultOf(value: unknown, path: string, fault: (text: string) => string | undefined): Problems {
  const reason = typeof value === "string" ? fault(value) : undefined;
  return reason === undefined ? [] : [problem(path, value, reason)];
}

const NET_BIOS_NAME = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** `DOMAIN\USER` or `USER`. */
function userFault(name: string): string | undefined {
  const parts = name.split("\\");
  const user = parts.at(-1) ?? "";
  const [domain] = parts.length === 2 ? parts : [];
  if (CONTROL_CHARACTER.test(name) || parts.length > 2) {
    return "must be USER or DOMAIN\\USER";
  }
  if (domain !== undefined && (domain.length >= 256 || !(NET_BIOS_NAME.test(domain) || DNS_NAME.test(domain)))) {
    return "its domain must be a NetBIOS or a DNS name";
  }
  return user.length === 0 || user.length > 104 || /^[. ]+$/.test(user) || /["/\\:;|=,+*?<>@[\]]/.test(user)
    ? 'its user must have 1 to 104 characters, not only dots and spaces, and none of "/\\:;|=,+*?<>@[]'
    : undefined;
}

/** Host processes of Windows are a whole pod's, on the host's network. */
function hostProcessProblems(spec: Part, path: string): Problems {
  const hostProcessOf = (context: Part) => asPart(context["windowsOptions"])["hostProcess"] ?? undefined;
  const ofPod = hostProcessOf(asPart(spec["securityContext"]));
  const containers = containerContexts(spec, path).map(({ context, at }) => ({ own: hostProcessOf(context), at }));
  const hosts = containers.filter(({ own }) => (own ?? ofPod) === true);
  return [
    ...containers
      .filter(({ own }) => own !== undefined && ofPod !== undefined && own !== ofPod)
      .map(({ own, at }) => problem(`${at}.windowsOptions.hostProcess`, own, `must be that of the pod, ${String(ofPod)}`)),
    ...(hosts.length > 0 && hosts.length < containers.length
      ? [problem(path, undefined, "windowsOptions.hostProcess must be true for every container, or for none")]
      : []),
    ...(hosts.length > 0 && spec["hostNetwork"] !== true
      ? [problem(`${path}.hostNetwork`, spec["hostNetwork"], "must be true beside windowsOptions.hostProcess")]
      : []),
  ];
}
