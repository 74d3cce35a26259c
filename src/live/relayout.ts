/** Reads a pool for a relayout, and does its steps. */
import type { JsonObject } from "../cluster/objects";
import { listAt, podTitle } from "../cluster/objects";
import { valueAt } from "../json/value-at";
import { MIG_CONFIG_MAP } from "../releases/helm/gpu-operator";
import type { Performed, Write } from "../relayout/carry-out";
import type { Plan } from "../relayout/plan";
import { poolNodes } from "../relayout/pool";
import type { PodReference, PoolNode } from "../relayout/pool";
import { RELAYOUT_ANNOTATION, RELAYOUT_FIELD_MANAGER, recordText } from "../relayout/record";
import type { RelayoutRecord } from "../relayout/record";
import { RUN_ANNOTATION, isContinuation, leaseNameOf, readRun, runText } from "../relayout/run";
import type { Run } from "../relayout/run";
import { DRIVER } from "../well-known/attributes";
import { DAEMON_LABELS } from "../well-known/gpu-daemons";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../well-known/labels";
import { GPU_OPERATOR_NAMESPACE } from "../well-known/namespaces";
import { ApiError, errorOf, isOfCluster, isPassing } from "./api/api-server";
import type { Answer, ApiServer, KubernetesObject } from "./api/api-server";
import { Lease, forgetNotes, readNotes } from "./lease";
import type { LeaseName, Notes } from "./lease";
import { draVersion } from "./snapshot";
import { UnusableError } from "./unusable";

/** The text of the layouts that MIG Manager was given; undefined: it has those that the GPU Operator ships. @throws ApiError */
export async function migLayoutsText(api: ApiServer): Promise<string | undefined> {
  const found = await api.find({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: MIG_CONFIG_MAP, namespace: GPU_OPERATOR_NAMESPACE },
  });
  const text = valueAt(found, "data", "config.yaml");
  return typeof text === "string" ? text : undefined;
}

/**
 * The run of reboots of a pool that has begun and not ended.
 * @throws ApiError, and UnusableError for a run that cannot be read: a node that has restarted in it would restart again
 */
export async function runOf(api: ApiServer, pool: string): Promise<Run | undefined> {
  const lease = leaseOf(pool);
  return readNoted(await readNotes(api, lease), lease);
}

/** @throws UnusableError for a run that cannot be read */
function readNoted(notes: Notes, lease: LeaseName): Run | undefined {
  const text = notes[RUN_ANNOTATION];
  const run = readRun(text);
  if (run === undefined && text !== undefined) {
    throw new UnusableError(
      `Lease ${lease.namespace}/${lease.name}: no relayout has written the annotation ${RUN_ANNOTATION} "${text}", so it is unknown which nodes have restarted. Delete the Lease to restart all of them`,
    );
  }
  return run;
}

/**
 * The run has ended: the next one restarts every node.
 * @param noted what was noted of it when it was found to have ended.
 * @param onWait told who was at work, before it is waited whether they still are.
 * @throws ApiError, and UnusableError while somebody else is at work, or once somebody has begun another run
 */
export async function forgetRun(api: ApiServer, pool: string, noted: Run | undefined, onWait: (holder: string) => void): Promise<void> {
  const lease = leaseOf(pool);
  const ended = noted === undefined ? undefined : runText(noted);
  const check = (found: Notes) => {
    const run = readNoted(found, lease);
    if (run !== undefined && runText(run) !== ended) {
      throw new UnusableError(`somebody has begun another run of reboots of pool ${pool} meanwhile: nothing of it is forgotten`);
    }
  };
  await forgetNotes(api, lease, check, onWait);
}

/** A step that is a write to the API server. */
type ApiWrite = Exclude<Write, { readonly type: "reboot" }>;

/** A cluster for as long as a relayout takes. */
export interface LiveCluster {
  observe(): Promise<readonly PoolNode[]>;
  perform(step: ApiWrite): Promise<Performed>;
  /** Lets other relayouts of the pool begin, and ends idle connections. */
  close(): Promise<void>;
}

/**
 * Keeps other relayouts of the pool away until it is closed: the lock is renewed before each look, so that a step is done by whoever has it.
 * @param login logs in. It is asked again when the cluster no longer takes the login: a token of `aws eks get-token` is good for 15 minutes.
 * @param onWait told who has the lock, before it is waited whether they are still at work.
 * @throws UnusableError while another relayout of the pool is at work.
 */
export async function openCluster(login: () => ApiServer, plan: Plan, onWait: (holder: string) => void): Promise<LiveCluster> {
  let api = login();
  const ask = async <T>(question: (server: ApiServer) => Promise<T>): Promise<T> => {
    try {
      return await question(api);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) {
        throw error;
      }
      api.close();
      api = login();
      return question(api);
    }
  };
  const lease = await ask((server) => Lease.acquire(server, { ...leaseOf(plan.pool), ...notesOf(plan) }, onWait)).catch(
    (error: unknown) => {
      api.close();
      throw error;
    },
  );
  let version: string | undefined;
  return {
    observe: () =>
      ask(async (server) => {
        await lease.renew(server);
        version ??= await servedVersion(server);
        return observe(server, version, plan);
      }),
    perform: (step) => ask((server) => perform(server, step)),
    close: async () => {
      try {
        await ask((server) => lease.release(server));
      } catch (error) {
        // A lock that cannot be given back runs out by itself.
        if (!isOfCluster(error)) {
          throw error;
        }
      } finally {
        api.close();
      }
    },
  };
}

function leaseOf(pool: string): LeaseName {
  return { namespace: GPU_OPERATOR_NAMESPACE, name: leaseNameOf(pool), work: `relayout of pool ${pool}` };
}

/** A run of reboots is noted before its first step. One that somebody has begun since the plan was made is not written over: its nodes would restart again. */
function notesOf({ pool, members, work }: Plan): Pick<LeaseName, "notes"> {
  if (work.type === "layout") {
    return {};
  }
  const { run } = work;
  const notes = (found: Notes) => {
    const noted = readNoted(found, leaseOf(pool));
    if (noted !== undefined && !isContinuation(run, noted, members)) {
      throw new UnusableError(
        `somebody has begun a run of reboots of pool ${pool} since the plan was made, which the next plan goes on with`,
      );
    }
    return { [RUN_ANNOTATION]: runText(run) };
  };
  return { notes };
}

/** @throws ApiError, or UnusableError for a cluster without Dynamic Resource Allocation. */
async function servedVersion(api: ApiServer): Promise<string> {
  // Whoever is not logged in gets no answer to the next question either, and that says nothing about what is served.
  await api.get("/api");
  const dra = await draVersion(api);
  if (dra.type === "absent") {
    throw new UnusableError(dra.reason);
  }
  return dra.apiVersion;
}

async function observe(api: ApiServer, version: string, { members, nodes }: Pick<Plan, "members" | "nodes">): Promise<readonly PoolNode[]> {
  const [found, slices, pods] = await Promise.all([
    Promise.all(members.map((name) => api.find(node(name)))),
    api.list(`/apis/${version}/resourceslices`, selector(`spec.driver=${DRIVER}`)),
    Promise.all(nodes.map((name) => api.list("/api/v1/pods", selector(`spec.nodeName=${name}`)))),
  ]);
  const present = found.filter((each) => each !== undefined);
  return poolNodes({ Node: present, Pod: pods.flat(), ResourceSlice: slices }, () => true);
}

const NOTHING: Performed = { blockers: [] };

async function perform(api: ApiServer, step: ApiWrite): Promise<Performed> {
  switch (step.type) {
    case "begin":
    case "turnBack":
      return change(api, step.node, { metadata: annotations(step.record), spec: { unschedulable: true } });
    case "cordon":
      return change(api, step.node, { spec: { unschedulable: true } });
    case "relabel":
      return change(api, step.node, {
        metadata: { ...annotations(step.record), labels: { [MIG_CONFIG_LABEL]: step.record.to, [MIG_CONFIG_STATE_LABEL]: null } },
      });
    case "clearState":
      return change(api, step.node, { metadata: { ...annotations(step.record), labels: { [MIG_CONFIG_STATE_LABEL]: null } } });
    case "finish":
      return change(api, step.node, { metadata: annotations(undefined), spec: { unschedulable: null } });
    case "evict":
      return { blockers: (await Promise.all(step.pods.map((pod) => evict(api, pod)))).flat() };
    case "restartPlugin":
      await end(api, step.plugin);
      return NOTHING;
    case "retry":
      return retry(api, step.node);
  }
}

function annotations(record: RelayoutRecord | undefined): JsonObject {
  return { annotations: { [RELAYOUT_ANNOTATION]: record === undefined ? null : recordText(record) } };
}

/** Changes a node as it was observed. One that is another by now stays as it is. */
async function change(api: ApiServer, { name, resourceVersion }: PoolNode, patch: JsonObject): Promise<Performed> {
  const metadata = { ...(patch["metadata"] as JsonObject | undefined), resourceVersion };
  try {
    await api.merge(node(name), { ...patch, metadata }, { fieldManager: RELAYOUT_FIELD_MANAGER });
  } catch (error) {
    if (!isPassing(error)) {
      throw error;
    }
  }
  return NOTHING;
}

/** Asks the API server to evict a pod, which respects disruption budgets. @returns why it does not. */
async function evict(api: ApiServer, pod: PodReference): Promise<readonly string[]> {
  const { namespace, name, uid } = pod;
  const answer = await api.request("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
    contentType: "application/json",
    content: {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, namespace },
      deleteOptions: { preconditions: { uid } },
    },
  });
  const causes = listAt(answer.body, "details", "causes");
  // What is in a namespace that is being deleted ends by itself.
  const isEnding = answer.status === 403 && causes.some((cause) => valueAt(cause, "reason") === "NamespaceTerminating");
  if (answer.status < 400 || isGone(answer) || isEnding) {
    return [];
  }
  // 429: a disruption budget forbids it now. 500: a pod has several (kubernetes v1.34, `pkg/registry/core/pod/storage/eviction.go`).
  if (answer.status !== 429 && answer.status !== 500) {
    throw errorOf(answer);
  }
  const reasons = causes.flatMap((cause) => valueAt(cause, "message") ?? []);
  return [`${podTitle(pod)}: ${reasons.length > 0 ? reasons.join("; ") : errorOf(answer).message}`];
}

/** Has MIG Manager begin again: it tries what has failed when it starts. The state of before must not be taken for that of the next try. */
async function retry(api: ApiServer, { name }: PoolNode): Promise<Performed> {
  const { app } = DAEMON_LABELS.migManager;
  const query = `labelSelector=${encodeURIComponent(`app=${app}`)}&${selector(`spec.nodeName=${name}`)}`;
  for (const { metadata } of await api.list(`/api/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/pods`, query)) {
    await end(api, { namespace: GPU_OPERATOR_NAMESPACE, name: String(metadata["name"]), uid: String(metadata["uid"]) });
  }
  const path = `/metadata/labels/${MIG_CONFIG_STATE_LABEL.replaceAll("/", "~1")}`;
  const answer = await api.request("PATCH", `/api/v1/nodes/${name}`, {
    contentType: "application/json-patch+json",
    content: [
      { op: "test", path, value: "failed" },
      { op: "remove", path },
    ],
  });
  // 422: another state is there already.
  if (answer.status >= 400 && !isGone(answer) && answer.status !== 422) {
    throw errorOf(answer);
  }
  return NOTHING;
}

/** Deletes the pod that was observed, and none that has its name by now. */
async function end(api: ApiServer, { namespace, name, uid }: Omit<PodReference, "isEnding">): Promise<void> {
  const answer = await api.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, {
    contentType: "application/json",
    content: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
  });
  if (answer.status >= 400 && !isGone(answer)) {
    throw errorOf(answer);
  }
}

/** There is no such object, or another one of its name. */
function isGone({ status }: Answer): boolean {
  return status === 404 || status === 409;
}

function node(name: string): Pick<KubernetesObject, "apiVersion" | "kind" | "metadata"> {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}

function selector(text: string): string {
  return `fieldSelector=${encodeURIComponent(text)}`;
}
