/**
 * Pod Security Standards, which the API server enforces by a label of the namespace: what it refuses of a pod.
 * Source: Kubernetes 1.34 and 1.35, `k8s.io/pod-security-admission/policy`, and the documentation page "Pod Security Standards".
 */
import { textOf } from "../../json/text-of";
import { isObject, problem } from "../../dra/manifest/fields";
import type { KubernetesRules } from "../../releases/kubernetes";
import { BASELINE_CAPABILITIES, RESTRICTED_CAPABILITIES, SELINUX_TYPES, SYSCTLS } from "../../well-known/pod-security";
import { valueAt } from "../../json/value-at";
import type { ClusterObject } from "../objects";

export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** The label of a namespace that says which level its pods have to keep. */
const ENFORCE_LABEL = "pod-security.kubernetes.io/enforce";

const LEVELS: readonly PodSecurityLevel[] = ["privileged", "baseline", "restricted"];

/** The level of each namespace that has one. A value that is no level counts as the strictest, as the API server has it. */
export function podSecurityLevels(objects: readonly ClusterObject[]): ReadonlyMap<string, PodSecurityLevel> {
  return new Map(
    objects
      .filter(({ kind, apiVersion }) => kind === "Namespace" && apiVersion === "v1")
      .flatMap(({ name, body }): [string, PodSecurityLevel][] => {
        const label = valueAt(body, "metadata", "labels", ENFORCE_LABEL);
        return label === undefined ? [] : [[name, LEVELS.find((level) => level === label) ?? "restricted"]];
      }),
  );
}

type Part = Readonly<Record<string, unknown>>;

interface Container {
  readonly path: string;
  readonly body: Part;
  readonly security: Part;
}

interface Checked {
  readonly path: string;
  readonly spec: Part;
  readonly annotations: Part;
  readonly security: Part;
  readonly containers: readonly Container[];
  readonly isWindows: boolean;
  /** Root in the pod is nobody on the node, and the version's standards count on it. */
  readonly isHarmlessRoot: boolean;
}

const part = (value: unknown): Part => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** What a level refuses of a pod, as `path: value: reason`, with what to write. @param path of the spec. @param annotations of the pod. */
export function podSecurityProblems(
  level: PodSecurityLevel,
  { rootInUserNamespaces }: KubernetesRules,
  spec: unknown,
  path: string,
  annotations: unknown = {},
): readonly string[] {
  const body = part(spec);
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    list(body[key]).map((container, index): Container => {
      const own = part(container);
      return { path: `${path}.${key}[${String(index)}]`, body: own, security: part(own["securityContext"]) };
    }),
  );
  const checked: Checked = {
    path,
    spec: body,
    annotations: part(annotations),
    security: part(body["securityContext"]),
    containers,
    isWindows: part(body["os"])["name"] === "windows",
    isHarmlessRoot: rootInUserNamespaces && body["hostUsers"] === false,
  };
  switch (level) {
    case "privileged":
      return [];
    case "baseline":
      return BASELINE.flatMap((check) => check(checked));
    case "restricted":
      return [...BASELINE.filter((check) => !REPLACED_BY_RESTRICTED.includes(check)), ...RESTRICTED].flatMap((check) => check(checked));
  }
}

type Check = (pod: Checked) => readonly string[];

const hostNamespaces: Check = ({ spec, path }) =>
  ["hostNetwork", "hostPID", "hostIPC"]
    .filter((field) => spec[field] === true)
    .map((field) => problem(`${path}.${field}`, true, "must be false"));

const windowsHostProcess: Check = ({ security, path, containers }) =>
  [{ path, security }, ...containers].flatMap((holder) =>
    part(holder.security["windowsOptions"])["hostProcess"] === true
      ? [problem(`${holder.path}.securityContext.windowsOptions.hostProcess`, true, "must be false")]
      : [],
  );

const privileged: Check = ({ containers }) =>
  containers.flatMap(({ path, security }) =>
    security["privileged"] === true ? [problem(`${path}.securityContext.privileged`, true, "must be false")] : [],
  );

function addedBeyond(legal: readonly string[]): Check {
  return ({ containers }) =>
    containers.flatMap(({ path, security }) =>
      list(part(security["capabilities"])["add"]).flatMap((name, index) =>
        legal.includes(textOf(name))
          ? []
          : [problem(`${path}.securityContext.capabilities.add[${String(index)}]`, name, `must be one of ${legal.join(", ")}`)],
      ),
    );
}

const baselineCapabilities = addedBeyond(BASELINE_CAPABILITIES);

const hostPaths: Check = ({ spec, path }) =>
  list(spec["volumes"]).flatMap((volume, index) =>
    isSet(part(volume)["hostPath"])
      ? [problem(`${path}.volumes[${String(index)}].hostPath`, undefined, "is not allowed; use an emptyDir or a PersistentVolumeClaim")]
      : [],
  );

const hostPorts: Check = ({ containers }) =>
  containers.flatMap(({ path, body }) =>
    list(body["ports"]).flatMap((port, index) => {
      const { hostPort } = part(port);
      return isSet(hostPort) && hostPort !== 0
        ? [problem(`${path}.ports[${String(index)}].hostPort`, hostPort, "must not be set; use a Service")]
        : [];
    }),
  );

const APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

const appArmor: Check = ({ security, path, containers, annotations }) => [
  ...[{ path, security }, ...containers].flatMap((holder) => {
    const { type } = part(holder.security["appArmorProfile"]);
    return isSet(type) && type !== "RuntimeDefault" && type !== "Localhost"
      ? [problem(`${holder.path}.securityContext.appArmorProfile.type`, type, "must be RuntimeDefault or Localhost")]
      : [];
  }),
  ...Object.entries(annotations).flatMap(([key, value]) =>
    !key.startsWith(APP_ARMOR_ANNOTATION) || value === "" || value === "runtime/default" || textOf(value).startsWith("localhost/")
      ? []
      : [problem(`metadata.annotations[${key}]`, value, 'must be "runtime/default" or "localhost/PROFILE"')],
  ),
];

const seLinux: Check = ({ security, path, containers }) =>
  [{ path, security }, ...containers].flatMap((holder) => {
    const { type, user, role } = part(holder.security["seLinuxOptions"]);
    const at = `${holder.path}.securityContext.seLinuxOptions`;
    return [
      ...(isSet(type) && type !== "" && !SELINUX_TYPES.includes(String(type))
        ? [problem(`${at}.type`, type, `must be one of ${SELINUX_TYPES.join(", ")}`)]
        : []),
      ...[
        { field: "user", value: user },
        { field: "role", value: role },
      ].flatMap(({ field, value }) => (isSet(value) && value !== "" ? [problem(`${at}.${field}`, value, "must not be set")] : [])),
    ];
  });

const baselineProcMount: Check = (pod) => (pod.isHarmlessRoot ? [] : procMount(pod));

const procMount: Check = ({ containers }) =>
  containers.flatMap(({ path, security }) =>
    isSet(security["procMount"]) && security["procMount"] !== "Default"
      ? [problem(`${path}.securityContext.procMount`, security["procMount"], "must be Default")]
      : [],
  );

const seccompType = (security: Part): unknown => part(security["seccompProfile"])["type"];

const baselineSeccomp: Check = ({ security, path, containers }) =>
  [{ path, security }, ...containers].flatMap((holder) =>
    seccompType(holder.security) === "Unconfined"
      ? [problem(`${holder.path}.securityContext.seccompProfile.type`, "Unconfined", "must be RuntimeDefault or Localhost")]
      : [],
  );

const sysctls: Check = ({ security, path }) =>
  list(security["sysctls"]).flatMap((sysctl, index) => {
    const { name } = part(sysctl);
    return SYSCTLS.includes(textOf(name))
      ? []
      : [problem(`${path}.securityContext.sysctls[${String(index)}].name`, name, `must be one of ${SYSCTLS.join(", ")}`)];
  });

/** Since 1.34: a probe or handler that names a host lets its author reach others' networks through the kubelet. */
const probeHosts: Check = ({ containers }) =>
  containers.flatMap(({ path, body }) => {
    const handlers: readonly (readonly [string, Part])[] = [
      ...["livenessProbe", "readinessProbe", "startupProbe"].map((key) => [key, part(body[key])] as const),
      ...["postStart", "preStop"].map((key) => [`lifecycle.${key}`, part(part(body["lifecycle"])[key])] as const),
    ];
    return handlers.flatMap(([key, handler]) =>
      ["httpGet", "tcpSocket"].flatMap((action) => {
        const { host } = part(handler[action]);
        return isSet(host) && host !== "" ? [problem(`${path}.${key}.${action}.host`, host, "must not be set")] : [];
      }),
    );
  });

const BASELINE: readonly Check[] = [
  ...[hostNamespaces, windowsHostProcess, privileged, baselineCapabilities, hostPaths, hostPorts, appArmor, seLinux, baselineProcMount],
  ...[baselineSeccomp, sysctls, probeHosts],
];

const VOLUME_SOURCES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

const restrictedVolumes: Check = ({ spec, path }) =>
  list(spec["volumes"]).flatMap((volume, index) =>
    Object.entries(part(volume)).flatMap(([source, value]) =>
      // Host paths are refused by their own rule.
      source === "name" || source === "hostPath" || !isSet(value) || VOLUME_SOURCES.includes(source)
        ? []
        : [problem(`${path}.volumes[${String(index)}].${source}`, undefined, `is not allowed; use one of ${VOLUME_SOURCES.join(", ")}`)],
    ),
  );

const noEscalation: Check = ({ containers, isWindows }) =>
  isWindows
    ? []
    : containers.flatMap(({ path, security }) =>
        security["allowPrivilegeEscalation"] === false
          ? []
          : [problem(`${path}.securityContext.allowPrivilegeEscalation`, security["allowPrivilegeEscalation"], "must be false")],
      );

const nonRoot: Check = ({ security, path, containers, isHarmlessRoot }) => {
  if (isHarmlessRoot) {
    return [];
  }
  const podSays = security["runAsNonRoot"];
  const wrong = containers.filter((container) => container.security["runAsNonRoot"] === false);
  const silent = containers.filter((container) => !isSet(container.security["runAsNonRoot"]));
  return [
    ...wrong.map((container) => problem(`${container.path}.securityContext.runAsNonRoot`, false, "must be true")),
    ...(podSays === true || (podSays !== false && silent.length === 0)
      ? []
      : [problem(`${path}.securityContext.runAsNonRoot`, podSays, "must be true")]),
  ];
};

const noRootUser: Check = ({ security, path, containers, isHarmlessRoot }) =>
  isHarmlessRoot
    ? []
    : [{ path, security }, ...containers].flatMap((holder) =>
        holder.security["runAsUser"] === 0 ? [problem(`${holder.path}.securityContext.runAsUser`, 0, "must not be 0")] : [],
      );

const restrictedSeccomp: Check = ({ security, path, containers, isWindows }) => {
  if (isWindows) {
    return [];
  }
  const isGood = (type: unknown) => type === "RuntimeDefault" || type === "Localhost";
  const podSays = seccompType(security);
  const wrong = containers.filter((container) => isSet(seccompType(container.security)) && !isGood(seccompType(container.security)));
  const silent = containers.filter((container) => !isSet(seccompType(container.security)));
  const podIsWrong = isSet(podSays) ? !isGood(podSays) : silent.length > 0;
  return [
    ...wrong.map((container) =>
      problem(
        `${container.path}.securityContext.seccompProfile.type`,
        seccompType(container.security),
        "must be RuntimeDefault or Localhost",
      ),
    ),
    ...(podIsWrong ? [problem(`${path}.securityContext.seccompProfile.type`, podSays, "must be RuntimeDefault or Localhost")] : []),
  ];
};

const restrictedCapabilities: Check = (pod) =>
  pod.isWindows
    ? []
    : [
        ...pod.containers.flatMap(({ path, security }) =>
          list(part(security["capabilities"])["drop"]).includes("ALL")
            ? []
            : [problem(`${path}.securityContext.capabilities.drop`, part(security["capabilities"])["drop"], "must include ALL")],
        ),
        ...addedBeyond(RESTRICTED_CAPABILITIES)(pod),
      ];

const RESTRICTED: readonly Check[] = [
  ...[procMount, restrictedVolumes, noEscalation, nonRoot, noRootUser, restrictedSeccomp, restrictedCapabilities],
];

/** Checks of `baseline` of which `restricted` has a stricter one. */
const REPLACED_BY_RESTRICTED: readonly Check[] = [baselineCapabilities, baselineSeccomp, baselineProcMount];
