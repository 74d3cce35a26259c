/** The instances of the cluster's node groups: they come, are drained and go as EKS sees to it, and a simulated fleet has them as nodes. */
import type { Node } from "../../../src/cluster/nodes";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { successorOf } from "../fleet/cluster";
import type { Fleet } from "../../../src/fleet/fleet";
import { instanceId } from "../../../src/fleet/nodes/nodes";
import { waitFor } from "../../../src/live/wait";
import type { Change } from "./providers/controls";

/** Arguments of a node group whose change gives it new instances; others are carried over to the ones that it has. */
const ROLLED_FOR = ["launchTemplate", "releaseVersion", "version"];

/** An instance as EC2 shows it. */
export interface Instance {
  readonly id: string;
  /** Name of its node group. */
  readonly nodeGroup: string;
  /** What it has printed on its console. */
  readonly console: string;
}

/** One that has started and never joined the cluster. */
interface Stranded {
  readonly model: Node;
  readonly console: string;
}

const NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup";

export class Instances {
  /** What the next instance of a pool prints on its console, in place of joining the cluster. */
  private readonly strandings = new Map<string, string>();
  private readonly stranded: Stranded[] = [];
  /** By the id of their node group: while one is replaced there are two of its name. */
  private readonly groups = new Map<string, readonly Node[]>();
  private readonly names = new Set<string>();

  /** @param nodesOf the nodes that a pool has with the settings of the moment. */
  constructor(
    private readonly api: ApiServer,
    private readonly fleet: Fleet,
    private readonly nodesOf: (pool: string) => readonly Node[],
  ) {}

  /** Does what EKS does after a change of a node group. */
  async follow({ operation, name, id, inputs, inputsBefore }: Change): Promise<void> {
    const before = this.groups.get(id) ?? [];
    const models = operation === "delete" ? [] : this.nodesOf(name);
    const isRolled = inputsBefore !== undefined && ROLLED_FOR.some((key) => !isSame(inputs[key], inputsBefore[key]));
    const after = isRolled ? await this.roll(before, models, inputs) : await this.resize(before, models);
    this.groups.set(id, after);
  }

  /** A node group is deleted by hand. @param id of the node group. */
  async remove(id: string): Promise<void> {
    for (const node of this.groups.get(id) ?? []) {
      await this.end(node);
    }
    this.groups.delete(id);
  }

  /** An instance ends by itself, with nobody draining it, and its group starts another one. */
  async lose(nodeName: string): Promise<void> {
    await this.fleet.leave(nodeName);
    for (const [id, nodes] of this.groups) {
      const lost = nodes.find(({ name }) => name === nodeName);
      if (lost !== undefined) {
        this.groups.set(id, [...nodes.filter((node) => node !== lost), ...(await this.start([lost]))]);
      }
    }
  }

  /** The next instance of a pool never joins. @param console what it prints. */
  strandNext(pool: string, console: string): void {
    this.strandings.set(pool, console);
  }

  /** All that run. */
  all(): readonly Instance[] {
    const joined = [...this.groups.values()].flat().map((model) => ({ model, console: "cloud-init finished" }));
    return [...joined, ...this.stranded].map(({ model, console }) => ({
      id: instanceId(model.name),
      nodeGroup: model.labels[NODE_GROUP_LABEL] ?? "",
      console,
    }));
  }

  /** A person ends an instance. Its group starts another one, which joins. */
  async terminate(id: string): Promise<void> {
    const index = this.stranded.findIndex(({ model }) => instanceId(model.name) === id);
    const [stranded] = index < 0 ? [] : this.stranded.splice(index, 1);
    const nodes = [...this.groups.values()].flat();
    if (stranded === undefined) {
      await this.lose(nodes.find(({ name }) => instanceId(name) === id)?.name ?? id);
      return;
    }
    const [group = ""] = [...this.groups].find(([, members]) => members.some(({ pool }) => pool === stranded.model.pool)) ?? [];
    this.groups.set(group, [...(this.groups.get(group) ?? []), ...(await this.start([stranded.model]))]);
  }

  /** Keeps as many as it can. */
  private async resize(before: readonly Node[], models: readonly Node[]): Promise<readonly Node[]> {
    const kept = before.slice(0, models.length);
    for (const node of before.slice(models.length)) {
      await this.end(node);
    }
    const updated = kept.map((node, index) => renamed(models[index] ?? node, node.name));
    for (const node of updated) {
      await this.fleet.update(node);
    }
    return [...updated, ...(await this.start(models.slice(before.length)))];
  }

  /** Replaces them one by one: with the strategy MINIMAL an old one goes before a new one comes. */
  private async roll(before: readonly Node[], models: readonly Node[], { updateConfig }: Change["inputs"]): Promise<readonly Node[]> {
    const endsFirst = (updateConfig as { readonly updateStrategy?: string } | undefined)?.updateStrategy === "MINIMAL";
    const after: Node[] = [];
    for (let index = 0; index < Math.max(before.length, models.length); index++) {
      const [old, model] = [before[index], models[index]];
      const steps = [
        async () => after.push(...(await this.start(model === undefined ? [] : [model]))),
        async () => (old === undefined ? undefined : await this.end(old)),
      ];
      for (const step of endsFirst ? steps.reverse() : steps) {
        await step();
      }
    }
    return after;
  }

  private async start(models: readonly Node[]): Promise<readonly Node[]> {
    const started = models.map((model) => {
      let node = model;
      while (this.names.has(node.name)) {
        node = successorOf(node);
      }
      this.names.add(node.name);
      return node;
    });
    const joining = started.filter((model) => {
      const console = this.strandings.get(model.pool);
      this.strandings.delete(model.pool);
      if (console !== undefined) {
        this.stranded.push({ model, console });
      }
      return console === undefined;
    });
    await this.fleet.join(joining);
    return joining;
  }

  private async end({ name }: Node): Promise<void> {
    await drain(this.api, name);
    await this.fleet.leave(name);
  }
}

/** What EKS does to a node before it ends the instance, and `kubectl drain` does: nothing new comes, and what is there and of no daemon set is evicted. */
export async function drain(api: ApiServer, nodeName: string): Promise<void> {
  await api.merge({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } }, { spec: { unschedulable: true } });
  const evictable = async () =>
    (await api.list("/api/v1/pods", `fieldSelector=spec.nodeName%3D${nodeName}`)).filter((pod) => !isOfDaemonSet(pod));
  for (const { metadata } of await evictable()) {
    const [name, namespace] = [String(metadata["name"]), String(metadata["namespace"])];
    const content = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    await api.request("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { contentType: "application/json", content });
  }
  await waitFor(`the end of the pods on ${nodeName}`, async () => (await evictable()).length === 0, {
    timeoutMs: 120_000,
    describe: async () => (await evictable()).map(({ metadata }) => String(metadata["name"])).join(", "),
  });
}

function isOfDaemonSet({ metadata }: KubernetesObject): boolean {
  const owners = (metadata["ownerReferences"] ?? []) as readonly { readonly kind: string }[];
  return owners.some(({ kind }) => kind === "DaemonSet");
}

function renamed(node: Node, name: string): Node {
  return { ...node, name, labels: { ...node.labels, "kubernetes.io/hostname": name } };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
