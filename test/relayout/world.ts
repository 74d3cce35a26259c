/** A pool that lives: pods end and come back, MIG Manager divides, plugins publish. Whatever moves does so when somebody looks. */
import type { JsonObject } from "../../src/cluster/objects";
import { publishSlices } from "../../src/dra/devices";
import { resolveLayout } from "../../src/hardware/layouts";
import type { NodeLayout } from "../../src/hardware/types";
import { findInstanceType } from "../../src/hardware/instance-types";
import type { Snapshot } from "../../src/planner/snapshot/snapshot";
import type { Performed, RelayoutCluster, Write } from "../../src/relayout/carry-out";
import { poolNodes } from "../../src/relayout/pool";
import type { PoolPod } from "../../src/relayout/pool";
import { RELAYOUT_ANNOTATION, recordText } from "../../src/relayout/record";
import type { Run } from "../../src/relayout/run";
import { instanceId } from "../../src/fleet/nodes/nodes";
import { DAEMON_LABELS } from "../../src/well-known/gpu-daemons";
import { GPU_TAINT, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { snapshotOf } from "../planner/clusters";
import { testedRelease } from "../support/tested-release";

const TYPE = "p5.4xlarge";
export const POOL = "h100";

function layoutNamed(name: string): NodeLayout {
  const type = findInstanceType(TYPE);
  if (type?.gpus.type !== "mig") {
    throw new Error(`${TYPE} has no MIG GPUs`);
  }
  const resolved = resolveLayout(name, type.gpus.model, type.gpus.count);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  return resolved.layout;
}

export interface WorldNode {
  readonly name: string;
  layout: string;
  migState: string | undefined;
  record: string | undefined;
  isCordoned: boolean;
  isReady: boolean;
  bootId: string;
  providerId: string;
  /** Looks until it has restarted; undefined: nobody has asked for it. */
  restartsIn: number | undefined;
  /** How often it has restarted. */
  restarts: number;
  version: number;
  /** What the GPUs are divided into. */
  gpus: string;
  /** What is published. */
  published: string | undefined;
  plugin: string | undefined;
  isPluginReady: boolean;
  isInNodeGroup: boolean;
  /** The label that MIG Manager has dealt with. */
  handled: string;
}

export interface WorldPod {
  readonly name: string;
  readonly uid: string;
  readonly owner: string | undefined;
  readonly ownerKind: string;
  readonly hasClaims: boolean;
  node: string | undefined;
  /** Looks until it has ended. */
  endsIn: number | undefined;
}

export interface WorldOptions {
  readonly nodes: number;
  readonly layout?: string;
  /** Pods by node, with who makes another one. */
  readonly pods?: readonly { readonly node: number; readonly owner?: string; readonly ownerKind?: string; readonly hasClaims?: boolean }[];
  /** Looks that every change takes. @default 1 */
  readonly delay?: number;
  /** Whether plugins run whatever MIG Manager says. @default false */
  readonly isUngated?: boolean;
}

export class World {
  readonly nodes: WorldNode[];
  pods: WorldPod[];
  /** Nodes on which MIG Manager fails. */
  readonly failing = new Set<string>();
  /** Nodes that do not come back from a restart. */
  readonly lost = new Set<string>();
  /** The run of reboots that the Lease of the pool keeps. */
  run: Run | undefined;
  /** Owners whose pods the API server does not evict. */
  readonly protectedOwners = new Set<string>();
  /** What happens before every look. */
  beforeLook: () => void = () => undefined;
  /** Uids of evicted pods. */
  readonly evicted: WorldPod[] = [];
  private next = 0;
  private readonly delays = new Map<string, number>();

  constructor(private readonly options: WorldOptions) {
    const { nodes, layout = "all-balanced", pods = [] } = options;
    this.nodes = Array.from({ length: nodes }, (_, index) => ({
      ...{
        name: `node-${String(index + 1)}`,
        layout,
        migState: "success",
        record: undefined,
        isCordoned: false,
        isReady: true,
        ...{ bootId: `boot of node-${String(index + 1)}`, restartsIn: undefined, restarts: 0 },
        providerId: `aws:///us-east-1a/${instanceId(`node-${String(index + 1)}`)}`,
        version: 1,
      },
      ...{ gpus: layout, published: layout, plugin: this.uid("plugin"), isPluginReady: true, isInNodeGroup: true, handled: layout },
    }));
    this.pods = pods.map(({ node, owner, ownerKind = "ReplicaSet", hasClaims = false }) => this.pod(owner, ownerKind, hasClaims, node));
  }

  addPod(node: number, owner: string | undefined): void {
    this.pods.push(this.pod(owner, "ReplicaSet", false, node));
  }

  node(index: number): WorldNode {
    const node = this.nodes[index];
    if (node === undefined) {
      throw new Error(`the world has no node ${String(index)}`);
    }
    return node;
  }

  snapshot(): Snapshot {
    return snapshotOf(this.bodies());
  }

  /** @param onWrite told before and after each write. */
  cluster(onWrite: (when: "before" | "after") => void = () => undefined): RelayoutCluster {
    const names = new Set(this.nodes.map(({ name }) => name));
    return {
      observe: () => {
        this.beforeLook();
        this.live();
        const { objects } = this.snapshot();
        return Promise.resolve(poolNodes(objects, (name) => names.has(name)));
      },
      perform: (step) => {
        onWrite("before");
        const performed = this.perform(step);
        onWrite("after");
        return Promise.resolve(performed);
      },
    };
  }

  /** What is left when nothing moves any more. */
  end(): object {
    return {
      nodes: this.nodes.map(({ name, layout, migState, record, isCordoned, published }) => ({
        ...{ name, layout, migState, record, isCordoned, published },
      })),
      owners: this.pods.map(({ owner }) => owner).sort(),
    };
  }

  private perform(step: Write): Performed {
    const node = this.nodes.find(({ name }) => name === step.node.name);
    if (node === undefined) {
      return { blockers: [] };
    }
    if (step.type === "evict") {
      return { blockers: step.pods.flatMap((pod) => this.evict(pod)) };
    }
    if (step.type === "reboot") {
      // An instance that is asked twice restarts once.
      node.restartsIn ??= this.options.delay ?? 1;
      return { blockers: [] };
    }
    if (step.type === "restartPlugin") {
      node.plugin = node.plugin === step.plugin.uid ? undefined : node.plugin;
      return { blockers: [] };
    }
    if (step.type === "retry") {
      [node.handled, node.migState] = ["", undefined];
      return { blockers: [] };
    }
    if (String(node.version) !== step.node.resourceVersion) {
      return { blockers: [] };
    }
    node.version++;
    switch (step.type) {
      case "begin":
      case "turnBack":
        [node.record, node.isCordoned] = [recordText(step.record), true];
        break;
      case "cordon":
        node.isCordoned = true;
        break;
      case "relabel":
        [node.record, node.layout, node.migState] = [recordText(step.record), step.record.to, undefined];
        break;
      case "clearState":
        [node.record, node.migState] = [recordText(step.record), undefined];
        break;
      case "finish":
        [node.record, node.isCordoned] = [undefined, false];
    }
    return { blockers: [] };
  }

  private evict({ uid }: PoolPod): readonly string[] {
    const pod = this.pods.find((each) => each.uid === uid);
    if (pod === undefined) {
      return [];
    }
    if (this.protectedOwners.has(pod.owner ?? "")) {
      return [`${pod.name}: the disruption budget needs it`];
    }
    pod.endsIn ??= this.options.delay ?? 1;
    this.evicted.push(pod);
    return [];
  }

  private live(): void {
    for (const pod of this.pods) {
      pod.endsIn = pod.endsIn === undefined ? undefined : pod.endsIn - 1;
    }
    const ended = this.pods.filter(({ endsIn }) => endsIn !== undefined && endsIn <= 0);
    this.pods = this.pods.filter((pod) => !ended.includes(pod));
    for (const { owner, ownerKind, hasClaims } of ended.filter((pod) => pod.owner !== undefined)) {
      this.pods.push(this.pod(owner, ownerKind, hasClaims, undefined));
    }
    const open = this.nodes.filter(({ isCordoned }) => !isCordoned);
    for (const pod of this.pods.filter(({ node }) => node === undefined)) {
      pod.node = open[this.next++ % Math.max(1, open.length)]?.name;
    }
    for (const node of this.nodes) {
      if (node.restartsIn === undefined) {
        this.liveOn(node);
      } else if (node.restartsIn-- <= 0) {
        this.restart(node);
      }
    }
  }

  /** It falls silent, and comes back without its instances. Slices stay until somebody publishes others. */
  private restart(node: WorldNode): void {
    node.isReady = !node.isReady && !this.lost.has(node.name);
    if (node.isReady) {
      [node.bootId, node.restartsIn, node.handled, node.gpus] = [this.uid("boot"), undefined, "", ""];
      node.restarts++;
    }
    node.version++;
  }

  private liveOn(node: WorldNode): void {
    const wait = this.delays.get(node.name) ?? 0;
    if (wait > 0) {
      this.delays.set(node.name, wait - 1);
      return;
    }
    this.delays.set(node.name, this.options.delay ?? 1);
    if (node.handled !== node.layout && node.migState !== "pending") {
      node.migState = "pending";
    } else if (node.migState === "pending") {
      const fails = this.failing.has(node.name) && node.gpus !== node.layout;
      [node.handled, node.migState, node.gpus] = [node.layout, fails ? "failed" : "success", fails ? node.gpus : node.layout];
    } else if (this.options.isUngated !== true && node.migState !== "success") {
      node.plugin = undefined;
    } else if (node.plugin === undefined) {
      [node.plugin, node.published] = [this.uid("plugin"), node.gpus];
    }
    node.version++;
  }

  private uid(kind: string): string {
    this.next++;
    return `${kind}-${String(this.next)}`;
  }

  private pod(owner: string | undefined, ownerKind: string, hasClaims: boolean, node: number | undefined): WorldPod {
    const name = this.uid("pod");
    return { name, uid: name, owner, ownerKind, hasClaims, node: node === undefined ? undefined : this.node(node).name, endsIn: undefined };
  }

  private bodies(): readonly JsonObject[] {
    return [...this.nodes.flatMap(nodeBodies), ...this.pods.map((pod) => podBody(pod))];
  }
}

function nodeBodies(node: WorldNode): readonly JsonObject[] {
  const {
    name,
    layout,
    migState,
    record,
    isCordoned,
    isReady,
    bootId,
    providerId,
    version,
    published,
    plugin,
    isPluginReady,
    isInNodeGroup,
  } = node;
  return [
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        uid: name,
        resourceVersion: String(version),
        labels: {
          "node.kubernetes.io/instance-type": TYPE,
          "topology.kubernetes.io/region": "us-east-1",
          ...(isInNodeGroup ? { "eks.amazonaws.com/nodegroup": POOL } : {}),
          [MIG_CONFIG_LABEL]: layout,
          ...(migState === undefined ? {} : { [MIG_CONFIG_STATE_LABEL]: migState }),
        },
        ...(record === undefined ? {} : { annotations: { [RELAYOUT_ANNOTATION]: record } }),
      },
      spec: { providerID: providerId, taints: [GPU_TAINT], ...(isCordoned ? { unschedulable: true } : {}) },
      status: {
        allocatable: { cpu: "95", memory: "1000Gi", pods: "200" },
        conditions: [{ type: "Ready", status: isReady ? "True" : "Unknown" }],
        nodeInfo: { bootID: bootId },
      },
    },
    ...(published === undefined ? [] : slicesOf(name, published)),
    ...(plugin === undefined
      ? []
      : [
          podBody(
            { ...{ name: plugin, uid: plugin, owner: "plugin", ownerKind: "DaemonSet", hasClaims: false }, node: name, endsIn: undefined },
            DAEMON_LABELS.draPlugin,
            { conditions: [{ type: "Ready", status: isPluginReady ? "True" : "False" }] },
          ),
        ]),
  ];
}

const slices = new Map<string, readonly JsonObject[]>();
function slicesOf(node: string, layout: string): readonly JsonObject[] {
  const key = `${node} ${layout}`;
  const known = slices.get(key) ?? publishSlices(node, layoutNamed(layout), testedRelease()).map((slice) => ({ ...slice }));
  slices.set(key, known);
  return known;
}

function podBody(
  { name, uid, owner, ownerKind, hasClaims, node, endsIn }: WorldPod,
  labels: JsonObject = {},
  status: JsonObject = {},
): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name, uid, namespace: "team-a", labels },
      ...(owner === undefined ? {} : { ownerReferences: [{ kind: ownerKind, name: owner, uid: owner, controller: true }] }),
      ...(endsIn === undefined ? {} : { deletionTimestamp: "2026-11-28T12:00:00Z" }),
    },
    spec: {
      containers: [{ name: "main" }],
      tolerations: [{ operator: "Exists", key: GPU_TAINT.key }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...(hasClaims ? { resourceClaims: [{ name: "slice", resourceClaimName: "shared" }] } : {}),
    },
    status,
  };
}
