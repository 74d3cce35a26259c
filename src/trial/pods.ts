/** The pods that a control plane makes of an object, and how far it is with them. */
import { otherController } from "../cluster/managed-by";
import { isObject } from "../dra/manifest/fields";
import { NO_VOLUME } from "../fleet/volumes";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import { claimFailure, eventsOf } from "../live/events";
import { lastingFailure } from "../live/scheduling";
import { DEFAULT_SCHEDULER } from "../well-known/scheduler";

/** A pod and what the scheduler says of it. */
export type PodState = { readonly pod: KubernetesObject } & (
  | { readonly type: "placed"; readonly nodeName: string }
  | { readonly type: "pending"; readonly reason: string }
  /** Nobody has said anything yet. */
  | { readonly type: "open" }
);

/** Pods of an object at a moment. */
export interface Made {
  /** How many pods the object asks for. */
  readonly wanted: number;
  readonly pods: readonly PodState[];
  /** Why a controller does not make the rest; undefined: it has not said that it does not. */
  readonly failure: string | undefined;
  /** Whether the controller has seen the object as it is. */
  readonly isSeen: boolean;
}

/** Whether nothing is left to happen, unless another object comes. */
export function isSettled({ wanted, pods, failure, isSeen }: Made): boolean {
  const isDecided = pods.every(({ type }) => type !== "open");
  // A StatefulSet makes a pod once the one before it is ready.
  return isSeen && isDecided && (pods.length >= wanted || failure !== undefined || pods.some(({ type }) => type === "pending"));
}

/** Whether every pod has its node, so that nothing can change any more. */
export function isPlaced({ wanted, pods, isSeen }: Made): boolean {
  return isSeen && pods.length >= wanted && pods.every(({ type }) => type === "placed");
}

/** Answers for the pods of an object; undefined for a kind that makes none. @param nodes names of those that count. */
export async function podsOfObject(api: ApiServer, object: KubernetesObject, nodes: ReadonlySet<string>): Promise<Made | undefined> {
  switch (`${object.apiVersion} ${object.kind}`) {
    case "v1 Pod":
      return { wanted: 1, pods: await statesOf(api, [(await api.find(object)) ?? object]), failure: undefined, isSeen: true };
    case "apps/v1 Deployment":
      return deploymentPods(api, await current(api, object));
    case "v1 ReplicationController":
    case "apps/v1 ReplicaSet":
    case "apps/v1 StatefulSet":
      return replicaPods(api, await current(api, object));
    case "apps/v1 DaemonSet":
      return daemonPods(api, await current(api, object), nodes);
    case "batch/v1 Job":
      return jobPods(api, await current(api, object));
    default:
      return undefined;
  }
}

async function current(api: ApiServer, object: KubernetesObject): Promise<KubernetesObject> {
  const { apiVersion, kind } = object;
  return { ...((await api.find(object)) ?? object), apiVersion, kind };
}

async function deploymentPods(api: ApiServer, deployment: KubernetesObject): Promise<Made> {
  const sets = await owned(api, "/apis/apps/v1", "replicasets", deployment);
  const [set] = sets;
  const wanted = Number(deployment["spec"].replicas);
  if (set === undefined) {
    // A paused one makes nothing, and is not to.
    return deployment["spec"].paused === true
      ? { wanted: 0, pods: [], failure: undefined, isSeen: isSeen(deployment) }
      : { wanted, pods: [], failure: await failureOf(api, deployment), isSeen: isSeen(deployment) };
  }
  return replicaPods(api, { ...set, apiVersion: "apps/v1", kind: "ReplicaSet" });
}

async function replicaPods(api: ApiServer, set: KubernetesObject): Promise<Made> {
  const pods = await owned(api, "/api/v1", "pods", set);
  return {
    wanted: Number(set["spec"].replicas),
    pods: await statesOf(api, pods),
    failure: await failureOf(api, set),
    isSeen: isSeen(set),
  };
}

async function daemonPods(api: ApiServer, set: KubernetesObject, nodes: ReadonlySet<string>): Promise<Made> {
  const all = await owned(api, "/api/v1", "pods", set);
  const pods = all.filter((pod) => nodes.has(targetOf(pod)));
  return {
    wanted: Number(set["status"]?.desiredNumberScheduled ?? 0) - (all.length - pods.length),
    pods: await statesOf(api, pods),
    failure: await failureOf(api, set),
    isSeen: isSeen(set),
  };
}

async function jobPods(api: ApiServer, job: KubernetesObject): Promise<Made> {
  const spec = job["spec"] as { readonly parallelism: number; readonly completions?: number; readonly suspend?: boolean };
  const { parallelism, completions, suspend } = spec;
  const pods = await owned(api, "/api/v1", "pods", job);
  return {
    wanted: suspend === true || otherController({ ...spec }) !== undefined ? 0 : Math.min(parallelism, completions ?? parallelism),
    pods: await statesOf(api, pods),
    failure: await failureOf(api, job),
    isSeen: true,
  };
}

/** The node that a daemon set has made a pod for (`controller/daemon/util`, `ReplaceDaemonSetPodNodeNameNodeAffinity`). */
function targetOf({ spec }: KubernetesObject): string {
  const terms = (spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) as readonly {
    readonly matchFields?: readonly { readonly values: readonly string[] }[];
  }[];
  return String(spec.nodeName ?? terms[0]?.matchFields?.[0]?.values[0]);
}

function isSeen({ metadata, status }: KubernetesObject): boolean {
  return Number(status?.observedGeneration ?? 0) >= Number(metadata["generation"] ?? 0);
}

async function owned(api: ApiServer, root: string, resource: string, owner: KubernetesObject): Promise<readonly KubernetesObject[]> {
  const all = await api.list(`${root}/namespaces/${String(owner.metadata["namespace"])}/${resource}`);
  return all
    .filter(({ metadata }) =>
      ((metadata["ownerReferences"] ?? []) as readonly { readonly uid: string; readonly controller?: boolean }[]).some(
        ({ uid, controller }) => controller === true && uid === owner.metadata["uid"],
      ),
    )
    .sort((one, other) => String(one.metadata["name"]).localeCompare(String(other.metadata["name"]), "en", { numeric: true }));
}

/** What the last event says about pods, or what they need, that a controller could not make. */
async function failureOf(api: ApiServer, object: KubernetesObject): Promise<string | undefined> {
  const failures = (await eventsOf(api, object)).filter(({ reason }) => ["FailedCreate", "ReplicaSetCreateError"].includes(String(reason)));
  const last = failures.at(-1);
  return last === undefined ? undefined : String(last["message"]).replace(/^\(combined from similar events\): /, "");
}

async function statesOf(api: ApiServer, pods: readonly KubernetesObject[]): Promise<readonly PodState[]> {
  return Promise.all(pods.map((pod) => stateOf(api, { ...pod, apiVersion: "v1", kind: "Pod" })));
}

async function stateOf(api: ApiServer, pod: KubernetesObject): Promise<PodState> {
  const nodeName: unknown = pod["spec"].nodeName;
  if (typeof nodeName === "string") {
    return { pod, type: "placed", nodeName };
  }
  const failure = await lastingFailure(api, pod);
  if (failure !== undefined) {
    return { pod, type: "pending", reason: failure.message || failure.reason };
  }
  const reason = missingScheduler(pod) ?? (await missingClaim(api, pod)) ?? (await missingVolume(api, pod));
  return reason === undefined ? { pod, type: "open" } : { pod, type: "pending", reason };
}

/** A scheduler that nobody runs says nothing. */
function missingScheduler({ spec }: KubernetesObject): string | undefined {
  return spec.schedulerName === DEFAULT_SCHEDULER ? undefined : `no scheduler ${String(spec.schedulerName)} runs in this cluster`;
}

/** The scheduler says nothing of a pod whose claim does not exist: it waits for the claim. */
async function missingClaim(api: ApiServer, pod: KubernetesObject): Promise<string | undefined> {
  const namespace = String(pod.metadata["namespace"]);
  const entries = (pod["spec"].resourceClaims ?? []) as readonly { readonly resourceClaimName?: string }[];
  for (const { resourceClaimName: name } of entries) {
    if (
      name !== undefined &&
      (await api.find({ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace } })) === undefined
    ) {
      return `ResourceClaim ${namespace}/${name} does not exist`;
    }
  }
  return entries.length === 0 ? undefined : claimFailure(api, pod);
}

/** A pod waits for a volume that nobody makes. */
async function missingVolume(api: ApiServer, pod: KubernetesObject): Promise<string | undefined> {
  const namespace = String(pod.metadata["namespace"]);
  const volumes = ((pod["spec"].volumes ?? []) as readonly unknown[]).filter(isObject);
  for (const volume of volumes) {
    const claimName = (volume["persistentVolumeClaim"] as { readonly claimName?: string } | undefined)?.claimName;
    const name = claimName ?? (volume["ephemeral"] === undefined ? undefined : `${String(pod.metadata["name"])}-${String(volume["name"])}`);
    const claim =
      name === undefined ? undefined : await api.find({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace } });
    const failed = claim === undefined ? undefined : (await eventsOf(api, claim)).find(({ reason }) => reason === NO_VOLUME);
    if (failed !== undefined) {
      return `PersistentVolumeClaim ${namespace}/${String(name)}: ${String(failed["message"])}`;
    }
  }
  return undefined;
}
