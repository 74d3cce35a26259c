/** What a stack declares of its cluster: the recording of its program is the declaration. */
import type { ClusterObject, JsonObject } from "../cluster/objects";
import { listAt, objectAt, toObject } from "../cluster/objects";
import type { NodeGroup } from "../cluster/readiness";
import type { NodeTaint } from "../dra/allocator";
import { devicesPerNode } from "../hardware/node-devices";
import type { Assessment } from "../releases/advisories/assess";
import { assess } from "../releases/advisories/assess";
import { valueAt } from "../json/value-at";
import type { Release } from "../releases/types";
import { installedBy } from "../rehearsal/recorded/installed";
import { groupsOf, nodesOf } from "../rehearsal/recorded/nodes";
import type { Group } from "../rehearsal/recorded/nodes";
import { objectsOf, registeredObjects } from "../rehearsal/recorded/objects";
import { isDraDriverChart, releaseOf } from "../rehearsal/recorded/release";
import type { Recording } from "../rehearsal/monitor/recording";
import { MIG_CONFIG_LABEL } from "../well-known/labels";
import { PARTITION_GATE_NAMESPACE } from "../well-known/namespaces";
import { EKS_CLUSTER, EKS_NODE_GROUP, HELM_RELEASE } from "../well-known/resource-types";

/** The stack file, as commands need it. */
export interface DeclaredStack {
  readonly stack: string;
  /** Names of the pools in `gpuPools`, in their order. */
  readonly gpuPools: readonly string[];
  /** When their reservations end, by pool. @default none says it */
  readonly endDates?: ReadonlyMap<string, string>;
}

export interface Declaration extends DeclaredStack {
  readonly region: string;
  readonly clusterName: string;
  readonly release: Release;
  readonly gpuGroups: readonly GpuGroup[];
  /** All node groups, with how they are bought. */
  readonly nodeGroups: readonly Group[];
  readonly reservations: readonly DeclaredReservation[];
  /** Its objects as the provider sends them. */
  readonly objects: readonly ClusterObject[];
  /** Name of the ConfigMap that the partition gate of this configuration reads: it changes with what the gate expects. */
  readonly gateConfigMap: string | undefined;
  readonly assessment: Assessment;
  /** On which nodes the DRA driver's plugin runs. */
  readonly driverPlacement: DriverPlacement;
}

/** The capacity reservation of a pool. */
export interface DeclaredReservation {
  readonly id: string;
  readonly pool: string;
  readonly instanceType: string;
  readonly nodes: number;
  /** ISO 8601. Undefined: the configuration does not say it. */
  readonly endDate: string | undefined;
}

export interface DriverPlacement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly JsonObject[];
}

/** Nodes of GPU pools that are alike in instance type and layout. */
export interface GpuGroup extends NodeGroup {
  readonly pools: readonly string[];
  /** As the node groups set them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly gpusPerNode: number;
  /** The patch version of Kubernetes that the image brings, `1.34.10`. */
  readonly kubeletVersion: string | undefined;
}

/** @param today decides about support and advisories. */
export function declarationOf(recording: Recording, { stack, gpuPools, endDates }: DeclaredStack, today: Date): Declaration {
  const nodeGroups = groupsOf(recording);
  const release = releaseOf(recording);
  const cluster = recording.resources.find(({ type }) => type === EKS_CLUSTER);
  const objects = registeredObjects(recording).map(({ sent, object }) => toObject(sent, object.origin, "default"));
  const gate = objects.find(({ kind, namespace }) => kind === "Job" && namespace === PARTITION_GATE_NAMESPACE);
  return {
    ...{ stack, gpuPools },
    region: String(recording.resources.find(({ type }) => type === EKS_NODE_GROUP)?.inputs["region"] ?? "us-east-1"),
    clusterName: String(cluster?.inputs["name"] ?? ""),
    release,
    gpuGroups: gpuGroupsOf(recording),
    nodeGroups,
    reservations: nodeGroups.flatMap(({ pool, instanceType, desired, reservation }) =>
      reservation === undefined
        ? []
        : [{ id: reservation, pool, instanceType: instanceType.name, nodes: desired, endDate: endDates?.get(pool) }],
    ),
    objects,
    gateConfigMap: gate && gateConfigMapOf(gate.body),
    assessment: assess({ installed: installedBy(recording, objectsOf(recording)), kubernetesVersion: release.kubernetesVersion }, today),
    driverPlacement: driverPlacementOf(recording),
  };
}

function driverPlacementOf({ resources }: Recording): DriverPlacement {
  const chart = resources.find(({ type, inputs }) => type === HELM_RELEASE && isDraDriverChart(inputs["chart"]));
  const { nodeSelector = {}, tolerations = [] } = objectAt(chart?.inputs["values"], "kubeletPlugin") as Partial<DriverPlacement>;
  return { nodeSelector, tolerations };
}

/** The ConfigMap that a Job of the gate mounts. */
export function gateConfigMapOf(job: ClusterObject["body"]): string | undefined {
  const [name] = listAt(job, "spec", "template", "spec", "volumes").flatMap((volume) => valueAt(volume, "configMap", "name") ?? []);
  return typeof name === "string" ? name : undefined;
}

function gpuGroupsOf(recording: Recording): readonly GpuGroup[] {
  const groups = new Map<string, GpuGroup>();
  for (const { pool, instanceType, layout, labels, taints } of nodesOf(recording).shapes) {
    const inputs = recording.resources.find(({ type, name }) => type === EKS_NODE_GROUP && name === pool)?.inputs;
    if (layout === undefined || instanceType.gpus.type !== "mig" || inputs === undefined) {
      continue;
    }
    const key = `${instanceType.name} ${labels[MIG_CONFIG_LABEL] ?? ""}`;
    const known = groups.get(key);
    groups.set(key, {
      instanceType: instanceType.name,
      layout: labels[MIG_CONFIG_LABEL] ?? layout.name,
      nodes: (known?.nodes ?? 0) + Number(inputs["scalingConfig"]?.desiredSize ?? 0),
      devices: devicesPerNode(layout),
      pools: [...(known?.pools ?? []), pool],
      labels: (inputs["labels"] ?? {}) as Readonly<Record<string, string>>,
      taints,
      gpusPerNode: instanceType.gpus.count,
      kubeletVersion: /^\d+\.\d+\.\d+/.exec(String(inputs["releaseVersion"]))?.[0],
    });
  }
  return [...groups.values()];
}
