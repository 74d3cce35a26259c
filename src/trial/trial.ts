/**
 * Puts a rehearsed stack and manifests through a real control plane with simulated nodes, and compares what that says with what the model says.
 *
 *     platform, nodes and slices -> objects of the stack -> objects of the manifests -> a last look -> comparison
 *
 * Objects go in one after the other, each once the pods of the one before it are decided: the model creates them in this order, too.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Autoscalers } from "../cluster/autoscalers";
import { finderOf, makesOf } from "../cluster/custom-resources/placement";
import { isSuspended } from "../cluster/custom-resources/pods/reading";
import { judgeAndSimulate } from "../cluster/judgement/judge";
import { isBuiltInGroup } from "../cluster/judgement/validation/served";
import { LimitRanges } from "../cluster/limits";
import { objectAt, placeOf, titleOf } from "../cluster/objects";
import type { ClusterObject } from "../cluster/objects";
import { phasesOf } from "../cluster/phases";
import { podsOf } from "../cluster/workloads";
import type { PlannedPods, Surroundings, WorkloadReading } from "../cluster/workloads";
import type { ControlPlane } from "../control-plane/control-plane";
import { Fleet } from "../fleet/fleet";
import { provisionVolumes } from "../fleet/volumes";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import { waitFor } from "../live/wait";
import { isServiceAddress } from "../cluster/judgement/service-addresses";
import { servedApi } from "../releases/api/find";
import type { Answered, Rehearsed } from "../rehearsal/control-plane";
import { migConfigsOf } from "../rehearsal/recorded/mig-manager";
import { registeredObjects } from "../rehearsal/recorded/objects";
import type { ObjectWarning } from "../rehearsal/report/report";
import { problemsOf, simulationOf } from "./answers";
import type { Answer } from "./answers";
import { SENDER, allowDefinedKind, allowSender, installPlatform, needsAdministrator } from "./platform";
import { ownersByOpenLabels } from "./open-labels";
import { isPlaced, isSettled, podsOfObject } from "./pods";
import type { Made } from "./pods";
import { whyNotSent } from "./not-sent";
import { inForce, send } from "./send";
import { SERVICE_RANGES } from "../well-known/service-ranges";
import { compare, describeVerdict, verdictOf } from "./verdict";

export interface TrialOptions {
  /** The programs, or the cluster, that answer. */
  readonly answeredBy: readonly string[];
  /** Ends the trial early. */
  readonly signal: AbortSignal;
  /** Told what is done at the moment. */
  readonly onProgress: (text: string) => void;
}

/** More pods of one object than this are not made: the real controllers would make them one by one. */
const MAX_PODS = 300;
/** A limit against hanging, for the pods of one object. */
const DECISION_MS = 30_000;
/** The same, until the nodes have published their devices: dozens of nodes take a while on a machine that does other work. */
const PUBLISHED_MS = 300_000;
const POLL_MS = 100;
/** How long nothing changes until a pod counts as pending: controllers and the scheduler try again within less. */
const STABLE_MS = 800;
/** Minutes since 1970: a CronJob's controller adds those of a run's time to its name (`getJobName`). */
const RUN_MINUTE = 29_000_000;
/** The same at the end, when objects may have come that controllers had missed. They try again after up to a few seconds. */
const LAST_STABLE_MS = 3_000;

/**
 * @param plane a cluster without this platform, one of whose users is the sender. It holds what was made of the objects afterwards.
 * @throws AbortError when the signal ends it.
 */
export async function tryOut(plane: ControlPlane, rehearsed: Rehearsed, options: TrialOptions): Promise<Answered> {
  const { api } = plane;
  const fleet = new Fleet(api, { release: rehearsed.release, migConfigs: () => migConfigsOf(rehearsed.recording) });
  const end = new AbortController();
  // Every object with pending pods waits with it, as many as there are.
  setMaxListeners(0, options.signal);
  let volumes: Promise<void> = Promise.resolve();
  try {
    await fleet.start();
    volumes = provisionVolumes(api, end.signal);
    // Whoever waits for it is told at the end; without this a failure would end the process before.
    volumes.catch(() => undefined);
    const trial = new Trial(plane, rehearsed, options);
    await trial.prepare(fleet);
    await trial.sendAll();
    return await trial.result();
  } finally {
    end.abort();
    await Promise.allSettled([volumes]);
    await fleet.stop();
  }
}

class Trial {
  private readonly api: ApiServer;
  private readonly sender: ApiServer;
  private readonly answers = new Map<ClusterObject, Answer>();
  /** Looks at the pods of an object again. */
  private readonly looks = new Map<ClusterObject, () => Promise<Made>>();
  private readonly nodeNames: ReadonlySet<string>;
  private readonly surroundings: Surroundings;

  constructor(
    plane: ControlPlane,
    private readonly rehearsed: Rehearsed,
    private readonly options: TrialOptions,
  ) {
    this.api = plane.api;
    this.sender = plane.as(SENDER.name);
    this.nodeNames = new Set(rehearsed.nodes.map(({ name }) => name));
    const objects = [...rehearsed.stackObjects, ...rehearsed.manifestObjects];
    this.surroundings = {
      // The API server fills in what they say.
      ranges: LimitRanges.of([]),
      nodes: [...this.nodeNames],
      autoscalers: Autoscalers.of(objects),
      finder: finderOf(objects),
    };
  }

  /** The cluster as EKS, the charts and the node groups make it. */
  async prepare(fleet: Fleet): Promise<void> {
    const { nodes, simulation } = this.rehearsed;
    this.say("the platform");
    await installPlatform(this.api);
    await allowSender(this.api, this.sender);
    this.say(`${String(nodes.length)} nodes`);
    await fleet.join(nodes);
    const wanted = simulation.slices.reduce((sum, { spec }) => sum + spec.devices.length, 0);
    const published = async () => {
      this.options.signal.throwIfAborted();
      const slices = await this.api.list("/apis/resource.k8s.io/v1/resourceslices");
      return slices.reduce((sum, { spec }) => sum + ((spec.devices ?? []) as readonly unknown[]).length, 0);
    };
    await waitFor(`${String(wanted)} devices`, async () => (await published()) === wanted, {
      timeoutMs: PUBLISHED_MS,
      describe: async () => `${String(await published())} devices`,
    });
  }

  async sendAll(): Promise<void> {
    const { recording, stackObjects, manifestObjects } = this.rehearsed;
    const sent = new Map(registeredObjects(recording).map(({ object, sent: body }) => [object.origin, body]));
    const bodies = new Map([...sent].flatMap(([origin, body]) => (origin.type === "stack" ? [[origin.urn, body] as const] : [])));
    const all = [
      ...stackObjects.map((object) => ({ object, how: "apply" as const })),
      ...manifestObjects.map((object) => ({ object, how: "create" as const })),
    ];
    for (const [index, { object, how }] of all.entries()) {
      this.say(`object ${String(index + 1)} of ${String(all.length)}, ${titleOf(object)}`);
      const body = object.origin.type === "stack" ? bodies.get(object.origin.urn) : undefined;
      this.answers.set(object, await this.judge(object, bodyOf(object, body ?? object.body), how));
    }
    await this.lookAgain();
  }

  async result(): Promise<Answered> {
    const { nodes, shapes, stackObjects, manifestObjects, denied, release } = this.rehearsed;
    const { answers } = this;
    const simulation = await simulationOf(this.api, answers, this.rehearsed);
    const objects = [...stackObjects, ...manifestObjects];
    // What is not in the cluster has no effect on the rest, except for templates of custom resources: the pods that were created directly follow from them.
    // The model is asked about the same cluster.
    const compared = objects.filter((object) => {
      const answer = answers.get(object);
      return answer?.type === "notJudged" ? makesOf(object)?.type === "template" : !(answer?.type === "refused" && denied.has(object));
    });
    const model = judgeAndSimulate(nodes, shapes, compared, release);
    const profiles = profilesOf(simulation.slices);
    const byLabels = ownersByOpenLabels(model.pods, nodes);
    const notJudged = objects.flatMap((object) => {
      const why = this.whyNotCompared(object, answers.get(object), byLabels);
      return why === undefined ? [] : [{ object, why }];
    });
    const left = new Set(notJudged.map(({ object }) => object));
    const verdicts = objects
      .filter((object) => !left.has(object))
      .map((object) => {
        const ours = verdictOf(object, model.pods, [...problemsOf(model.problems, object), ...(denied.get(object) ?? [])], profiles);
        const theirs = verdictOf(object, simulation.pods, problemsOf(simulation.problems, object), profiles);
        return { object, ours, theirs, comparison: compare(ours, theirs) };
      });
    const count = (type: string) => verdicts.filter(({ comparison }) => comparison.type === type).length;
    const stricter = verdicts.flatMap(({ object, comparison }) =>
      comparison.type === "stricter" ? [warning(object, comparison.why)] : [],
    );
    const addedProblems = verdicts.flatMap(({ object, comparison }) =>
      comparison.type === "stricter" ? problemsOf(model.problems, object) : [],
    );
    return {
      simulation: { ...simulation, problems: [...simulation.problems, ...addedProblems] },
      report: {
        answeredBy: this.options.answeredBy,
        judged: verdicts.length,
        bothPlace: count("bothPlace"),
        bothRefuse: count("bothRefuse"),
        stricter,
        notJudged: notJudged.map(({ object, why }) => warning(object, why)),
        differences: verdicts
          .filter(({ comparison }) => comparison.type === "differ")
          .map(({ object, ours, theirs }) => ({
            ...{ subject: titleOf(object), place: placeOf(object.origin) },
            ...{ rehearsal: describeVerdict(ours), controlPlane: describeVerdict(theirs) },
          })),
      },
    };
  }

  /** Why the two answers about an object say nothing about each other; undefined: they are compared. */
  private whyNotCompared(object: ClusterObject, answer: Answer | undefined, byLabels: ReadonlySet<ClusterObject>): string | undefined {
    if (answer?.type === "notJudged") {
      return answer.why;
    }
    if (this.surroundings.autoscalers.of(object)?.object.kind === "ScaledObject") {
      return "KEDA does not run here, which decides how many pods it has";
    }
    if (byLabels.has(object)) {
      return "it wants nodes by labels whose values hardware, drivers or AWS decide, and the simulated nodes do not have them";
    }
    const isCustom = !isBuiltInGroup(servedApi(this.rehearsed.release), object.apiVersion);
    return isCustom && object.name !== "" && answer?.type === "refused"
      ? "the definition of its kind refuses it, and the rehearsal does not read definitions"
      : undefined;
  }

  /** Tells the next step, unless it is not to be taken any more. */
  private say(text: string): void {
    this.options.signal.throwIfAborted();
    this.options.onProgress(`control plane: ${text}`);
  }

  private async judge(object: ClusterObject, body: KubernetesObject, how: "apply" | "create"): Promise<Answer> {
    const notSent = whyNotSent(object);
    if (notSent !== undefined) {
      return { type: "notJudged", why: notSent };
    }
    const podCount = this.podCountOf(object);
    if (podCount > MAX_PODS) {
      return {
        type: "notJudged",
        why: `it asks for ${String(podCount)} pods, and the control plane makes at most ${String(MAX_PODS)} of an object`,
      };
    }
    const sent = await send(how === "create" && !needsAdministrator(object) ? this.sender : this.api, body, how);
    switch (sent.type) {
      case "refused":
        return isOfOtherRange(body, sent.message)
          ? {
              type: "notJudged",
              why: `EKS gives a cluster one of the ranges ${SERVICE_RANGES.join(", ")}, and the control plane has another one`,
            }
          : sent;
      case "notServed":
        if (isBuiltInGroup(servedApi(this.rehearsed.release), object.apiVersion)) {
          return { type: "refused", message: sent.message };
        }
        return makesPods(object)
          ? this.customPods(object)
          : { type: "notJudged", why: "the API server has no definition of this kind: a chart brings it" };
      case "accepted": {
        if (makesPods(object)) {
          return { type: "notJudged", why: "its operator decides which pods it makes, and may not run here" };
        }
        await inForce(this.api, sent.object);
        if (sent.object.kind === "CustomResourceDefinition") {
          await allowDefinedKind(this.api, this.sender, sent.object);
        }
        const made = await this.madeOf(object, sent.object);
        return { type: "accepted", warnings: sent.warnings, made };
      }
    }
  }

  private async madeOf(object: ClusterObject, sent: KubernetesObject): Promise<Made | undefined> {
    return sent.kind === "CronJob" ? this.runOnce(object, sent) : this.podsMadeBy(object, await this.startQueued(sent));
  }

  private async podsMadeBy(object: ClusterObject, maker: KubernetesObject): Promise<Made | undefined> {
    const look = async () => (await podsOfObject(this.api, maker, this.nodeNames)) ?? NO_PODS;
    if ((await podsOfObject(this.api, maker, this.nodeNames)) === undefined) {
      return undefined;
    }
    this.looks.set(object, look);
    return this.settle(look, STABLE_MS);
  }

  /** A CronJob makes its Job when its time comes. Here it comes at once, as with `kubectl create job --from`. Undefined: it is suspended. */
  private async runOnce(object: ClusterObject, { metadata, spec }: KubernetesObject): Promise<Made | undefined> {
    if (spec.suspend === true) {
      return undefined;
    }
    const [name, namespace] = [`${String(metadata["name"])}-${String(RUN_MINUTE)}`, String(metadata["namespace"])];
    const { metadata: labels, spec: job } = spec.jobTemplate as { readonly metadata?: object; readonly spec: object };
    const body = { apiVersion: "batch/v1", kind: "Job", metadata: { ...labels, name, namespace }, spec: job };
    const run = await send(this.api, body, "create");
    return run.type === "accepted"
      ? this.podsMadeBy(object, run.object)
      : { wanted: this.podCountOf(object), pods: [], failure: run.message, isSeen: true };
  }

  private podCountOf(object: ClusterObject): number {
    const planned = podsOf(object, this.surroundings);
    return planned.type === "pods" ? planned.pods.reduce((sum, { count }) => sum + count, 0) : 0;
  }

  /** Kueue starts a suspended Job when its queue has room. Kueue does not run here, and the model takes the queue for one with room. */
  private async startQueued(sent: KubernetesObject): Promise<KubernetesObject> {
    const isQueued = sent.kind === "Job" && sent["spec"].suspend === true && !isSuspended(sent, true);
    return isQueued
      ? { ...(await this.api.merge(sent, { spec: { suspend: false } })), apiVersion: sent.apiVersion, kind: sent.kind }
      : sent;
  }

  /** The pods of a custom resource whose operator does not run here: they are created directly, phase by phase. Those of the phase with most pods stay. */
  private async customPods(object: ClusterObject): Promise<Answer> {
    const planned = podsOf(object, this.surroundings);
    if (planned.type !== "pods") {
      return { type: "notJudged", why: "its operator does not run here, and its pods cannot be read" };
    }
    const why = needsItsOperator(planned);
    if (why !== undefined) {
      return { type: "notJudged", why };
    }
    for (const { name, spec } of planned.placement.templates ?? []) {
      const metadata = { name, namespace: object.namespace };
      const template = { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata, spec: { spec } };
      const sent = await send(this.sender, template, "create");
      if (sent.type !== "accepted") {
        return { type: "refused", message: sent.message };
      }
    }
    const [largest = [], ...others] = phasesOf(planned.pods);
    let rest = NO_PODS;
    for (const phase of others) {
      const { created, look } = await this.createPods(object, phase);
      rest = together(unplacedOf(await this.settle(look, STABLE_MS)), rest);
      await this.removePods(created);
    }
    const { look: lookAtLargest } = await this.createPods(object, largest);
    const look = async () => together(await lookAtLargest(), rest);
    this.looks.set(object, look);
    return {
      type: "accepted",
      warnings: ["its operator does not run on the control plane: its pods were created directly"],
      made: await this.settle(look, STABLE_MS),
    };
  }

  /** Creates pods. Operators make up the end of a pod's name too, so that two custom resources of one name do not meet. */
  private async createPods(
    object: ClusterObject,
    planned: readonly PlannedPods[],
  ): Promise<{ readonly created: readonly KubernetesObject[]; readonly look: () => Promise<Made> }> {
    const { namespace } = object;
    const labels = labelsOf(object);
    const bodies = planned.flatMap(({ count, template, at }) =>
      Array.from({ length: count }, (_, index) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { generateName: `${at(index).pod.name}-`, namespace, labels, annotations: template.annotations },
        spec: template.spec,
      })),
    );
    const created: KubernetesObject[] = [];
    let failure: string | undefined;
    for (const body of bodies) {
      const sent = await send(this.sender, body, "create");
      if (sent.type === "accepted") {
        created.push(sent.object);
      } else {
        failure ??= sent.message;
      }
    }
    const look = async (): Promise<Made> => {
      const made = await Promise.all(created.map((pod) => podsOfObject(this.api, pod, this.nodeNames)));
      return { wanted: bodies.length, pods: made.flatMap((each) => each?.pods ?? []), failure, isSeen: true };
    };
    return { created, look };
  }

  private async removePods(pods: readonly KubernetesObject[]): Promise<void> {
    await Promise.all(pods.map((pod) => this.api.delete(pod)));
    const isGone = async () => (await Promise.all(pods.map((pod) => this.api.find(pod)))).every((found) => found === undefined);
    await waitFor("the end of pods that others follow", isGone);
  }

  /** Objects that came later can have been what a pod was waiting for. */
  private async lookAgain(): Promise<void> {
    const open = [...this.looks].filter(([object]) => {
      const answer = this.answers.get(object);
      return (
        answer?.type === "accepted" && answer.made !== undefined && (!isPlaced(answer.made) || answer.made.wanted < this.leastPods(object))
      );
    });
    if (open.length > 0) {
      this.say(`a last look at ${String(open.length)} ${open.length === 1 ? "object" : "objects"} with pending pods`);
    }
    await Promise.all(
      open.map(async ([object, look]) => {
        const answer = this.answers.get(object);
        if (answer?.type === "accepted") {
          this.answers.set(object, { ...answer, made: await this.settle(look, LAST_STABLE_MS, this.leastPods(object)) });
        }
      }),
    );
  }

  /** Controllers come back to an autoscaler every 15 seconds, and it may have come before what it scales. 0: none scales the object. */
  private leastPods(object: ClusterObject): number {
    return this.surroundings.autoscalers.of(object)?.object.kind === "HorizontalPodAutoscaler" ? this.podCountOf(object) : 0;
  }

  /** Waits until the pods of an object are decided, or time is up. @param least how many an autoscaler makes it ask for, sooner or later. */
  private async settle(look: () => Promise<Made>, stableMs: number, least = 0): Promise<Made> {
    const deadline = Date.now() + DECISION_MS;
    let made = await look();
    let since = Date.now();
    const isOver = () => made.wanted >= least && (isPlaced(made) || (isSettled(made) && Date.now() - since >= stableMs));
    while (!isOver() && Date.now() < deadline) {
      await sleep(POLL_MS, undefined, { signal: this.options.signal });
      const next = await look();
      if (stateKey(next) !== stateKey(made)) {
        since = Date.now();
      }
      made = next;
    }
    return made;
  }
}

/** Whether a Service is refused because its address is in a range that EKS may give, and that this control plane does not have. */
function isOfOtherRange(service: KubernetesObject, message: string): boolean {
  return service.kind === "Service" && message.includes("not in the valid range") && isServiceAddress(String(service["spec"].clusterIP));
}

/** Whether it is a custom resource whose operator makes pods that are known. */
function makesPods(object: ClusterObject): boolean {
  return makesOf(object)?.type === "pods";
}

/** Why the pods of a custom resource cannot be created directly; undefined if they can. */
function needsItsOperator({ placement }: Extract<WorkloadReading, { readonly type: "pods" }>): string | undefined {
  if (placement.unplaced !== undefined && placement.unplaced.length > 0) {
    return `its operator does not run here: ${placement.unplaced.join("; ")}`;
  }
  if (placement.volumes !== undefined && placement.volumes.length > 0) {
    return `its operator does not run here, and makes the volumes ${placement.volumes.join(", ")}`;
  }
  return undefined;
}

const NO_PODS: Made = { wanted: 0, pods: [], failure: undefined, isSeen: true };

/** Pods of several phases, as those of one. */
function together(one: Made, other: Made): Made {
  return {
    wanted: one.wanted + other.wanted,
    pods: [...one.pods, ...other.pods],
    failure: one.failure ?? other.failure,
    isSeen: one.isSeen && other.isSeen,
  };
}

/** Without the pods that have a node. */
function unplacedOf({ wanted, pods, failure, isSeen }: Made): Made {
  const unplaced = pods.filter(({ type }) => type !== "placed");
  return { wanted: wanted - pods.length + unplaced.length, pods: unplaced, failure, isSeen };
}

function stateKey({ wanted, pods, failure, isSeen }: Made): string {
  const states = pods.map((state) => `${String(state.pod.metadata["name"])} ${state.type}`);
  return [wanted, failure !== undefined, isSeen, ...states].join();
}

/** The object as it is sent: in its namespace. */
function bodyOf({ apiVersion, kind, namespace }: ClusterObject, body: object): KubernetesObject {
  const metadata = { ...objectAt(body, "metadata"), ...(namespace === "" ? {} : { namespace }) };
  return { ...body, apiVersion, kind, metadata };
}

/** Labels that name the owner: its operator would set others, which are not known here. */
function labelsOf({ kind, name }: ClusterObject): Readonly<Record<string, string>> {
  return { "shared-gpu/made-for": `${kind}.${name}`.slice(0, 63).replace(/[^a-zA-Z0-9]+$/, "") };
}

function profilesOf(slices: Rehearsed["simulation"]["slices"]): ReadonlyMap<string, string> {
  return new Map(
    slices.flatMap(({ spec }) =>
      spec.devices.map(({ name, attributes }): [string, string] => [
        `${spec.pool.name}/${name}`,
        attributes["profile"]?.string ?? "whole GPU",
      ]),
    ),
  );
}

function warning(object: ClusterObject, message: string): ObjectWarning {
  return { subject: titleOf(object), place: placeOf(object.origin), message };
}
