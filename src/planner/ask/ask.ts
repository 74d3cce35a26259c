/** Whether a cluster can take more slices: where they go, or what is in the way and what would help. */
import { groupBy } from "../group-by";
import type { JsonObject } from "../../cluster/objects";
import { VOLUME_KINDS } from "../snapshot/kinds";
import type { Kind } from "../snapshot/kinds";
import type { PlannedCluster } from "../state/cluster";
import { gpuDevices } from "../state/devices";
import { describeGap, gapsAbout } from "../state/gaps";
import { describeAction } from "./actions";
import { nameOf } from "./demand";
import type { DemandItem } from "./demand";
import { bestTrial } from "./orders";
import { askedPods } from "./pods";
import type { Arrangement, AskedPods } from "./pods";
import { tryOut } from "./trial";
import type { Block, Place, Trial } from "./trial";
import { waysOut } from "./ways";
import type { Way } from "./ways";

export interface Question {
  readonly items: readonly DemandItem[];
  readonly namespace: string;
  readonly arrangement: Arrangement;
}

export interface Answer {
  readonly verdict: "fits" | "doesNotFit" | "unknown";
  /** `3 x 1g.5gb, 1 x large`. */
  readonly asked: string;
  readonly namespace: string;
  readonly arrangement: Arrangement;
  /** Of the pods that find a place, all or not. */
  readonly places: readonly Place[];
  /** They fit in the order of the manifests and on these nodes. Otherwise kube-scheduler may place some so that others do not fit. */
  readonly pinned: boolean;
  /** What is free afterwards, by GPU model and profile; empty unless it fits. */
  readonly left: readonly { readonly gpuModel: string; readonly profile: string; readonly free: number }[];
  readonly blocks: readonly Block[];
  readonly ways: readonly {
    readonly actions: readonly string[];
    readonly usdPerHour: number | null;
    readonly places: readonly Place[];
    /** Why it may help or not. Empty: it helps. */
    readonly uncertain: readonly string[];
  }[];
  /** Why the answer is unknown, or what it was given without. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  /** What to create so that it is as said. */
  readonly manifests: readonly JsonObject[];
}

/** Without these nothing can be said. */
const ESSENTIAL: readonly Kind[] = ["Node", "ResourceSlice", "DeviceClass"];
/** These only take: without them "does not fit" stays certain. */
const TAKING: readonly Kind[] = ["Pod", "ResourceClaim", "ResourceClaimTemplate", "ResourceQuota", "LimitRange"];

export function ask(cluster: PlannedCluster, question: Question): Answer {
  return answerTo(cluster, question).answer;
}

/** An answer, with what its ways out change. */
export interface Answered {
  readonly answer: Answer;
  readonly ways: readonly Way[];
}

/** The answer to a question, with what is needed to draw it. */
export function answerTo(cluster: PlannedCluster, question: Question): Answered {
  const { items, namespace, arrangement } = question;
  const common = {
    asked: items.map(({ count, wanted }) => `${String(count)} x ${nameOf(wanted)}`).join(", "),
    ...{ namespace, arrangement, notes: cluster.notes, pinned: false },
  };
  const gapsOf = (kinds: readonly Kind[]) =>
    gapsAbout(cluster.gaps, cluster.pending)
      .filter(({ kind }) => kinds.includes(kind))
      .map(describeGap);
  const doubts = cluster.doubts.filter((doubt) => doubt.namespace === undefined || doubt.namespace === namespace);
  const messages = (could: "take" | "change") => doubts.filter((doubt) => doubt.could === could).map(({ message }) => message);
  const nothing = { places: [], left: [], blocks: [], ways: [], manifests: [] };
  const essential = [...gapsOf(ESSENTIAL), ...impossible(cluster, question)];
  if (essential.length > 0) {
    return { answer: { ...common, ...nothing, verdict: "unknown", missing: essential }, ways: [] };
  }
  const asked = askedPods(cluster, items, namespace, arrangement);
  const found = bestTrial(cluster, asked);
  const { outcome, order } = found;
  const fits = outcome.refused.length === 0 && outcome.quota.length === 0;
  const changing = [
    ...messages("change"),
    ...(outcome.cutOff ? [CUT_OFF] : []),
    ...outcome.uncertain.map((pod) => `${pod}, so it may take what is free`),
    ...(outcome.uncertain.length > 0 ? gapsOf(VOLUME_KINDS) : []),
  ];
  const taking = [...gapsOf(TAKING), ...messages("take")];
  const missing = [...changing, ...taking];
  const isUnknown = changing.length > 0 || (fits && taking.length > 0);
  const ways = fits || isUnknown ? [] : waysOut(cluster, order, outcome);
  const answer: Answer = {
    ...common,
    verdict: isUnknown ? "unknown" : fits ? "fits" : "doesNotFit",
    places: outcome.places,
    pinned: fits && found.pinned,
    left: fits ? leftOf(cluster, outcome.places) : [],
    blocks: [...outcome.quota, ...(outcome.refused.length === 0 ? [] : distinctBlocks(tryOut(cluster, order)))],
    ways: ways.map(described),
    missing,
    manifests: found.pinned ? pinnedTo(order, outcome.places) : order.manifests,
  };
  return { answer, ways };
}

const CUT_OFF = "kube-scheduler's search for devices ends with an error or after 10 seconds, so that its answer depends on chance";

/** What cannot be asked of this cluster. */
function impossible({ release: { kubernetes } }: PlannedCluster, { arrangement }: Question): readonly string[] {
  const comparesValues = kubernetes.scheduler.distinctValues && !kubernetes.claimApi.dropped.includes("distinctAttribute");
  return arrangement === "apart" && !comparesValues
    ? [
        `slices of different GPUs need distinctAttribute, which Kubernetes ${kubernetes.version} does not enforce. Ask without --apart, or upgrade to 1.36`,
      ]
    : [];
}

/** The manifests in the order in which they fit, each pod for its node. */
function pinnedTo({ pods, manifests }: AskedPods, places: readonly Place[]): readonly JsonObject[] {
  const byName = new Map(manifests.map((manifest) => [`${String(manifest["kind"])} ${nameIn(manifest)}`, manifest]));
  const templates = manifests.filter(({ kind }) => kind !== "Pod");
  return [
    ...templates,
    ...pods.flatMap(({ pod }) => {
      const manifest = byName.get(`Pod ${pod.name}`);
      const node = places.find((place) => place.pod === pod.name)?.node;
      return manifest === undefined || node === undefined ? [] : [withNode(manifest, node)];
    }),
  ];
}

function nameIn({ metadata }: JsonObject): string {
  return (metadata as { readonly name: string }).name;
}

function withNode(manifest: JsonObject, node: string): JsonObject {
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  return { ...manifest, spec: { ...(manifest["spec"] as JsonObject), affinity } };
}

function distinctBlocks({ refused }: Trial): readonly Block[] {
  const groups = groupBy(refused, ({ asked, block }) => `${asked.wants} ${block.message}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ kind: first.block.kind, message: `${String(others.length + 1)} x ${first.asked.wants}: ${first.block.message}` }],
  );
}

function leftOf(cluster: PlannedCluster, places: readonly Place[]): Answer["left"] {
  const taken = new Set(places.flatMap(({ node, devices }) => devices.map((device) => `${node} ${device}`)));
  const free = gpuDevices(cluster).filter(({ node, name, holder }) => holder === undefined && !taken.has(`${node} ${name}`));
  return [...groupBy(free, ({ model, productName, profile }) => `${model?.name ?? productName}\n${profile}`)].map(([key, group]) => {
    const [gpuModel = "", profile = ""] = key.split("\n");
    return { gpuModel, profile, free: group.length };
  });
}

function described({ actions, usdPerHour, places, uncertain }: Way): Answer["ways"][number] {
  return { actions: actions.map(describeAction), usdPerHour: usdPerHour ?? null, places, uncertain };
}
