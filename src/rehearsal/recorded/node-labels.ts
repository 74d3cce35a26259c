/**
 * Labels of nodes: those with values that are known before a node is there, and those that it has with values that only its hardware and software decide.
 * Sources: `k8s.io/api/core/v1/well_known_labels.go` and the kubelet; NVIDIA/k8s-device-plugin `docs/gpu-feature-discovery/README.md`, section "Generated Labels";
 * NVIDIA/gpu-operator `controllers/state_manager.go`; Node Feature Discovery v0.18, "Feature discovery" of its documentation; the EKS user guide,
 * "Managed node groups" (read 2026-11-28).
 */
import type { InstanceType, NodeLayout } from "../../hardware/types";
import {
  GPU_PRESENT_LABEL,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  MIG_CAPABLE_LABEL,
  MIG_CONFIG_STATE_LABEL,
  REGION_LABEL,
  ZONE_LABEL,
} from "../../well-known/labels";
import { zoneId } from "../stand-ins/aws";

/** On every node, with a value that is not known: a family of Node Feature Discovery, or an identifier that AWS gives. */
export const OPEN_LABELS: readonly RegExp[] = [
  /^feature\.node\.kubernetes\.io\/(cpu|kernel|memory|network|pci|rdma|storage|system|usb)-(?!10de\.present$)/,
  /^eks\.amazonaws\.com\/(nodegroup-image|sourceLaunchTemplateId|sourceLaunchTemplateVersion)$/,
  /^k8s\.io\/cloud-provider-aws$/,
  /^topology\.k8s\.aws\/(network-node-layer-\d|capacity-block-id|ultraserver-id)$/,
];

/** On every node with GPUs. */
const OPEN_GPU_LABELS: readonly RegExp[] = [
  /^nvidia\.com\/cuda\.(driver|runtime)(-version\.(full|major|minor|revision)|\.(major|minor|rev))$/,
  /^nvidia\.com\/gfd\.timestamp$/,
  /^nvidia\.com\/gpu\.(memory|machine|mode|multiprocessors|replicas|sharing-strategy|clique|imex-domain|engines\.[a-z0-9]+)$/,
  /^nvidia\.com\/(mps\.capable|vgpu\.present|gpu-driver-upgrade-state)$/,
  /^nvidia\.com\/gpu\.deploy\.[a-z0-9-]+$/,
];

/** What every node has. */
export function nodeLabels(instanceType: InstanceType, zone: string, hostName: string): Readonly<Record<string, string>> {
  const region = zone.slice(0, -1);
  return {
    ...bothNames("kubernetes.io/arch", instanceType.cpuArchitecture === "arm64" ? "arm64" : "amd64"),
    [HOSTNAME_LABEL]: hostName,
    ...bothNames("kubernetes.io/os", "linux"),
    [INSTANCE_TYPE_LABEL]: instanceType.name,
    "beta.kubernetes.io/instance-type": instanceType.name,
    [REGION_LABEL]: region,
    [ZONE_LABEL]: zone,
    "failure-domain.beta.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/zone": zone,
    "topology.ebs.csi.aws.com/zone": zone,
    "topology.k8s.aws/zone-id": zoneId(region, zone),
  };
}

/** Labels that Kubernetes has under an older name too. */
function bothNames(label: string, value: string): Readonly<Record<string, string>> {
  return { [label]: value, [`beta.${label}`]: value };
}

/** What Node Feature Discovery, GPU Feature Discovery and MIG Manager say of a GPU node. With the strategy `mixed` the product is the whole GPU's. */
export function gpuLabels(layout: NodeLayout, { gpus }: InstanceType): Readonly<Record<string, string>> {
  const { model } = layout;
  const [major = "", minor = ""] = model.cudaComputeCapability.split(".");
  return {
    [GPU_PRESENT_LABEL]: "true",
    [MIG_CAPABLE_LABEL]: "true",
    [MIG_CONFIG_STATE_LABEL]: "success",
    "nvidia.com/mig.strategy": "mixed",
    "nvidia.com/gpu.product": model.productName.replaceAll(" ", "-"),
    "nvidia.com/gpu.family": model.architecture.toLowerCase(),
    "nvidia.com/gpu.compute.major": major,
    "nvidia.com/gpu.compute.minor": minor,
    ...(gpus.type === "mig" ? { "nvidia.com/gpu.count": String(gpus.count) } : {}),
    ...Object.fromEntries([...slicesOf(layout)].map(([name, count]) => [`nvidia.com/${name}.count`, String(count)])),
    "feature.node.kubernetes.io/pci-10de.present": "true",
  };
}

/** Labels of a GPU node with values that are not known: those of its GPUs, and those of every profile of its layout. */
export function openGpuLabels(layout: NodeLayout): readonly RegExp[] {
  const ofProfiles = [...slicesOf(layout).keys()].map((name) => {
    const literal = name.replaceAll(".", "\\.");
    return new RegExp(
      `^nvidia\\.com/${literal}\\.(memory|multiprocessors|product|replicas|sharing-strategy|slices\\.(gi|ci)|engines\\.[a-z0-9]+)$`,
    );
  });
  return [...OPEN_GPU_LABELS, ...ofProfiles];
}

/** How many slices a node has of each profile, by the name that the device plugin gives them: `mig-1g.10gb.me`. */
function slicesOf({ gpus }: NodeLayout): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const placement of gpus.flatMap((gpu) => (gpu.type === "mig" ? gpu.placements : []))) {
    const name = `mig-${placement.profile.name.replaceAll("+", ".")}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
