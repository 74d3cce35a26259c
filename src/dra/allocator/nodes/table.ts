import type { Pod } from "../../pods";
import type { ResourceAmounts } from "../../manifest/resources";
import { amountOf, resourceAmounts } from "../../manifest/resources";
import type { CountedRequests } from "../../pods/requests";
import type { NodeUsage } from "../scores/room";
import type { Node, NodeMismatch, ResourceShortage } from "./nodes";
import { nodeMismatch, openLabels, resourceShortage } from "./nodes";

const NOTHING: CountedRequests = { cpu: 0, memory: 0 };

/** The nodes of a cluster in their order, with what pods use of them: nothing at first. */
export class NodeTable {
  readonly names: readonly string[];
  private readonly allocatable: readonly ResourceAmounts[];
  private readonly used: readonly Sums[];
  /** As `used`, for scores: with what counts for pods that do not say what they need. */
  private readonly counted: readonly { cpu: number; memory: number }[];
  private readonly mismatches = new Map<string, readonly (NodeMismatch | undefined)[]>();
  private readonly indices: ReadonlyMap<string, number>;

  constructor(private readonly nodes: readonly Node[]) {
    this.names = nodes.map(({ metadata }) => metadata.name);
    const problems: string[] = [];
    this.allocatable = nodes.map(({ metadata, status }) =>
      resourceAmounts(status.allocatable, `node ${metadata.name}: status.allocatable`, problems),
    );
    if (problems.length > 0) {
      throw new Error(problems.join("; "));
    }
    this.used = nodes.map(() => ({}));
    this.counted = nodes.map(() => ({ ...NOTHING }));
    this.indices = new Map(this.names.map((name, index) => [name, index]));
  }

  indexOf(name: string): number | undefined {
    return this.indices.get(name);
  }

  /** Per node, why the pod's rules or the node's exclude each other. */
  mismatchesOf(pod: Pod): readonly (NodeMismatch | undefined)[] {
    const rules = JSON.stringify([pod.nodeName, pod.nodeSelector, pod.nodeAffinity, pod.tolerations]);
    const mismatches = this.mismatches.get(rules) ?? this.nodes.map((node) => nodeMismatch(pod, node));
    this.mismatches.set(rules, mismatches);
    return mismatches;
  }

  /** What a pod on a node relies on without anybody knowing it. */
  openLabels(pod: Pod, index: number): readonly string[] {
    const node = this.nodes[index];
    return node === undefined ? [] : openLabels(pod, node);
  }

  shortage(pod: Pod, index: number): ResourceShortage | undefined {
    return resourceShortage(pod.requests, this.allocatable[index] ?? {}, this.used[index] ?? {});
  }

  usage(index: number): NodeUsage {
    return { allocatable: this.allocatable[index] ?? {}, used: this.used[index] ?? {}, counted: this.counted[index] ?? NOTHING };
  }

  /** Counts a pod on a node. */
  use(index: number, pod: Pod): void {
    const [used, counted] = [this.used[index], this.counted[index]];
    if (used === undefined || counted === undefined) {
      throw new RangeError(`no node ${String(index)}`);
    }
    add(used, "pods", 1);
    // A list of the entries would be made for every pod of a large cluster.
    for (const resource in pod.requests) {
      add(used, resource, amountOf(pod.requests, resource));
    }
    const { cpu, memory } = pod.scoring.requests;
    counted.cpu += cpu;
    counted.memory += memory;
  }
}

/** Amounts that grow with every pod. */
type Sums = Record<string, number>;

function add(sums: Sums, resource: string, amount: number): void {
  sums[resource] = amountOf(sums, resource) + amount;
}
