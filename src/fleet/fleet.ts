/**
 * The nodes of a cluster that has none: Node objects like those of the stack's node groups, and stand-ins for what would run on them. Pods are placed by the
 * real scheduler and made by the real controllers; the operators' daemons are started and removed by the real daemon set controller (`operators.ts`).
 */
import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { GATE_NAME } from "../kubernetes/partition-gate/job";
import type { MigConfigs } from "../rehearsal/recorded/mig-manager";
import type { Node } from "../cluster/nodes";
import { draDriverLine } from "../releases/dra-driver-lines";
import { defaultRelease } from "../releases/find";
import type { Release } from "../releases/types";
import type { ApiServer, KubernetesObject, MergeOptions } from "../live/api/api-server";
import { Heartbeats } from "./nodes/heartbeats";
import { NOT_READY_TAINT, conditions } from "./nodes/conditions";
import { aborted } from "./pods/container";
import type { Behaviour, Program } from "./pods/container";
import { draPlugin } from "./operators/dra-driver/plugin";
import type { DraDriverOptions } from "./operators/dra-driver/plugin";
import { Kubelet } from "./pods/kubelet";
import { Machine } from "./machine";
import { featureDiscovery, migManager } from "./operators/mig-manager";
import { migParted } from "./operators/mig-parted";
import type { MigParted } from "./operators/mig-parted";
import { csiNodeObject, joinLabels, nodeObject } from "./nodes/nodes";
import { DAEMON_LABELS } from "../well-known/gpu-daemons";
import { wipeSlices } from "./operators/dra-driver/slices";
import { ClusterView } from "./view";

export interface FleetOptions {
  /** What a pod does. @default daemons of the operators do their work, the partition gate succeeds at once, other pods run until they are deleted */
  readonly behaviourOf?: (pod: KubernetesObject) => Behaviour | undefined;
  /** What the DRA driver's plugin does on a node. @default as it should */
  readonly draPlugin?: (options: DraDriverOptions) => Program;
  /** How MIG Manager divides the GPUs of a node. @default as it should */
  readonly migParted?: MigParted;
  /** Whether the driver of a node refuses to divide GPUs. @default never */
  readonly driverRefuses?: (nodeName: string) => boolean;
  /** The layouts that MIG Manager knows at the moment. @default those that the operator ships */
  readonly migConfigs?: () => MigConfigs;
  /** Decides how devices are called, where the plugin's pod does not say its version. @default that of a stack which names no Kubernetes version */
  readonly release?: Release;
  /** How long each step of the operator takes, and a reboot. @default 50 */
  readonly stepMs?: number;
  /** How long MIG Manager waits for the operator's own pods. @default 30 s, where it waits 5 minutes */
  readonly clientsMs?: number;
  /** What containers take to end after SIGTERM, at most their grace. @default 100 */
  readonly stopMs?: number;
  /** @default 500, where a kubelet waits 30 s */
  readonly wipingDelayMs?: number;
}

type Labels = Readonly<Record<string, string>>;

export class Fleet {
  private readonly end = new AbortController();
  private readonly machines = new Map<string, Machine>();
  private readonly view: ClusterView;
  private readonly kubelet: Kubelet;
  private readonly heartbeats: Heartbeats;
  private readonly daemons: readonly { readonly labels: Labels; readonly programOf: (labels: Labels) => Program }[];
  private readonly work = new Set<Promise<void>>();
  private readonly errors: unknown[] = [];
  private readonly stepMs: number;
  private readonly release: Release;

  constructor(
    private readonly api: ApiServer,
    private readonly options: FleetOptions = {},
  ) {
    const {
      migConfigs = () => ({ type: "stock" }),
      release = defaultRelease(),
      stepMs = 50,
      clientsMs = 30_000,
      wipingDelayMs = 500,
    } = options;
    this.release = release;
    setMaxListeners(0, this.end.signal);
    this.stepMs = stepMs;
    this.view = new ClusterView(api, this.end.signal);
    this.heartbeats = new Heartbeats(api);
    const { view } = this;
    const onError = (error: unknown) => this.errors.push(error);
    this.kubelet = new Kubelet({ api, view, machines: this.machines, behaviourOf: (pod) => this.behaviourOf(pod), onError });
    const discovery = featureDiscovery({ api, stepMs });
    const manager = migManager({
      ...{ api, view, release, configs: migConfigs, stepMs, clientsMs },
      fails: options.driverRefuses ?? (() => false),
      migParted: options.migParted ?? migParted,
      reboot: (machine) => this.background(this.restart(machine).catch((error: unknown) => this.unlessGone(machine, error))),
    });
    const plugin = (labels: Labels) =>
      (options.draPlugin ?? draPlugin)({
        ...{ api, release: withDriverOf(release, labels), wipingDelayMs },
        onRegistered: () => view.touch(),
        background: (work) => this.background(work),
      });
    this.daemons = [
      { labels: DAEMON_LABELS.featureDiscovery, programOf: () => discovery },
      { labels: DAEMON_LABELS.migManager, programOf: () => manager },
      { labels: DAEMON_LABELS.dcgmExporter, programOf: () => (_: Machine, signal: AbortSignal) => aborted(signal) },
      { labels: DAEMON_LABELS.draPlugin, programOf: plugin },
    ];
  }

  /** Begins to look after the cluster. Machines can join before and after. */
  async start(): Promise<void> {
    this.view.onChange(() => this.kubelet.dispatch());
    await this.view.start();
    this.kubelet.dispatch();
  }

  /** Ends everything that runs. @throws AggregateError when something had gone wrong that no object shows. */
  async stop(): Promise<void> {
    this.end.abort();
    for (const machine of this.machines.values()) {
      machine.powerOff();
    }
    this.heartbeats.stop();
    await Promise.all([this.kubelet.ended(), ...this.work]);
    if (this.errors.length > 0) {
      throw new AggregateError(this.errors, `the fleet failed: ${this.errors.map(String).join("; ")}`);
    }
  }

  /** New instances register. */
  async join(nodes: readonly Node[]): Promise<void> {
    for (const node of nodes) {
      const machine = new Machine(node);
      this.machines.set(node.name, machine);
      await this.api.create(csiNodeObject(node, await this.api.create(nodeObject(node, this.release, machine.bootId))));
      await this.heartbeats.begin(node.name);
    }
  }

  /** A node group's labels or taints have changed: EKS carries that over to its nodes, and leaves what others have set. */
  async update(node: Node): Promise<void> {
    const machine = this.machine(node.name);
    const removed = Object.fromEntries(Object.keys(joinLabels(machine.node)).map((label) => [label, null]));
    machine.node = node;
    await this.patch(machine, { metadata: { labels: { ...removed, ...joinLabels(node) } }, spec: { taints: node.taints } });
  }

  /** An instance is terminated. Its pods are the control plane's to clear away. */
  async leave(name: string): Promise<void> {
    this.machine(name).powerOff();
    this.machines.delete(name);
    this.heartbeats.end(name);
    // The garbage collector would remove it behind the node, and a new instance of this name could come first.
    await this.api.delete({ apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name } });
    await this.api.delete({ apiVersion: "v1", kind: "Node", metadata: { name } });
  }

  /** An instance stops working and nobody ends it: its kubelet falls silent, and its pods stay in the API server as they were. */
  async die(name: string): Promise<void> {
    const machine = this.machine(name);
    machine.powerOff();
    this.heartbeats.end(name);
    await this.showSilent(machine);
  }

  /** Restarts an instance; answers when its kubelet reports again. */
  async reboot(name: string): Promise<void> {
    await this.restart(this.machine(name));
  }

  private behaviourOf(pod: KubernetesObject): Behaviour {
    const labels = (pod.metadata["labels"] ?? {}) as Labels;
    const own = this.options.behaviourOf?.(pod);
    if (own !== undefined) {
      return own;
    }
    const daemon = this.daemons.find((candidate) => Object.entries(candidate.labels).every(([name, value]) => labels[name] === value));
    if (daemon !== undefined) {
      return { type: "program", program: daemon.programOf(labels) };
    }
    return isGate(pod) ? { type: "completes", afterMs: 0, exitCode: 0, message: "" } : { type: "runs", stopMs: this.options.stopMs ?? 100 };
  }

  private async restart(machine: Machine): Promise<void> {
    machine.powerOff();
    this.heartbeats.end(machine.name);
    await this.showSilent(machine);
    await sleep(this.stepMs, undefined, { signal: this.end.signal });
    if (!this.machines.has(machine.name)) {
      return;
    }
    // A kubelet removes what plugins had published before it was started.
    await wipeSlices(this.api, machine.name);
    const bootID = randomUUID();
    await this.patch(machine, { status: { conditions: conditions("ready"), nodeInfo: { bootID } } }, { subresource: "status" });
    await this.patch(machine, { spec: { taints: machine.node.taints } });
    await this.heartbeats.begin(machine.name);
    machine.powerOn(bootID);
    this.view.touch();
  }

  /** Where the node lifecycle controller runs, it would see to the taints; not at once, and not on every control plane. */
  private async showSilent(machine: Machine): Promise<void> {
    await this.patch(machine, { status: { conditions: conditions("silent") } }, { subresource: "status" });
    await this.patch(machine, { spec: { taints: [...machine.node.taints, NOT_READY_TAINT] } });
  }

  /** What goes wrong with an instance that is terminated meanwhile is no matter. @throws the error otherwise. */
  private unlessGone(machine: Machine, error: unknown): void {
    if (this.machines.get(machine.name) === machine) {
      throw error;
    }
  }

  private async patch({ name }: Machine, patch: object, options: MergeOptions = {}): Promise<void> {
    await this.api.merge({ apiVersion: "v1", kind: "Node", metadata: { name } }, patch, options);
  }

  private machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) {
      throw new Error(`no node ${name} has joined`);
    }
    return machine;
  }

  private background(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => {
        if (!this.end.signal.aborted && (error as Error).name !== "AbortError") {
          this.errors.push(error);
        }
      })
      .finally(() => this.work.delete(watched));
    this.work.add(watched);
  }
}

/** A plugin names devices as its own version does, which its pod says in the label that charts put there. */
function withDriverOf(release: Release, labels: Labels): Release {
  const version = labels["app.kubernetes.io/version"] ?? "";
  const line = draDriverLine(version);
  return line === undefined ? release : { ...release, draDriver: { version, line } };
}

/** Whether a pod is one of the partition gate's Job. */
export function isGate({ metadata }: KubernetesObject): boolean {
  return metadata["labels"]?.["app.kubernetes.io/name"] === GATE_NAME;
}
