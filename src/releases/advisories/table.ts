import type { Advisory } from "./types";

/** The day on which the tables of this folder were last compared with their sources as a whole. */
export const READ_ON = "2026-11-28";

/**
 * Branches of the driver that NVIDIA's newest bulletin judges. It says nothing about others, which get no more fixes.
 * Source: https://github.com/NVIDIA/product-security/tree/main/2026/5861 (2026-09-30, read 2026-11-28), product Tesla, Linux.
 */
export const JUDGED_DRIVER_BRANCHES: readonly number[] = [580, 595, 610, 615];

const BULLETINS = "https://github.com/NVIDIA/product-security/tree/main";
const ROOT_ON_NODE = "an image of a tenant's own can run code as root on the node, and so reach the slices and data of every team there";
const KERNEL = "a container with a slice can write to the kernel's memory, and so take over the node with the slices of every team";

/**
 * Published vulnerabilities in what a stack installs, newest first.
 * The advisories about the driver stand for the whole bulletin: every number in it that concerns Linux and data center GPUs of the branch has the same fix.
 */
export const ADVISORIES: readonly Advisory[] = [
  {
    id: "CVE-2026-47501",
    score: 7.8,
    affected: [
      { component: "nvidia-driver", from: "580.0", fixedIn: "580.178.04" },
      { component: "nvidia-driver", from: "595.0", fixedIn: "595.91.07" },
      { component: "nvidia-driver", from: "610.0", fixedIn: "610.57.04" },
      { component: "nvidia-driver", from: "615.0", fixedIn: "615.71.09" },
    ],
    impact: `${KERNEL} (an out-of-bounds write in the kernel mode layer, and more in the same bulletin)`,
    source: `${BULLETINS}/2026/5861`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-86831",
    score: 8.7,
    affected: [{ component: "vpc-cni", from: "v1.14.0", fixedIn: "v1.22.4" }],
    impact:
      "network policies of one namespace can be applied to pods of another whose names join to the same text, so that the isolation of teams' networks fails",
    source: "https://www.cve.org/CVERecord?id=CVE-2026-86831",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-47483",
    score: 8.2,
    affected: [{ component: "dcgm-exporter", fixedIn: "4.5.3-4.8.2-distroless" }],
    impact: "every pod that reaches the exporter can read its memory profile and stop it through /debug/pprof, without a password",
    source: `${BULLETINS}/2026/5857`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-24260",
    score: 8.5,
    affected: [{ component: "container-toolkit", fixedIn: "1.19.1" }],
    impact: `${ROOT_ON_NODE} (a race in the hooks that run for every container with a slice)`,
    source: `${BULLETINS}/2026/5850`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-24187",
    score: 8.8,
    affected: [
      { component: "nvidia-driver", from: "535.0", fixedIn: "535.309.01" },
      { component: "nvidia-driver", from: "580.0", fixedIn: "580.159.03" },
      { component: "nvidia-driver", from: "595.0", fixedIn: "595.71.05" },
    ],
    impact: `${KERNEL} (a use-after-free; CVE-2026-24197 of the same bulletin stops other slices when MIG is reconfigured)`,
    source: `${BULLETINS}/2026/5821`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2025-33219",
    score: 7.8,
    affected: [
      { component: "nvidia-driver", from: "535.0", fixedIn: "535.288.01" },
      { component: "nvidia-driver", from: "570.0", fixedIn: "570.211.01" },
      { component: "nvidia-driver", from: "580.0", fixedIn: "580.126.09" },
      { component: "nvidia-driver", from: "590.0", fixedIn: "590.48.01" },
    ],
    impact: `${KERNEL} (an integer overflow in the kernel module)`,
    source: `${BULLETINS}/2026/5747`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2025-23280",
    score: 7,
    affected: [
      { component: "nvidia-driver", from: "535.0", fixedIn: "535.274.02" },
      { component: "nvidia-driver", from: "570.0", fixedIn: "570.195.03" },
      { component: "nvidia-driver", from: "580.0", fixedIn: "580.95.05" },
    ],
    impact: `${KERNEL} (a use-after-free)`,
    source: `${BULLETINS}/2025/5703`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2025-23266",
    score: 9,
    affected: [
      { component: "container-toolkit", fixedIn: "1.17.8" },
      { component: "mig-manager", fixedIn: "v0.12.2" },
    ],
    impact: `${ROOT_ON_NODE} (a hook loads a library that the image names)`,
    source: `${BULLETINS}/2025/5659`,
    read: "2026-11-28",
  },
  {
    id: "CVE-2025-23359",
    score: 8.3,
    affected: [{ component: "container-toolkit", fixedIn: "1.17.4" }],
    impact: `${ROOT_ON_NODE} (the image gets the file system of the host)`,
    source: `${BULLETINS}/2025/5616`,
    read: "2026-11-28",
  },
];
