/** What is in some releases of the image AL2023_x86_64_NVIDIA. */
export interface ImageContents {
  /** Dates of the releases. */
  readonly releases: readonly string[];
  readonly driver: string;
  readonly toolkit: string;
  readonly containerd: string;
  readonly runc: string;
}

/**
 * The GPU images of EKS by the date of their release, newest first. The same release has the same driver and toolkit for every Kubernetes version.
 * A release that is not here is unknown: since v20260917 an image has two drivers, and chooses by the instance type.
 * Sources (read 2026-11-28):
 * - up to v20260714: CHANGELOG of awslabs/amazon-eks-ami, tables of Kubernetes 1.34;
 * - v20260818 to v20260903: what pytorch/ci-infra recorded of its nodes on 2026-09-14 (`osdc/docs/nvidia-driver-ahead-of-aws.md`), and for the toolkit
 *   awslabs/amazon-eks-ami issue 2790. The tables of these releases themselves were not read, so containerd is the least that it can be: an image takes the
 *   newest 2.x of its day (`templates/al2023/variables-default.json`), Amazon Linux has had 2.2.5 since 2026-07-10 (aws/amazon-ecs-ami pull request 737), and
 *   2.2.7 was the newest on 2026-09-09 (amazonlinux/amazon-linux-2023 issue 1132).
 */
export const CONTENTS_OF_EKS_AMI: readonly ImageContents[] = [
  { releases: ["20260903", "20260827", "20260818"], driver: "580.178.04", toolkit: "1.20.0", containerd: "2.2.5", runc: "1.3.5" },
  {
    releases: ["20260714", "20260625", "20260618"],
    driver: "580.159.03",
    toolkit: "1.19.1",
    containerd: "2.2.4-1.amzn2023.0.3",
    runc: "1.3.5",
  },
  { releases: ["20260610"], driver: "580.159.03", toolkit: "1.19.1", containerd: "2.2.4-1.amzn2023.0.1", runc: "1.3.5" },
  { releases: ["20260505"], driver: "580.126.09", toolkit: "1.19.0", containerd: "2.2.3", runc: "1.3.4" },
  {
    releases: ["20260423", "20260415", "20260409", "20260403", "20260318"],
    driver: "580.126.09",
    toolkit: "1.19.0",
    containerd: "2.2.1",
    runc: "1.3.4",
  },
  {
    releases: ["20260311", "20260304", "20260224", "20260209", "20260129", "20260128"],
    driver: "580.126.09",
    toolkit: "1.18.2",
    containerd: "2.1.5",
    runc: "1.3.4",
  },
  { releases: ["20260120"], driver: "580.126.09", toolkit: "1.18.1", containerd: "2.1.5", runc: "1.3.4" },
  { releases: ["20260116", "20260114"], driver: "580.105.08", toolkit: "1.18.1", containerd: "2.1.5", runc: "1.3.4" },
  { releases: ["20260107", "20251217", "20251209"], driver: "580.105.08", toolkit: "1.18.1", containerd: "2.1.5", runc: "1.3.3" },
  { releases: ["20251120"], driver: "580.105.08", toolkit: "1.18.0", containerd: "2.1.4", runc: "1.3.3" },
  { releases: ["20251112", "20251108"], driver: "580.95.05", toolkit: "1.18.0", containerd: "2.1.4", runc: "1.3.3" },
  { releases: ["20251029", "20251023"], driver: "580.95.05", toolkit: "1.18.0", containerd: "2.1.4", runc: "1.3.1" },
  { releases: ["20251016"], driver: "570.195.03", toolkit: "1.17.8", containerd: "2.1.4", runc: "1.3.1" },
  { releases: ["20251007", "20251002"], driver: "570.195.03", toolkit: "1.17.8", containerd: "2.1.4", runc: "1.2.6" },
  { releases: ["20250920", "20250915"], driver: "570.172.08", toolkit: "1.17.8", containerd: "2.1.4", runc: "1.2.6" },
];
