/**
 * A large cluster, as an API server has it: p4d.24xlarge nodes of 32 slices each (all-balanced), of which pods of 50 teams hold 20. All small slices are held, so
 * that a demand for one does not fit. Some claims have no pod, some pods wait, and some nodes are cordoned.
 */
import { catalogueTierClasses, TIERS } from "../../../src/dra/tiers";
import type { TierName } from "../../../src/dra/tiers";
import { VENDOR_DEVICE_CLASSES } from "../../../src/dra/device-classes";
import { publishSlices } from "../../../src/dra/devices";
import { findInstanceType } from "../../../src/hardware/instance-types";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { defaultRelease } from "../../../src/releases/find";
import { GPU_TAINT, TEAM_LABEL } from "../../../src/well-known/labels";
import { deviceCountKey } from "../../../src/well-known/quota-keys";

const DRA = "resource.k8s.io/v1";
const TEAMS = 50;
const INSTANCE_TYPE = "p4d.24xlarge";
/** Of a node's slices: all 16 small ones, and 4 of 8 large ones. */
const HELD: readonly { readonly tier: TierName; readonly profile: string; readonly count: number }[] = [
  { tier: "small", profile: "1g.5gb", count: 16 },
  { tier: "large", profile: "3g.20gb", count: 4 },
];
/** Of so many claims one has no pod. */
const PER_IDLE_CLAIM = 200;
/** Of so many nodes one is cordoned. */
const PER_CORDONED_NODE = 100;
const WAITING_PODS = 20;

/** What there is before claims and pods, the claims and pods, and the quotas that count them. Statuses have to be written after the objects. */
export function largeCluster(nodes: number): readonly (readonly KubernetesObject[])[] {
  const names = Array.from({ length: nodes }, (_, index) => `node-${String(index)}`);
  const slices = names.map(slicesOf);
  const teams = Array.from({ length: TEAMS }, (_, index) => nameOfTeam(index));
  const users = [
    ...slices.flatMap((own, index) => held(own, index)).flat(),
    ...Array.from({ length: WAITING_PODS }, (_, index) => waiting(index)).flat(),
  ];
  return [
    teams.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { [TEAM_LABEL]: name } } })),
    [...classes(), ...teams.flatMap(team), ...names.map(node), ...slices.flat()],
    users,
    teams.map((namespace) => quota(namespace, users)),
  ];
}

function classes(): readonly KubernetesObject[] {
  return [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()].map(({ name, selectors }) => ({
    apiVersion: DRA,
    kind: "DeviceClass",
    metadata: { name },
    spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
  }));
}

function nameOfTeam(index: number): string {
  return `team-${String(index % TEAMS)}`;
}

function team(namespace: string): readonly KubernetesObject[] {
  const limits = [{ type: "Container", default: { memory: "4Gi" }, defaultRequest: { cpu: "250m", memory: "512Mi" } }];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } },
    { apiVersion: "v1", kind: "LimitRange", metadata: { name: "team", namespace }, spec: { limits } },
    ...TIERS.map(({ name }) => ({
      apiVersion: DRA,
      kind: "ResourceClaimTemplate",
      metadata: { name, namespace },
      spec: { spec: asking(name) },
    })),
  ];
}

/** As the controller has counted it. */
function quota(namespace: string, objects: readonly KubernetesObject[]): KubernetesObject {
  const own = objects.filter(({ kind, metadata }) => kind === "ResourceClaim" && metadata["namespace"] === namespace);
  const keys = TIERS.map(({ name, className }) => ({ name, key: deviceCountKey(className) }));
  const hard = Object.fromEntries(keys.map(({ key }) => [key, "1000"]));
  const used = Object.fromEntries(
    keys.map(({ name, key }) => [key, String(own.filter(({ metadata }) => metadata["labels"].tier === name).length)]),
  );
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace }, spec: { hard }, status: { hard, used } };
}

function asking(tier: TierName): object {
  const deviceClassName = TIERS.find(({ name }) => name === tier)?.className;
  return { devices: { requests: [{ name: "slice", exactly: { deviceClassName } }] } };
}

function node(name: string, index: number): KubernetesObject {
  const type = gpuType();
  const { cpuMillis, memoryMiB, pods } = type.allocatable;
  const allocatable = { cpu: `${String(cpuMillis)}m`, memory: `${String(memoryMiB)}Mi`, pods: String(pods) };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": INSTANCE_TYPE,
        "topology.kubernetes.io/zone": `us-east-1${index % 2 === 0 ? "a" : "b"}`,
        "eks.amazonaws.com/nodegroup": "a100",
        "nvidia.com/mig.config": "all-balanced",
      },
    },
    spec: { taints: [GPU_TAINT], ...(index % PER_CORDONED_NODE === PER_CORDONED_NODE - 1 ? { unschedulable: true } : {}) },
    status: { capacity: allocatable, allocatable },
  };
}

function gpuType() {
  const type = findInstanceType(INSTANCE_TYPE);
  if (type?.gpus.type !== "mig") {
    throw new Error(`the catalogue has no ${INSTANCE_TYPE} with MIG GPUs`);
  }
  return { ...type, gpus: type.gpus };
}

function slicesOf(name: string): readonly KubernetesObject[] {
  const { model, count } = gpuType().gpus;
  const resolved = resolveLayout("all-balanced", model, count);
  if (resolved.type !== "legal") {
    throw new Error("there is no layout all-balanced");
  }
  return publishSlices(name, resolved.layout, defaultRelease()).map((slice) => ({ ...slice }));
}

/** Claims that hold the slices of a node, each with its pod. */
function held(slices: readonly KubernetesObject[], nodeIndex: number): readonly (readonly KubernetesObject[])[] {
  const devices = slices.flatMap(({ spec }) => spec["devices"] as readonly SliceDevice[]);
  return HELD.flatMap(({ tier, profile, count }) =>
    devices
      .filter(({ attributes }) => attributes.profile?.string === profile)
      .slice(0, count)
      .map(({ name: device }, index): readonly KubernetesObject[] => {
        const number = nodeIndex * 16 + index;
        const name = `${tier}-${String(nodeIndex)}-${String(index)}`;
        const nodeName = `node-${String(nodeIndex)}`;
        const isIdle = number % PER_IDLE_CLAIM === 0;
        const pods = isIdle ? [] : [pod(number, name, tier, nodeName)];
        return [claim(number, name, tier, { nodeName, device, isIdle }), ...pods];
      }),
  );
}

interface SliceDevice {
  readonly name: string;
  readonly attributes: { readonly profile?: { readonly string: string } };
}

/** A pod that waits for a small slice, with the claim that the controller has made for it. */
function waiting(index: number): readonly KubernetesObject[] {
  return [claim(index, `waits-${String(index)}`, "small", undefined), pod(index, `waits-${String(index)}`, "small", undefined)];
}

interface Holding {
  readonly nodeName: string;
  readonly device: string;
  readonly isIdle: boolean;
}

function claim(team: number, pod: string, tier: TierName, holding: Holding | undefined): KubernetesObject {
  const owner = { apiVersion: "v1", kind: "Pod", name: pod, uid: uidOf(pod), controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: DRA,
    kind: "ResourceClaim",
    metadata: {
      name: claimName(pod),
      namespace: nameOfTeam(team),
      labels: { tier },
      ...(holding?.isIdle === true ? {} : { ownerReferences: [owner] }),
    },
    spec: asking(tier),
    ...(holding === undefined ? {} : { status: allocated(pod, holding) }),
  };
}

function allocated(pod: string, { nodeName, device, isIdle }: Holding): object {
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }];
  return {
    allocation: {
      devices: { results: [{ request: "slice", driver: "gpu.nvidia.com", pool: nodeName, device }] },
      nodeSelector: { nodeSelectorTerms },
    },
    ...(isIdle ? {} : { reservedFor: [{ resource: "pods", name: pod, uid: uidOf(pod) }] }),
  };
}

function claimName(pod: string): string {
  return `${pod}-slice-x`;
}

/** Of the form of a UUID, which the API server asks for nowhere. */
function uidOf(pod: string): string {
  return `uid-${pod}`;
}

function pod(team: number, name: string, tier: TierName, nodeName: string | undefined): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: nameOfTeam(team), labels: { app: tier } },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      tolerations: [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }],
      containers: [
        {
          name: "main",
          image: "registry.k8s.io/pause:3.10",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: {
            requests: { cpu: "1", memory: "4Gi" },
            limits: { memory: "4Gi" },
            claims: [{ name: "slice" }],
          },
        },
      ],
      resourceClaims: [{ name: "slice", resourceClaimTemplateName: tier }],
    },
    status: {
      phase: nodeName === undefined ? "Pending" : "Running",
      resourceClaimStatuses: [{ name: "slice", resourceClaimName: claimName(name) }],
    },
  };
}
