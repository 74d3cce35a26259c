/** The tables of forbid-node-access, entry by entry, and values that are unknown or of another type. */
import { forbidNodeAccess } from "../../../policy-pack/pods/forbid-node-access";
import { UNKNOWN, violations } from "../verdict";

const NEAR_GPUS = { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] };

const pod = (spec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "pod", namespace: "team-a" },
  spec: { containers: [{ name: "main", image: "x" }], ...spec },
});
const main = (securityContext: object, spec: object = {}) => pod({ ...spec, containers: [{ name: "main", image: "x", securityContext }] });
const passes = (manifest: Readonly<Record<string, unknown>>) => violations(forbidNodeAccess, manifest).length === 0;

describe("Volumes", () => {
  /** Every source of a volume in Kubernetes v1.34.4, `k8s.io/api/core/v1`, VolumeSource. */
  const SOURCES = [
    ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"],
    ...["fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs"],
    ...["persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos"],
    ...["vsphereVolume"],
  ];

  test("these pass", () => {
    expect(SOURCES.filter((source) => passes(pod({ volumes: [{ name: "v", [source]: {} }] })))).toEqual([
      ...["configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"],
    ]);
  });

  test.each(["hostPath", "flexVolume"])("%s opens the node's files", (source) => {
    expect(violations(forbidNodeAccess, pod({ volumes: [{ name: "v", [source]: {} }] }))).toEqual([
      `Pod: spec.volumes[0].${source} opens the node's files (devices, sockets, the kubelet's directory). Use emptyDir, configMap or a claim.`,
    ]);
  });

  const volume = (spec: unknown, apiVersion = "v1", kind = "PersistentVolume") => ({ apiVersion, kind, metadata: { name: "v" }, spec });

  test.each(["hostPath", "local", "flexVolume"])("a PersistentVolume with %s opens the node's files", (source) => {
    expect(violations(forbidNodeAccess, volume({ [source]: {} }))).toEqual([
      `PersistentVolume: spec.${source} opens the node's files to pods. Use a storage class.`,
    ]);
  });

  test("a PersistentVolume whose spec is unknown may", () => {
    expect(violations(forbidNodeAccess, volume(UNKNOWN))).toEqual([
      'PersistentVolume: "spec" is unknown until `pulumi up`, so this policy cannot check whether the volume is a path of a node. Use a value that is known at preview.',
    ]);
  });

  test.each([
    ["a PersistentVolume of a driver", volume({ csi: {} })],
    ["another kind", volume({ local: {} }, "v1", "Service")],
    ["a kind of that name in another group", volume({ local: {} }, "example.com/v1")],
  ])("%s passes", (_, manifest) => {
    expect(violations(forbidNodeAccess, manifest)).toEqual([]);
  });
});

describe("Capabilities", () => {
  /** Every capability of Linux 6.12, `include/uapi/linux/capability.h`. */
  const CAPABILITIES = [
    ...["AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE"],
    ...["DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE"],
    ...["MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID"],
    ...["SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE"],
    ...["SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM", "ALL"],
  ];
  const added = (capability: unknown, spec: object = {}) => main({ capabilities: { add: [capability] } }, spec);

  test("these pass anywhere", () => {
    expect(CAPABILITIES.filter((name) => passes(added(name)))).toEqual([
      ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP"],
      ...["SETUID", "SYS_CHROOT"],
    ]);
  });

  test("one passes near GPUs", () => {
    expect(CAPABILITIES.filter((name) => passes(added(name, NEAR_GPUS)))).toEqual(["NET_BIND_SERVICE"]);
  });

  test.each(["CAP_CHOWN", "chown"])("runtimes read %s as CHOWN", (name) => {
    expect(passes(added(name))).toBe(true);
  });

  test.each([["CHCAP_OWN"], [""], [7]])("%p is none that passes", (name) => {
    expect(passes(added(name))).toBe(false);
  });

  test("the message names what passes", () => {
    expect(violations(forbidNodeAccess, added(UNKNOWN, NEAR_GPUS))).toEqual([
      "Pod: spec.containers[0].securityContext.capabilities.add has a capability that is unknown until `pulumi up`; allowed on GPU nodes: NET_BIND_SERVICE.",
    ]);
    expect(violations(forbidNodeAccess, added("BPF"))).toEqual([
      "Pod: spec.containers[0].securityContext.capabilities.add has BPF; allowed anywhere: AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT.",
    ]);
  });
});

describe("SELinux", () => {
  test.each(["container_t", "container_init_t", "container_kvm_t", "container_engine_t"])("%s passes", (type) => {
    expect(passes(main({ seLinuxOptions: { type } }))).toBe(true);
  });

  test.each([[{ type: "spc_t" }], [{ type: 7 }], [{ user: "system_u" }], [{ role: "system_r" }]])("%p does not", (seLinuxOptions) => {
    expect(violations(forbidNodeAccess, main({ seLinuxOptions }))).toEqual([
      "Pod: spec.containers[0].securityContext.seLinuxOptions takes the container out of its confinement. Leave type, user and role away.",
    ]);
  });
});

describe("Protections that only pods near GPUs must keep", () => {
  test("a pod whose claims are unknown may be near GPUs", () => {
    expect(violations(forbidNodeAccess, main({ allowPrivilegeEscalation: true }))).toEqual([]);
    expect(violations(forbidNodeAccess, main({ allowPrivilegeEscalation: true }, { resourceClaims: UNKNOWN }))).toEqual([
      "Pod: spec.containers[0].securityContext.allowPrivilegeEscalation removes a protection that containers on GPU nodes must keep. Remove it.",
    ]);
  });

  test.each([
    ["allowPrivilegeEscalation", { allowPrivilegeEscalation: UNKNOWN }],
    ["seccompProfile", { seccompProfile: { type: UNKNOWN } }],
    ["appArmorProfile", { appArmorProfile: { type: UNKNOWN } }],
  ])("%s is unknown", (name, context) => {
    expect(violations(forbidNodeAccess, main(context))).toEqual([]);
    expect(violations(forbidNodeAccess, main(context, NEAR_GPUS))).toEqual([
      `Pod: "spec.containers[0].securityContext.${name}" is unknown until \`pulumi up\`, so this policy cannot check what it gives the pod. Use a value that is known at preview.`,
    ]);
  });
});
