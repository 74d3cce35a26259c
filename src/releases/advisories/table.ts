import type { Advisory, AffectedRange } from "./types";

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
 * containerd's release of 2026-06-18, in its branches (containerd/containerd v2.2.5, v2.1.9, v2.3.2). Amazon Linux may have mended its packages of earlier
 * versions: its advisories were not read, so they count as affected.
 */
const CONTAINERD_OF_JUNE_2026: readonly AffectedRange[] = [
  { component: "containerd", from: "2.0.0", fixedIn: "2.1.9" },
  { component: "containerd", from: "2.2.0", fixedIn: "2.2.5" },
  { component: "containerd", from: "2.3.0", fixedIn: "2.3.2" },
];

/**
 * Published vulnerabilities in what a stack installs, newest first.
 * The advisories about the driver stand for the whole bulletin: every number in it that concerns Linux and data center GPUs of the branch has the same fix.
 */
export const ADVISORIES: readonly Advisory[] = [
  {
    id: "CVE-2026-95839",
    score: 7.1,
    affected: [
      { component: "containerd", from: "2.2.0", fixedIn: "2.2.10" },
      { component: "containerd", from: "2.3.0", fixedIn: "2.3.7" },
      { component: "containerd", from: "2.4.0", fixedIn: "2.4.2" },
    ],
    impact: "an image of a tenant's own crashes containerd again and again, so that no container of any team starts on the node",
    source: "https://github.com/containerd/containerd/security/advisories/GHSA-vwhp-8p66-mq4f",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-95837",
    score: 7.8,
    // Published 2026-10-12. The record's list of versions was not read: these are the first releases that are certainly later.
    affected: [
      { component: "containerd", from: "2.0.0", fixedIn: "2.2.10" },
      { component: "containerd", from: "2.3.0", fixedIn: "2.3.7" },
    ],
    impact: "where CRIU is on the node, an image that is a checkpoint restores a process with more rights than the pod has",
    source: "https://github.com/containerd/containerd/security/advisories/GHSA-p7v4-vr35-mj6f",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-76154",
    // The record was read without its score.
    score: undefined,
    affected: [
      { component: "grafana", from: "12.3.0", fixedIn: "12.4.11" },
      { component: "grafana", from: "13.0.0", fixedIn: "13.0.9" },
      { component: "grafana", from: "13.1.0", fixedIn: "13.1.6" },
      { component: "grafana", from: "13.2.0", fixedIn: "13.2.2" },
    ],
    impact: "what it opens was not read; no tenant of the platform reaches Grafana, which has users of the administrators only",
    source: "https://www.cve.org/CVERecord?id=CVE-2026-76154",
    read: "2026-11-28",
  },
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
    id: "CVE-2026-53488",
    score: 9.4,
    affected: CONTAINERD_OF_JUNE_2026,
    impact: `${ROOT_ON_NODE} (a label of the image becomes a command when containerd pulls it)`,
    source: "https://github.com/containerd/containerd/security/advisories/GHSA-xhf5-7wjv-pqxp",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-53492",
    score: 8.4,
    affected: CONTAINERD_OF_JUNE_2026,
    impact: "an image that is a checkpoint brings devices and mounts of the node into its container, past claims and quotas",
    source: "https://github.com/containerd/containerd/security/advisories/GHSA-33vj-92qq-66hc",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-41579",
    score: undefined,
    rating: "low",
    affected: [
      { component: "runc", fixedIn: "1.3.6" },
      { component: "runc", from: "1.4.0", fixedIn: "1.4.3" },
    ],
    impact: "an image with a link at /dev writes to a few places of the node's file system",
    source: "https://github.com/opencontainers/runc/releases/tag/v1.3.6",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-42154",
    score: undefined,
    affected: [{ component: "prometheus", fixedIn: "3.11.3" }],
    impact: "a request to Prometheus' remote read endpoint takes all of its memory",
    source: "https://github.com/prometheus/prometheus/security/advisories/GHSA-8rm2-7qqf-34qm",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-31431",
    score: 7.8,
    // v20260423 has it (awslabs/amazon-eks-ami issue 2699). Of the releases of May none says which kernel mended it first; this one has 6.12.90 of June.
    affected: [{ component: "eks-ami", fixedIn: "20260610" }],
    impact: "every container can write to files that it can only read, programs of the node among them, and so become root on the node",
    source: "https://www.cve.org/CVERecord?id=CVE-2026-31431",
    read: "2026-11-28",
  },
  {
    id: "CVE-2026-26018",
    score: 7.5,
    // EKS mended its 1.13.2, too (aws/eks-distro pull request 4666), and does not say in which build first: this one, of July, is certainly later.
    affected: [{ component: "coredns", fixedIn: "v1.13.2-eksbuild.11" }],
    impact: "a pod that asks CoreDNS the right name while it starts ends it, and so the name resolution of every team",
    source: "https://github.com/coredns/coredns/security/advisories/GHSA-h75p-j8xm-m278",
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
