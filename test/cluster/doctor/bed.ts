/** A platform on a real control plane with the fleet, and the doctor beside it. */
import { randomBytes } from "node:crypto";
import type { Container } from "../../../src/fleet/pods/container";
import { driverObjects, operatorObjects } from "../../../src/fleet/operators/operators";
import { isGate } from "../../../src/fleet/fleet";
import type { Node } from "../../../src/cluster/nodes";
import { declarationOf } from "../../../src/doctor/declaration";
import type { Declaration } from "../../../src/doctor/declaration";
import { activeNames } from "../../../src/doctor/active/places";
import { planActive } from "../../../src/doctor/active/plan";
import { runActive } from "../../../src/doctor/active/run";
import { diagnose, diagnosisOf, examine } from "../../../src/doctor/diagnose";
import type { Diagnosis } from "../../../src/doctor/finding";
import type { FindingId } from "../../../src/doctor/findings";
import { observeCluster } from "../../../src/doctor/observation/live";
import type { Observation } from "../../../src/doctor/observation/observation";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { gpuNodes, startCluster, successorOf } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { ContainerRuntimes } from "../../harness/fleet/pods/gpu-container";
import { namespace, template } from "../../harness/fleet/manifests";
import { kubectlShell } from "../../harness/fleet/reader";
import type { Shell } from "../../harness/fleet/reader";
import { CHART_OBJECTS, registeredObjects } from "../../support/stack-objects";
import type { RegisteredObject } from "../../support/stack-objects";
import { testedRelease } from "../../support/tested-release";

export const LAB = "lab";

/** The context of the harness's kubeconfig. */
export const CONTEXT = "shared-gpu";

/** A day on which the pinned versions have no mended holes, so that the suite does not age. */
const TODAY = new Date("2026-11-28");

/** Kinds of workloads, which need time to start and have no part here. The gate is none of them. */
const WORKLOADS: readonly string[] = ["Deployment", "ServiceMonitor", "Service"];

/** A time at which everything that exists has had its time. The real one is that of the test. */
export const LATER_MINUTES = 240;

export class Bed {
  /** Names of pods whose containers cannot be started, by a part of the name, with what the runtime says. */
  readonly unstartable: Map<string, string>;
  /** The GPU node of the moment. */
  node: Node;

  private constructor(
    readonly cluster: Cluster,
    readonly declaration: Declaration,
    readonly shell: Shell,
    readonly runtimes: ContainerRuntimes,
    unstartable: Map<string, string>,
    node: Node,
  ) {
    this.unstartable = unstartable;
    this.node = node;
  }

  /** @param during is asked again and again while the platform comes up. */
  static async start(during: (diagnosis: Diagnosis) => void): Promise<Bed> {
    const unstartable = new Map<string, string>();
    const runtimes = new ContainerRuntimes(testedRelease());
    const behaviourOf = (pod: KubernetesObject) => {
      const reason = [...unstartable].find(([part]) => String(pod.metadata["name"]).includes(part))?.[1];
      return reason !== undefined
        ? ({ type: "container", start: (): Promise<Container> => Promise.reject(new Error(reason)) } as const)
        : isGate(pod)
          ? ({ type: "completes", afterMs: 0, exitCode: 0, message: "" } as const)
          : runtimes.behaviourOf(pod);
    };
    const cluster = await startCluster({}, { behaviourOf, clientsMs: 5000, release: testedRelease() });
    const { api, fleet, nodes, recording } = cluster;
    const [node] = gpuNodes(nodes);
    if (node === undefined) {
      throw new Error("the dev stack has no GPU node");
    }
    const declaration = declarationOf(recording, { stack: "dev", gpuPools: ["a100"] }, TODAY);
    const bed = new Bed(cluster, declaration, await kubectlShell(api), runtimes, unstartable, node);
    let isUp = false;
    const watch = (async () => {
      while (!isUp) {
        during(await bed.examine(0));
      }
    })();
    try {
      const objects = registeredObjects(recording).filter(({ object }) => !WORKLOADS.includes(object.kind));
      const isLast = ({ object }: RegisteredObject) => object.kind === "Job";
      for (const object of CHART_OBJECTS) {
        await api.apply(object);
      }
      await Promise.all([fleet.join(nodes.nodes), cluster.apply(objects.filter((each) => !isLast(each)).map(({ object }) => object))]);
      await bed.install();
      await bed.applyGate();
      await cluster.apply([namespace(LAB), template("small", LAB, "mig-small.nvidia.com")]);
      await bed.waitForSilence();
      isUp = true;
      await watch;
    } catch (error) {
      isUp = true;
      await watch.finally(() => cluster.stop());
      throw error;
    }
    return bed;
  }

  get api(): ApiServer {
    return this.cluster.api;
  }

  /** What the charts of the GPU Operator and of the DRA driver bring. */
  install(): Promise<void> {
    return this.cluster.apply([...operatorObjects(), ...driverObjects()]);
  }

  async applyGate(): Promise<void> {
    await this.cluster.apply(
      registeredObjects(this.cluster.recording)
        .map(({ object }) => object)
        .filter(({ kind, metadata }) => kind === "Job" && metadata["namespace"] === "partition-gate"),
    );
  }

  observe(): Promise<Observation> {
    return observeCluster(this.api, CONTEXT, () => undefined);
  }

  /** What the doctor says, as if so much time had gone by. */
  async examine(laterMinutes = LATER_MINUTES, declaration = this.declaration): Promise<Diagnosis> {
    const observation = await this.observe();
    const readAt = new Date(Date.parse(observation.readAt) + laterMinutes * 60_000).toISOString();
    return diagnose({ ...observation, readAt }, declaration, CONTEXT);
  }

  /** Until it is the only finding: while controllers and kubelets follow a change, there can be others for a moment. @param besides findings that may stay with it. */
  async waitForFinding(id: FindingId, besides: readonly FindingId[]): Promise<Diagnosis> {
    let last = await this.examine();
    const others = ({ findings }: Diagnosis) => findings.filter((finding) => finding.id !== id && !besides.includes(finding.id));
    await waitFor(
      `finding ${id} alone`,
      async () => {
        last = await this.examine();
        return last.findings.some((finding) => finding.id === id) && others(last).length === 0;
      },
      { describe: () => Promise.resolve(JSON.stringify(last, undefined, 1)) },
    );
    return last;
  }

  /** Puts the end of the partition gate so far back that no `pulumi up` can be at work, for those who go by the clock. */
  async ageGate(): Promise<void> {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "partition-gate", namespace: "partition-gate" } };
    const found = await this.api.find(job);
    const lastTransitionTime = new Date(Date.now() - 60 * 60_000).toISOString().replace(/\.\d+Z$/, "Z");
    const conditions = (found?.["status"]?.conditions as readonly object[]).map((each) => ({ ...each, lastTransitionTime }));
    await this.api.merge(job, { status: { conditions } }, { subresource: "status" });
  }

  /** What the doctor says once it has tried everything. */
  async tryActively(api = this.api): Promise<Diagnosis> {
    const examined = examine(await this.observe(), this.declaration, CONTEXT);
    const situation = { examined, names: activeNames(randomBytes(3).toString("hex")) };
    const options = { names: situation.names, signal: new AbortController().signal, onProgress: () => undefined };
    return diagnosisOf(examined, await runActive(api, planActive(situation), options));
  }

  /** Until nothing is found, and nothing is on its way. */
  async waitForSilence(): Promise<void> {
    let last: Diagnosis | undefined;
    await waitFor(
      "a silent doctor",
      async () => {
        last = await this.examine();
        return last.verdict === "healthy" && last.findings.length === 0 && last.notYet.length === 0;
      },
      { describe: () => Promise.resolve(JSON.stringify(last, undefined, 1)) },
    );
  }

  /** Runs a line with the real kubectl, which must succeed. */
  async run(line: string): Promise<string> {
    const { code, stdout, stderr } = await this.shell.run(line);
    if (code !== 0) {
      throw new Error(`${line} ended with ${String(code)}:\n${stdout}\n${stderr}`);
    }
    return stdout;
  }

  /** What EC2 and EKS do when the GPU instance is terminated. */
  async replaceNode(): Promise<void> {
    await this.cluster.fleet.leave(this.node.name);
    await this.joinSuccessor();
  }

  async joinSuccessor(): Promise<void> {
    this.node = successorOf(this.node);
    await this.cluster.fleet.join([this.node]);
  }
}
