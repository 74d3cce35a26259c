/** Random pods of Linux that keep Pod Security level `restricted` but for one or two fields, each of which one of its rules is about. */
import fc from "fast-check";

interface SecuredPod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: object;
}

const optional = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> => fc.constantFrom<T | undefined>(undefined, ...values);

const profile = optional({ type: "RuntimeDefault" }, { type: "Unconfined" }, { type: "Localhost", localhostProfile: "a.json" });
const seLinux = optional({ type: "container_t" }, { type: "spc_t" }, { user: "system_u" }, { role: "r" }, { level: "s0" });

const podContext = fc.record({
  runAsNonRoot: optional(true, false),
  runAsUser: optional(0, 1000),
  seccompProfile: profile,
  appArmorProfile: profile,
  seLinuxOptions: seLinux,
  sysctls: optional(
    [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
    [{ name: "net.core.somaxconn", value: "1" }],
    [{ name: "net.ipv4.tcp_rmem", value: "1 2 3" }],
  ),
});

const containerContext = fc.record({
  allowPrivilegeEscalation: optional(true, false),
  privileged: optional(true, false),
  runAsNonRoot: optional(true, false),
  runAsUser: optional(0, 1000),
  procMount: optional("Default", "Unmasked"),
  capabilities: optional<object>(
    { drop: ["ALL"] },
    { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    { drop: ["NET_RAW"] },
    { add: ["SYS_ADMIN"] },
    { add: ["CHOWN"], drop: ["ALL"] },
  ),
  seccompProfile: profile,
  appArmorProfile: profile,
  seLinuxOptions: seLinux,
});

const container = fc.record({
  securityContext: containerContext,
  ports: optional([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 80 }], [{ containerPort: 80, hostPort: 0 }]),
  livenessProbe: optional<object>(
    { httpGet: { port: 80, host: "example.com" } },
    { tcpSocket: { port: 80, host: "10.0.0.1" } },
    { httpGet: { port: 80 } },
  ),
  lifecycle: optional<object>({ preStop: { httpGet: { port: 80, host: "example.com" } } }, { postStart: { exec: { command: ["true"] } } }),
});

const pod = fc.record({
  securityContext: podContext,
  hostNetwork: optional(true, false),
  hostPID: optional(true),
  hostIPC: optional(true),
  volumes: optional<readonly object[]>(
    [{ name: "v", hostPath: { path: "/" } }],
    [{ name: "v", emptyDir: {} }],
    [{ name: "v", nfs: { server: "a", path: "/" } }],
    [{ name: "v", projected: { sources: [] } }],
    [{ name: "v", csi: { driver: "csi.example.com" } }],
  ),
});

const annotations = optional(
  { "container.apparmor.security.beta.kubernetes.io/a": "unconfined" },
  { "container.apparmor.security.beta.kubernetes.io/a": "runtime/default" },
);

const GOOD_POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const GOOD_CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** Only some fields of a record, so that most pods break one rule or none. */
function some<T extends object>(record: fc.Arbitrary<T>): fc.Arbitrary<Partial<T>> {
  return fc.tuple(record, fc.integer({ min: 0, max: 2 }), fc.nat()).map(([all, count, start]) => {
    const entries = Object.entries(all).filter(([, value]) => value !== undefined);
    const chosen = Array.from({ length: Math.min(count, entries.length) }, (_, index) => entries[(start + index) % entries.length] ?? []);
    return Object.fromEntries(chosen as [string, unknown][]) as Partial<T>;
  });
}

export const securityChanges: fc.Arbitrary<SecuredPod> = fc
  .record({
    podFields: some(pod),
    podSecurity: some(podContext),
    own: some(container),
    ownSecurity: some(containerContext),
    init: fc.boolean(),
    annotations,
  })
  .map(({ podFields, podSecurity, own, ownSecurity, init, annotations: marks }) => {
    const changed = { name: "a", image: "b", ...own, securityContext: { ...GOOD_CONTAINER, ...ownSecurity } };
    const good = { name: "g", image: "b", securityContext: GOOD_CONTAINER };
    // Only a container that lives as long as the pod can have probes and handlers.
    const withoutLife = {
      name: "a",
      image: "b",
      ...(own.ports === undefined ? {} : { ports: own.ports }),
      securityContext: changed.securityContext,
    };
    // An annotation has to agree with the field that replaced it.
    const hasField = [podSecurity, ownSecurity, own.securityContext ?? {}].some((context) => "appArmorProfile" in context);
    return {
      metadata: marks === undefined || hasField ? {} : { annotations: marks },
      spec: {
        ...podFields,
        securityContext: { ...GOOD_POD, ...podSecurity },
        ...(init ? { initContainers: [withoutLife], containers: [good] } : { containers: [changed] }),
      },
    };
  });
