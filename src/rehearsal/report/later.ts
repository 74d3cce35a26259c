/** What happens after `up`: the steps of `--then`, each with what it does to pods and with the nodes after it. */
import { gpusByNode } from "../../planner/gpu-map";
import type { Played } from "../../planner/life/play";
import type { PlannedCluster } from "../../planner/state/cluster";
import { gpuDevices } from "../../planner/state/devices";
import type { Finding, LaterPod, LaterReport, NodeReport } from "./report";

/** @param drawn the nodes after `up`. */
export function laterReports(played: readonly Played[], drawn: readonly NodeReport[]): readonly LaterReport[] {
  const reports: LaterReport[] = [];
  let nodes = drawn;
  for (const { step, change, whatIf, before, after } of played) {
    const slices = slicesByPod(before);
    const layouts =
      change.type === "layout" ? new Map(change.nodes.map(({ name }) => [name, change.layout.name])) : new Map<string, string>();
    nodes = nodesAfter(nodes, after, layouts);
    reports.push({
      ...{ step: step.text, change: whatIf.change, verdict: whatIf.verdict, started: whatIf.started, nodes },
      stopped: whatIf.stopped.map((pod) => ({ ...pod, slices: slices.get(pod.pod) ?? [] })),
      ...{ missing: whatIf.missing, notes: whatIf.notes },
    });
  }
  return reports;
}

function nodesAfter(nodes: readonly NodeReport[], after: PlannedCluster, layouts: ReadonlyMap<string, string>): readonly NodeReport[] {
  const maps = gpusByNode(after);
  return nodes.map((node) => {
    const { gpus } = node;
    const list = maps.get(node.name)?.map(({ parts }, index) => ({ index, parts }));
    return gpus === undefined || list === undefined
      ? node
      : { ...node, gpus: { ...gpus, layout: layouts.get(node.name) ?? gpus.layout, list } };
  });
}

/** Profiles of the slices that each pod may use. */
function slicesByPod(cluster: PlannedCluster): ReadonlyMap<string, readonly string[]> {
  const slices = new Map<string, string[]>();
  for (const { profile, holder } of gpuDevices(cluster)) {
    for (const user of holder?.users ?? []) {
      const pod = `${holder?.claim.namespace ?? ""}/${user}`;
      slices.set(pod, [...(slices.get(pod) ?? []), profile]);
    }
  }
  return slices;
}

/** Pods that a step ends for good. A pod that a later step starts again has stood still in between. */
export function laterFindings(reports: readonly LaterReport[]): readonly Finding[] {
  return reports.flatMap(({ step, stopped }) =>
    stopped
      .filter(({ fate }) => fate !== "moves")
      .map((pod): Finding => ({ kind: "later", subject: `Pod ${pod.pod}`, place: `--then ${step}`, message: laterPodText(pod) })),
  );
}

/** `loses 1g.5gb on node-1, and waits: ...`. */
export function laterPodText({ slices, from, to, fate, reason }: LaterPod): string {
  const stops = slices.length === 0 ? `stops on ${from}` : `loses ${slices.join(", ")} on ${from}`;
  switch (fate) {
    case "moves":
      return `${stops}, and runs again ${to === from ? "there" : `on ${to ?? ""}`}`;
    case "waits":
      return `${stops}, and waits, because there is no room: ${reason ?? ""}`;
    case "never":
      return `${stops}, and can never be placed again: ${reason ?? ""}`;
  }
}

/** What a step does, a paragraph each. */
export function laterTexts({ stopped, started, missing, notes }: LaterReport): readonly string[] {
  return [
    ...(stopped.length === 0 ? ["no pod stops"] : stopped.map((pod) => `${pod.pod} ${laterPodText(pod)}`)),
    ...started.map((pod) => `${pod} waited, and runs now`),
    ...missing.map((text) => `unknown: ${text}`),
    ...(stopped.length === 0 ? [] : notes),
  ];
}

/** What a step comes to, for a heading. */
export const LATER_VERDICTS: Readonly<Record<LaterReport["verdict"], string>> = {
  keeps: "every pod that stops runs again",
  loses: "some pods do not run again",
  unknown: "it cannot be told what runs again",
};
