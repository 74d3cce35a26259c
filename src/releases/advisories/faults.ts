import type { Fault } from "./types";

/** Faults that are no vulnerabilities, newest first. */
export const FAULTS: readonly Fault[] = [
  {
    id: "kernel-panic-in-memory-reclaim",
    severity: "high",
    // Images for later versions have kernel 6.18.
    affected: [{ component: "eks-ami", from: "20260930", fixedIn: "20261012", kubernetes: ["1.31", "1.32", "1.33", "1.34", "1.35"] }],
    impact: "kernel 6.12.110 panics when memory is short, and the reboot takes the slices of every team on the node",
    source: "https://github.com/awslabs/amazon-eks-ami/releases/tag/v20261012 (issue 2845)",
    read: "2026-11-28",
  },
  {
    id: "hook-fails-on-read-only-etc-nvidia",
    severity: "medium",
    affected: [{ component: "container-toolkit", from: "1.20.0", fixedIn: "1.20.2" }],
    impact: "a container with a GPU does not start if something is mounted read-only at /etc/nvidia, such as a ConfigMap",
    source: "https://github.com/NVIDIA/nvidia-container-toolkit/issues/2026, https://github.com/awslabs/amazon-eks-ami/issues/2790",
    read: "2026-11-28",
  },
  {
    id: "claims-do-not-survive-a-reboot",
    severity: "medium",
    // Up to 25.8 a plugin that starts specifies every device of its node again, whatever its checkpoint says.
    affected: [{ component: "dra-driver", from: "25.12.0", fixedIn: "0.4.0" }],
    impact:
      "after a reboot of a node, pods with claims fail with an unresolvable CDI device until they are deleted, because the driver trusts a checkpoint from before",
    source:
      "https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu/issues/951, pull request 1066; the plugins of 25.8.1, 25.12.0 and 0.4.1 in test/driver",
    read: "2026-11-28",
  },
];
