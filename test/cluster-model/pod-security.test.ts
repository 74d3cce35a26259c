/**
 * What the model of Pod Security says of pods that are good but for one field. The verdicts are recorded. The cluster tier asks the real API server about random
 * pods; here every field has its cases.
 */
import { podSecurityLevels, podSecurityProblems } from "../../src/cluster/judgement/pod-security";
import { defaultRelease } from "../../src/releases/find";
import { BASELINE_CAPABILITIES, SELINUX_TYPES, SYSCTLS } from "../../src/well-known/pod-security";

type Part = Readonly<Record<string, unknown>>;

const OWN = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const SHARED = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const container = (security: Part = {}, more: Part = {}): Part => ({ name: "a", securityContext: { ...OWN, ...security }, ...more });
const pod = (more: Part = {}, security: Part = {}, containers: readonly unknown[] = [container()]): Part => ({
  ...{ securityContext: { ...SHARED, ...security }, containers, volumes: [{ name: "v", emptyDir: {} }] },
  ...more,
});

const shown = (spec: unknown, annotations?: unknown) =>
  (["privileged", "baseline", "restricted"] as const)
    .map((level) => [level, podSecurityProblems(level, defaultRelease().kubernetes, spec, "spec", annotations)] as const)
    .filter(([, problems]) => problems.length > 0)
    .map(([level, problems]) => `${level}: ${problems.join("; ")}`);

/** The same field of the pod, and of each list of containers. */
const everywhere = (security: Part): Readonly<Record<string, Part>> => ({
  pod: pod({}, security),
  container: pod({}, {}, [container(), container(security)]),
  init: pod({ initContainers: [container(security)] }),
  ephemeral: pod({ ephemeralContainers: [container(security)] }),
});

const VALUES: readonly unknown[] = [undefined, null, "", "x", true, false, 0, 1, {}];

const FIELDS: readonly (readonly [string, (value: unknown) => Part])[] = [
  ["windowsOptions.hostProcess", (hostProcess) => ({ windowsOptions: { hostProcess } })],
  ["windowsOptions", (windowsOptions) => ({ windowsOptions })],
  ["privileged", (value) => ({ privileged: value })],
  ["allowPrivilegeEscalation", (allowPrivilegeEscalation) => ({ allowPrivilegeEscalation })],
  ["runAsNonRoot", (runAsNonRoot) => ({ runAsNonRoot })],
  ["runAsUser", (runAsUser) => ({ runAsUser })],
  ["capabilities", (capabilities) => ({ capabilities })],
];

const OPTIONS: readonly (readonly [string, (value: unknown) => Part, readonly unknown[]])[] = [
  ["procMount", (procMount) => ({ procMount }), [...VALUES, "Default", "Unmasked"]],
  [
    "capabilities.add",
    (add) => ({ capabilities: { drop: ["ALL"], add } }),
    [[...BASELINE_CAPABILITIES], ["NET_BIND_SERVICE", "SYS_ADMIN", 7], "ALL"],
  ],
  ["capabilities.drop", (drop) => ({ capabilities: { drop } }), [["NET_RAW"], [], ["NET_RAW", "ALL"], "ALL"]],
  ["appArmorProfile.type", (type) => ({ appArmorProfile: { type } }), [...VALUES, "RuntimeDefault", "Localhost", "Unconfined"]],
  ["seLinuxOptions.type", (type) => ({ seLinuxOptions: { type } }), [...VALUES, ...SELINUX_TYPES, "spc_t"]],
  ["seLinuxOptions.user", (user) => ({ seLinuxOptions: { user } }), VALUES],
  ["seLinuxOptions.role", (role) => ({ seLinuxOptions: { role } }), VALUES],
  ["seLinuxOptions.level", (level) => ({ seLinuxOptions: { level } }), ["s0"]],
  ["seccompProfile.type", (type) => ({ seccompProfile: { type } }), [...VALUES, "RuntimeDefault", "Localhost", "Unconfined"]],
  ["sysctls", (sysctls) => ({ sysctls }), [[...SYSCTLS, "kernel.msgmax", 7].map((name) => ({ name })), ["kernel.msgmax"], "x"]],
];

const record = (cases: readonly (readonly [string, unknown])[], annotations?: unknown) =>
  Object.fromEntries(
    cases.map(([title, spec]) => [title, shown(spec, annotations)] as const).filter(([, problems]) => problems.length > 0),
  );

test("a good pod has no problem", () => {
  expect(shown(pod())).toEqual([]);
});

test.each(FIELDS)("securityContext.%s", (_, security) => {
  expect(
    record(
      VALUES.flatMap((value) =>
        Object.entries(everywhere(security(value))).map(([where, spec]) => [`${String(JSON.stringify(value))} of ${where}`, spec] as const),
      ),
    ),
  ).toMatchSnapshot();
});

test.each(OPTIONS)("securityContext.%s", (_, security, values) => {
  expect(
    record(
      values.flatMap((value) =>
        Object.entries(everywhere(security(value))).map(([where, spec]) => [`${String(JSON.stringify(value))} of ${where}`, spec] as const),
      ),
    ),
  ).toMatchSnapshot();
});

test.each(["hostNetwork", "hostPID", "hostIPC"])("%s", (field) => {
  expect(record(VALUES.map((value) => [String(JSON.stringify(value)), pod({ [field]: value })] as const))).toMatchSnapshot();
});

test("volumes", () => {
  const sources = [
    ...[
      "awsElasticBlockStore",
      "azureDisk",
      "cephfs",
      "configMap",
      "csi",
      "downwardAPI",
      "emptyDir",
      "ephemeral",
      "fc",
      "flexVolume",
      "gcePersistentDisk",
      "gitRepo",
    ],
    ...["glusterfs", "hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "projected", "rbd", "secret", "other"],
  ];
  expect(
    record([
      ...sources.map(
        (source) =>
          [
            source,
            pod({
              volumes: [
                { name: "v", emptyDir: {} },
                { name: "w", [source]: {} },
              ],
            }),
          ] as const,
      ),
      ["null", pod({ volumes: [{ name: "v", nfs: null, hostPath: null }] })],
      ["none", pod({ volumes: undefined })],
      ["no list", pod({ volumes: "x" })],
      ["no object", pod({ volumes: ["x", null] })],
    ]),
  ).toMatchSnapshot();
});

test("ports", () => {
  const ports = [{ containerPort: 80 }, ...VALUES.map((hostPort) => ({ hostPort })), 7];
  expect(
    record([
      ["of a container", pod({}, {}, [container({}, { ports })])],
      ["no list", pod({}, {}, [container({}, { ports: "x" })])],
    ]),
  ).toMatchSnapshot();
});

test("hosts of probes and handlers", () => {
  const actions = ["httpGet", "tcpSocket", "exec", "grpc"].flatMap((action) =>
    [undefined, null, "", "10.0.0.1"].map((host) => ({ [action]: { host } })),
  );
  const keys = ["livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop"];
  expect(
    record(
      actions.flatMap((action) => [
        ...keys.map((key) => [`${key} ${JSON.stringify(action)}`, pod({}, {}, [container({}, { [key]: action })])] as const),
        ...keys.map(
          (key) => [`lifecycle.${key} ${JSON.stringify(action)}`, pod({}, {}, [container({}, { lifecycle: { [key]: action } })])] as const,
        ),
      ]),
    ),
  ).toMatchSnapshot();
});

test("annotations of AppArmor", () => {
  const key = "container.apparmor.security.beta.kubernetes.io/a";
  const values = ["", "runtime/default", "localhost/x", "localhost", "a localhost/", "unconfined", 7, null];
  expect(Object.fromEntries(values.map((value) => [String(value), shown(pod(), { [key]: value, other: "unconfined" })]))).toMatchSnapshot();
  expect(shown(pod(), "x")).toEqual([]);
});

test("what the pod says counts for containers that say nothing", () => {
  const silent = container();
  const settings: readonly (readonly [string, Part, Part])[] = [
    ["runAsNonRoot", { runAsNonRoot: true }, { runAsNonRoot: false }],
    ["seccompProfile", { seccompProfile: { type: "Localhost" } }, { seccompProfile: { type: "Unconfined" } }],
  ];
  expect(
    record(
      settings.flatMap(([name, good, bad]) =>
        Object.entries({ good, bad, none: { [name]: undefined } }).flatMap(([ofPod, security]) =>
          Object.entries({
            silent: [silent],
            good: [container(good)],
            bad: [container(bad)],
            "good and silent": [container(good), silent],
            "good and bad": [container(good), container(bad)],
          }).map(
            ([ofContainers, containers]) => [`${name}: ${ofPod} pod, ${ofContainers} containers`, pod({}, security, containers)] as const,
          ),
        ),
      ),
    ),
  ).toMatchSnapshot();
});

test("pods of Windows need no settings of Linux", () => {
  const bare = { containers: [{ name: "a" }], securityContext: { runAsNonRoot: true } };
  expect(
    record([
      ["linux", { ...bare, os: { name: "linux" } }],
      ["none", bare],
      ["null", { ...bare, os: null }],
    ]),
  ).toMatchSnapshot();
  expect(shown({ ...bare, os: { name: "windows" } })).toEqual([]);
  expect(shown({ ...bare, os: { name: "windows" }, securityContext: {} })).toEqual([expect.stringContaining("runAsNonRoot")]);
});

test("what is no pod at all", () => {
  expect(
    Object.fromEntries(
      [undefined, null, "x", [], {}, { containers: "x" }, { containers: ["x", null] }].map((spec) => [
        String(JSON.stringify(spec)),
        shown(spec),
      ]),
    ),
  ).toMatchSnapshot();
});

test("levels of namespaces", () => {
  const object = (name: string, labels: unknown, kind = "Namespace", apiVersion = "v1") => ({
    ...{ name, kind, apiVersion, namespace: undefined },
    body: { metadata: { labels } },
  });
  const label = "pod-security.kubernetes.io/enforce";
  const objects = [
    ...["privileged", "baseline", "restricted", "strict", ""].map((level) => object(`level-${level}`, { [label]: level })),
    ...[object("none", {}), object("other-label", { [`${label}-version`]: "v1.34" }), object("pod", { [label]: "baseline" }, "Pod")],
    object("other-group", { [label]: "baseline" }, "Namespace", "x/v1"),
  ];
  expect([...podSecurityLevels(objects as unknown as Parameters<typeof podSecurityLevels>[0])]).toEqual([
    ["level-privileged", "privileged"],
    ["level-baseline", "baseline"],
    ["level-restricted", "restricted"],
    ["level-strict", "restricted"],
    ["level-", "restricted"],
  ]);
});
