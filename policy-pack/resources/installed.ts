/** What a resource installs, as far as advisories are about it. */
import { isJudgedAddon } from "../../src/releases/advisories/components";
import type { Installed, JudgedChart } from "../../src/releases/advisories/components";
import { installedVersion } from "../../src/releases/chart-reference";
import { EKS_ADDON, EKS_NODE_GROUP } from "../../src/well-known/resource-types";
import type { StackMember } from "../evaluation/on-stack";
import { UNKNOWN } from "../evaluation/snapshot";
import { CHART_TYPES, chartOf, DRA_DRIVERS, GPU_OPERATOR } from "./charts";
import type { HelmChart } from "./charts";
import { hasGpus, readNodeGroup, SELF_MANAGED_NODE_GROUPS } from "./node-groups";
import { kubernetesObjects } from "./objects";
import { podTemplates } from "./pod-specs";

type Declared = Pick<StackMember, "type" | "urn" | "props">;

const JUDGED_CHARTS: ReadonlyMap<unknown, JudgedChart> = new Map([
  [GPU_OPERATOR, "gpu-operator"],
  ...DRA_DRIVERS.map((name) => [name, "dra-driver"] as const),
  ["kube-prometheus-stack", "kube-prometheus-stack"],
]);

/** Types of node groups. The component for managed node groups registers one of them too, and would repeat the message. */
const NODE_GROUPS: readonly string[] = [EKS_NODE_GROUP, ...SELF_MANAGED_NODE_GROUPS];

/** Whether it is unknown which chart a resource installs. */
export function isUnknownChart({ type, props }: Declared): boolean {
  return CHART_TYPES.includes(type) && props["chart"] === UNKNOWN;
}

/** What a resource installs that the tables of `src/releases/advisories` can judge. */
export function installedBy(resource: Declared): readonly Installed[] {
  const { type, props } = resource;
  if (CHART_TYPES.includes(type)) {
    return [...ofChart(chartOf(resource)), ...ofContainers(resource)];
  }
  if (NODE_GROUPS.includes(type)) {
    const group = readNodeGroup(resource);
    // Whatever may have GPUs is judged as if it had.
    return [{ type: "image", releaseVersion: group.releaseVersion, amiType: group.amiType, hasGpus: hasGpus(group) !== "no" }];
  }
  if (type === EKS_ADDON) {
    const { addonName: name, addonVersion: version } = props;
    return isJudgedAddon(name) ? [{ type: "addon", name, version }] : [];
  }
  return ofContainers(resource);
}

function ofChart({ name, reference, version, values }: HelmChart): readonly Installed[] {
  const component = JUDGED_CHARTS.get(name);
  return component === undefined ? [] : [{ type: "chart", name: component, version: installedVersion(reference, version), values }];
}

/** An image is judged wherever a program runs it: not every installation is one of NVIDIA's charts. */
function ofContainers(resource: Declared): readonly Installed[] {
  const images = kubernetesObjects(resource)
    .flatMap(podTemplates)
    .flatMap(({ containers }) => containers.map(({ content }) => content.image));
  return [...new Set(images)].flatMap((image) => (typeof image === "string" ? [{ type: "container", image }] : []));
}
