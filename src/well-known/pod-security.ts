/**
 * What the Pod Security levels admit. One table for the policy pack and for the rehearsal's model of Pod Security.
 * Source: Kubernetes v1.34.4, `staging/src/k8s.io/pod-security-admission/policy` (check_capabilities_baseline.go, check_capabilities_restricted.go,
 * check_seLinuxOptions.go, check_sysctls.go).
 */

/** Capabilities that containers can add at level `baseline`. */
export const BASELINE_CAPABILITIES: readonly string[] = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP"],
  ...["SETUID", "SYS_CHROOT"],
];

/** Capabilities that containers can add at level `restricted`. */
export const RESTRICTED_CAPABILITIES: readonly string[] = ["NET_BIND_SERVICE"];

/** Types of SELinux at level `baseline`. Others, such as `spc_t`, take the container out of its confinement. */
export const SELINUX_TYPES: readonly string[] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** Kernel parameters at level `baseline`: the kernel keeps them apart for each pod. */
export const SYSCTLS: readonly string[] = [
  ...["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range"],
  ...["net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time"],
  ...["net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"],
  ...["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"],
];
