/** Why a pod is pending: in the words of the cluster and in those of the rehearsal, both read into the same terms so that they can be compared. */
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { claimFailure } from "../../../src/live/events";
import { lastingFailure } from "../../../src/live/scheduling";
import { waitFor } from "../../../src/live/wait";

/** How many nodes are out for which kind of reason. */
export type NodeCounts = Readonly<Record<"devices" | "taint" | "selector" | "cpu", number>>;

export type Reason =
  | { readonly type: "nodes"; readonly counts: NodeCounts }
  /** A quota keeps a claim from being made. */
  | { readonly type: "quota"; readonly quota: string; readonly deviceClass: string; readonly limit: number; readonly used: number }
  | { readonly type: "missing"; readonly what: "class" | "template"; readonly name: string }
  /** The scheduler stops with an error, which is one of a selector. */
  | { readonly type: "schedulerError"; readonly error: string }
  | { readonly type: "unread"; readonly text: string };

/** Waits for the cluster to say why a pod is not placed. */
export async function reasonOf(api: ApiServer, pod: KubernetesObject): Promise<Reason> {
  let reason: Reason | undefined;
  await waitFor(`a reason of pod ${String(pod.metadata["name"])}`, async () => {
    reason = await currentReason(api, pod);
    return reason !== undefined;
  });
  return reason ?? { type: "unread", text: "" };
}

async function currentReason(api: ApiServer, pod: KubernetesObject): Promise<Reason | undefined> {
  const verdict = await lastingFailure(api, (await api.find(pod)) ?? pod);
  if (verdict !== undefined) {
    const { reason, message } = verdict;
    return reason === "SchedulerError"
      ? { type: "schedulerError", error: /CEL runtime error: (.*)$/.exec(message)?.[1] ?? message }
      : readCondition(message);
  }
  const failure = await claimFailure(api, pod);
  return failure === undefined ? undefined : readClaimFailure(failure);
}

function readCondition(text: string): Reason {
  const missing = /device class (\S+) does not exist/.exec(text);
  if (missing !== null) {
    return { type: "missing", what: "class", name: missing[1] ?? "" };
  }
  const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return /^0\/\d+ nodes are available/.test(text)
    ? {
        type: "nodes",
        counts: {
          devices: count(/(\d+) cannot allocate all claims/),
          taint: count(/(\d+) node\(s\) had untolerated taint/),
          selector: count(/(\d+) node\(s\) didn't match Pod's node affinity\/selector/),
          cpu: count(/(\d+) Insufficient cpu/),
        },
      }
    : { type: "unread", text };
}

function readClaimFailure(text: string): Reason {
  const template = /resourceclaimtemplate\S* "(?<name>[^"]+)" not found/.exec(text);
  if (template !== null) {
    return { type: "missing", what: "template", name: template.groups?.["name"] ?? "" };
  }
  const quota =
    /exceeded quota: (?<quota>[^,]+), requested: (?<deviceClass>.+)\.deviceclass\.resource\.k8s\.io\/devices=\d+, used: \S+=(?<used>\d+), limited: \S+=(?<limit>\d+)/.exec(
      text,
    );
  return quota === null ? { type: "unread", text } : quotaReason(quota);
}

/** The same of a reason that the rehearsal gives. */
export function readRehearsed(text: string): Reason {
  const quota = /^quota "(?<quota>[^"]+)" allows (?<limit>\d+) devices of class (?<deviceClass>\S+), (?<used>\d+) used/.exec(text);
  if (quota !== null) {
    return quotaReason(quota);
  }
  const template = /^ResourceClaimTemplate [^/]+\/(\S+) does not exist/.exec(text);
  if (template !== null) {
    return { type: "missing", what: "template", name: template[1] ?? "" };
  }
  const deviceClass = /device class (\S+) does not exist/.exec(text);
  if (deviceClass !== null) {
    return { type: "missing", what: "class", name: deviceClass[1] ?? "" };
  }
  if (text.startsWith("kube-scheduler stops with an error")) {
    return { type: "schedulerError", error: /\): (.*)$/.exec(text)?.[1] ?? text };
  }
  const counts = { devices: 0, taint: 0, selector: 0, cpu: 0 };
  for (const [, group = "", nodes = "1"] of text.matchAll(/(.*?) \((?:node \S+|(\d+) nodes)\)(?:; |$)/g)) {
    counts[kindOf(group)] += Number(nodes);
  }
  return { type: "nodes", counts };
}

function kindOf(group: string): keyof NodeCounts {
  const kinds = { selector: /^nodeSelector/, taint: /^taint/, cpu: /^needs \S+ cpu/, devices: /^(claim|enough)/ } as const;
  const [found] = Object.entries(kinds).filter(([, pattern]) => pattern.test(group));
  if (found === undefined) {
    throw new Error(`a reason that this test does not know: ${group}`);
  }
  return found[0] as keyof NodeCounts;
}

function quotaReason({ groups = {} }: RegExpExecArray): Reason {
  const { quota = "", deviceClass = "", limit, used } = groups;
  return { type: "quota", quota, deviceClass, limit: Number(limit), used: Number(used) };
}
