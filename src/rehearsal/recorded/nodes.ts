/** The nodes that the recorded node groups start. */
import type { Node } from "../../cluster/nodes";
import type { NodeTaint } from "../../dra/allocator";
import { findInstanceType } from "../../hardware/instance-types";
import { nodeDiskGiB } from "../../hardware/node-disk";
import type { InstanceType, NodeLayout } from "../../hardware/types";
import { CAPACITY_TYPES } from "../../well-known/capacity-types";
import { valueAt } from "../../json/value-at";
import type { CapacityType } from "../../well-known/capacity-types";
import { MIG_CONFIG_LABEL } from "../../well-known/labels";
import { EKS_NODE_GROUP, LAUNCH_TEMPLATE, SUBNET } from "../../well-known/resource-types";
import type { RecordedResource, Recording } from "../monitor/recording";
import { layoutOf, migConfigsOf } from "./mig-manager";
import { OPEN_LABELS, gpuLabels, nodeLabels, openGpuLabels } from "./node-labels";
import type { MigConfigs } from "./mig-manager";

/** A node group. */
export interface Group {
  readonly pool: string;
  readonly instanceType: InstanceType;
  readonly desired: number;
  readonly max: number;
  /** How its instances are bought. */
  readonly capacityType: CapacityType;
  /** The capacity reservation that its instances run in. Undefined: none is named. */
  readonly reservation: string | undefined;
}

/** Something that keeps a node group from starting as configured. */
export interface NodeProblem {
  readonly pool: string;
  readonly message: string;
}

const TAINT_EFFECTS: Readonly<Record<string, NodeTaint["effect"]>> = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
};

/** EC2 keeps the first four addresses of every subnet for itself; load balancers and interfaces take some more. */
const FIRST_HOST = 10;

/** The nodes of a stack. */
export interface Nodes {
  /** Every node that runs, in the order of the node groups. */
  readonly nodes: readonly Node[];
  /** One node of every GPU pool, even of one that has no nodes now. */
  readonly shapes: readonly Node[];
  /** What is wrong with groups that cannot start. */
  readonly problems: readonly NodeProblem[];
}

export function nodesOf(recording: Recording): Nodes {
  const nodes: Node[] = [];
  const shapes: Node[] = [];
  const problems: NodeProblem[] = [];
  const configs = migConfigsOf(recording);
  const taken = new Map<string, number>();
  for (const group of recording.resources.filter((resource) => resource.type === EKS_NODE_GROUP)) {
    const instanceType = instanceTypeOf(group, recording);
    if (instanceType === undefined) {
      problems.push({ pool: group.name, message: "its instance type is not in the catalogue, so nothing is known about its GPUs" });
      continue;
    }
    const layout = groupLayout(group, instanceType, configs);
    if (layout.type === "invalid") {
      const nearest = layout.nearest.length > 0 ? `; did you mean ${layout.nearest.map((name) => `"${name}"`).join(" or ")}?` : "";
      problems.push({ pool: group.name, message: `MIG Manager would fail: ${layout.reason}${nearest}` });
      continue;
    }
    const subnets = subnetsOf(group, recording);
    const makeNext = (index: number): Node => {
      const subnet = subnets[index % subnets.length];
      const network = String(subnet?.inputs.cidrBlock ?? "10.0.0.0/16");
      const host = taken.get(network) ?? FIRST_HOST;
      taken.set(network, host + 1);
      return makeNode({
        group,
        instanceType,
        layout: layout.layout,
        diskGiB: nodeDiskGiB(instanceType, volumeOf(group, recording)),
        zone: String(subnet?.inputs.availabilityZone ?? ""),
        name: hostName(network, host),
      });
    };
    const own = Array.from({ length: Number(group.inputs.scalingConfig?.desiredSize ?? 0) }, (_, index) => makeNext(index));
    nodes.push(...own);
    if (layout.layout !== undefined) {
      shapes.push(own[0] ?? makeNext(0));
    }
  }
  return { nodes, shapes, problems };
}

interface NodeArgs {
  readonly group: RecordedResource;
  readonly instanceType: InstanceType;
  readonly layout: NodeLayout | undefined;
  readonly diskGiB: number;
  readonly zone: string;
  readonly name: string;
}

function makeNode({ group, instanceType, layout, diskGiB, zone, name }: NodeArgs): Node {
  const taints = (group.inputs.taints ?? []) as readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  const region = zone.slice(0, -1);
  const fullName = region === "us-east-1" ? `${name}.ec2.internal` : `${name}.${region}.compute.internal`;
  return {
    name: fullName,
    pool: group.name,
    instanceType,
    zone,
    labels: {
      ...nodeLabels(instanceType, zone, fullName),
      "eks.amazonaws.com/capacityType": capacityTypeOf(group),
      "eks.amazonaws.com/nodegroup": String(group.outputs.nodeGroupName),
      ...(layout === undefined ? {} : gpuLabels(layout, instanceType)),
      ...(group.inputs.labels as Readonly<Record<string, string>> | undefined),
    },
    openLabels: layout === undefined ? OPEN_LABELS : [...OPEN_LABELS, ...openGpuLabels(layout)],
    taints: taints.map((taint) => ({ key: taint.key, value: taint.value ?? "", effect: TAINT_EFFECTS[taint.effect] ?? "NoSchedule" })),
    diskGiB,
    layout,
  };
}

/** The type is in the group, or, with a capacity block, in its launch template. */
function instanceTypeOf(group: RecordedResource, recording: Recording): InstanceType | undefined {
  const own = (group.inputs.instanceTypes as readonly string[] | undefined)?.[0];
  const name: unknown = own ?? launchTemplateOf(group, recording)?.inputs.instanceType;
  return typeof name === "string" ? findInstanceType(name) : undefined;
}

function launchTemplateOf(group: RecordedResource, recording: Recording): RecordedResource | undefined {
  return recording.resources.find((resource) => resource.type === LAUNCH_TEMPLATE && resource.id === group.inputs.launchTemplate?.id);
}

/** What EKS gives a node group that says nothing (Amazon EKS API, `diskSize`). */
const DEFAULT_VOLUME_GIB = 20;

/** Size of the root volume. */
function volumeOf(group: RecordedResource, recording: Recording): number {
  const mappings = launchTemplateOf(group, recording)?.inputs.blockDeviceMappings as
    readonly { readonly ebs?: { readonly volumeSize?: number } }[] | undefined;
  return Number(mappings?.[0]?.ebs?.volumeSize ?? group.inputs.diskSize ?? DEFAULT_VOLUME_GIB);
}

type GroupLayout =
  | { readonly type: "legal"; readonly layout: NodeLayout | undefined }
  | { readonly type: "invalid"; readonly reason: string; readonly nearest: readonly string[] };

function groupLayout(group: RecordedResource, instanceType: InstanceType, configs: MigConfigs): GroupLayout {
  if (instanceType.gpus.type !== "mig") {
    return { type: "legal", layout: undefined };
  }
  const label = (group.inputs.labels as Readonly<Record<string, string>> | undefined)?.[MIG_CONFIG_LABEL];
  // An unlabelled node gets the operator's default, all-disabled: whole GPUs.
  return layoutOf(label ?? "all-disabled", instanceType.gpus.model, instanceType.gpus.count, configs);
}

function subnetsOf(group: RecordedResource, recording: Recording): readonly RecordedResource[] {
  const ids = (group.inputs.subnetIds ?? []) as readonly string[];
  return ids.flatMap((id) => recording.resources.find((resource) => resource.type === SUBNET && resource.id === id) ?? []);
}

function hostName(network: string, host: number): string {
  const [base = "10.0.0.0"] = network.split("/");
  const octets = base.split(".").map(Number);
  const last = (octets[3] ?? 0) + host;
  return `ip-${octets[0]}-${octets[1]}-${(octets[2] ?? 0) + Math.floor(last / 256)}-${last % 256}`;
}

function reservationOf(group: RecordedResource, recording: Recording): string | undefined {
  const specification: unknown = launchTemplateOf(group, recording)?.inputs.capacityReservationSpecification;
  const id = valueAt(specification, "capacityReservationTarget", "capacityReservationId");
  return typeof id === "string" ? id : undefined;
}

/** EKS buys on demand where the group does not say. */
function capacityTypeOf(group: RecordedResource): CapacityType {
  return CAPACITY_TYPES.find((type) => type === group.inputs.capacityType) ?? "ON_DEMAND";
}

/** The node groups with what they may grow to. */
export function groupsOf(recording: Recording): readonly Group[] {
  return recording.resources
    .filter((resource) => resource.type === EKS_NODE_GROUP)
    .flatMap((group) => {
      const instanceType = instanceTypeOf(group, recording);
      const { desiredSize = 0, maxSize = 0 } = (group.inputs.scalingConfig ?? {}) as {
        readonly desiredSize?: number;
        readonly maxSize?: number;
      };
      return instanceType === undefined
        ? []
        : [
            {
              pool: group.name,
              instanceType,
              desired: desiredSize,
              max: maxSize,
              capacityType: capacityTypeOf(group),
              reservation: reservationOf(group, recording),
            },
          ];
    });
}
