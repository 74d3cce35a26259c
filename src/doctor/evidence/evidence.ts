/** What a cluster shows of the requirements of CNCF's AI conformance: each point with the request, what was observed, and a verdict. Nothing in it names a person, a node or a team. */
import { listAt, nameOf } from "../../cluster/objects";
import { TIERS } from "../../dra/tiers";
import { WHOLE_GPU } from "../../hardware/node-devices";
import { valueAt } from "../../json/value-at";
import { groupBy } from "../../planner/group-by";
import { DRA_GROUP } from "../../planner/snapshot/kinds";
import { gpuDevices } from "../../planner/state/devices";
import type { GpuDevice } from "../../planner/state/devices";
import { DRIVER } from "../../well-known/attributes";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import type { Action, ActiveRun, Judgement } from "../active/attempt";
import type { Examined } from "../check";
import { podsOf } from "../cluster";
import type { ActiveFindingId } from "../findings";
import { observedKind } from "../observation/kinds";
import type { ObservedKind } from "../observation/kinds";
import { anonymizer } from "./anonymous";
import { COVERED, checklistOf } from "./checklist";
import type { Level, RequirementId } from "./checklist";

export type Verdict = "met" | "not met" | "not observed";

export interface Point {
  readonly what: string;
  /** A request to the API server, or a command that sends it. */
  readonly request: string;
  readonly observed: string;
  readonly verdict: Verdict;
}

export interface Requirement {
  readonly id: RequirementId;
  /** Null: it is not in the checklist of this version. */
  readonly level: Level | null;
  /** `not met` if a point is not, otherwise `not observed` if a point was not. */
  readonly verdict: Verdict;
  readonly points: readonly Point[];
}

export interface Evidence {
  readonly format: 1;
  readonly kubernetesVersion: string | null;
  readonly readAt: string;
  /** Null for a version whose checklist was not read: the requirements are those of the others. */
  readonly checklist: { readonly kubernetesVersion: string; readonly source: string } | null;
  readonly requirements: readonly Requirement[];
  /** Requirements of the checklist that nothing here is about. */
  readonly notCovered: readonly string[];
}

/** @param run what the active check has tried; undefined: it did not run. */
export function evidenceOf(examined: Examined, run: ActiveRun | undefined): Evidence {
  const { observation } = examined.cluster;
  const checklist = checklistOf(observation.kubernetesVersion);
  const anonymous = anonymizer(observation);
  return {
    format: 1,
    kubernetesVersion: observation.kubernetesVersion ?? null,
    readAt: observation.readAt,
    checklist: checklist === undefined ? null : { kubernetesVersion: checklist.kubernetesVersion, source: checklist.source },
    requirements: COVERED.map((id) => {
      const points = POINTS[id](examined, run).map(({ what, request, observed, verdict }): Point => ({
        ...{ what: anonymous(what), request: anonymous(request), observed: anonymous(observed), verdict },
      }));
      return { id, level: checklist?.requirements[id] ?? null, verdict: worst(points), points };
    }),
    notCovered: Object.keys(checklist?.requirements ?? {}).filter((id) => !COVERED.some((covered) => covered === id)),
  };
}

type Points = (examined: Examined, run: ActiveRun | undefined) => readonly Point[];

const POINTS: Readonly<Record<RequirementId, Points>> = {
  dra_support: (examined, run) => [apiServed(examined), devicesPublished(examined), ...tried("slice-not-of-claim", run)],
  gpu_sharing: (examined, run) => [
    slicesPublished(examined),
    classesOfTiers(examined),
    sharedGpus(examined),
    ...tried("slice-not-of-claim", run),
  ],
  secure_accelerator_access: (_, run) =>
    (["gpu-without-claim", "slice-not-of-claim", "forbidden-request-admitted"] as const).flatMap((id) => tried(id, run)),
  accelerator_metrics: (examined) => [exportersRun(examined), METRICS],
};

function worst(points: readonly Point[]): Verdict {
  return (["not met", "not observed"] as const).find((verdict) => points.some((point) => point.verdict === verdict)) ?? "met";
}

const DRA_KINDS = ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"] as const;

function apiServed({ cluster: { observation } }: Examined): Point {
  const gaps = observation.gaps.filter(({ kind }) => DRA_KINDS.some((each) => each === kind));
  const isAbsent = gaps.some(({ reason }) => reason.includes(`does not serve ${DRA_GROUP}`));
  const versions = new Set(DRA_KINDS.flatMap((kind) => observation.objects[kind].map(({ apiVersion }) => String(apiVersion))));
  return {
    what: "The API of Dynamic Resource Allocation is served",
    request: DRA_KINDS.map((kind) => `GET /apis/${DRA_GROUP}/v1/${observedKind(kind).resource}`).join(", "),
    observed: isAbsent
      ? `the API server does not serve ${DRA_GROUP}`
      : gaps.length > 0
        ? `${gaps.map(({ kind }) => kind).join(", ")} could not be read`
        : `all four lists are answered${versions.size === 0 ? "" : `, in ${[...versions].join(", ")}`}`,
    verdict: isAbsent ? "not met" : gaps.length > 0 || versions.size === 0 ? "not observed" : "met",
  };
}

/** A point about lists; not observed where one of them could not be read. */
function about(
  examined: Examined,
  kinds: readonly ObservedKind[],
  what: string,
  look: () => { readonly observed: string; readonly verdict: Verdict },
): Point {
  const { hasRead } = examined.cluster;
  const unread = kinds.filter((kind) => !hasRead(kind));
  const request = kinds.map((kind) => `kubectl get ${observedKind(kind).resource} --all-namespaces --output json`).join("; ");
  return unread.length > 0
    ? { what, request, observed: `${unread.join(", ")} could not be read`, verdict: "not observed" }
    : { what, request, ...look() };
}

function devicesPublished(examined: Examined): Point {
  return about(examined, ["Node", "ResourceSlice"], "A driver publishes the accelerators as devices", () => {
    const devices = gpuDevices(examined.cluster.planned);
    const nodes = new Set(devices.map(({ node }) => node));
    return {
      observed: `driver ${DRIVER} publishes ${String(devices.length)} devices of ${String(nodes.size)} nodes`,
      verdict: devices.length > 0 ? "met" : "not observed",
    };
  });
}

function slicesPublished(examined: Examined): Point {
  return about(examined, ["Node", "ResourceSlice"], "Partitions of GPUs are schedulable devices", () => {
    const devices = gpuDevices(examined.cluster.planned);
    const profiles = groupBy(devices, ({ profile }) => profile);
    const counts = [...profiles].map(([profile, { length }]) => `${String(length)} x ${profile}`);
    return {
      observed: devices.length === 0 ? "no device is published" : `published are ${counts.join(", ")}`,
      verdict: devices.length === 0 ? "not observed" : [...profiles.keys()].some((profile) => profile !== WHOLE_GPU) ? "met" : "not met",
    };
  });
}

function classesOfTiers(examined: Examined): Point {
  return about(examined, ["DeviceClass"], "Users have a device class for each size", () => {
    const names = new Set(examined.cluster.observation.objects.DeviceClass.map(nameOf));
    const missing = TIERS.filter(({ className }) => !names.has(className));
    return missing.length === 0
      ? { observed: `there are ${TIERS.map(({ className }) => className).join(", ")}`, verdict: "met" }
      : { observed: `there is no ${missing.map(({ className }) => className).join(", ")}`, verdict: "not met" };
  });
}

function sharedGpus(examined: Examined): Point {
  return about(examined, ["Node", "ResourceSlice", "ResourceClaim"], "Several claims use one GPU at the same time", () => {
    const held = gpuDevices(examined.cluster.planned).filter(({ holder }) => holder !== undefined);
    const holders = (devices: readonly GpuDevice[]) => new Set(devices.map(({ holder }) => holder)).size;
    const shared = [...groupBy(held, ({ gpu }) => gpu).values()].filter((devices) => holders(devices) > 1);
    return {
      observed: `${String(shared.length)} GPUs are used by several claims`,
      verdict: shared.length > 0 ? "met" : "not observed",
    };
  });
}

function exportersRun(examined: Examined): Point {
  return about(examined, ["Node", "Pod"], "A metrics solution runs on every node with accelerators", () => {
    const nodes = examined.cluster.gpuNodes.filter(({ group }) => group !== undefined);
    const without = nodes.filter(({ pods }) => !podsOf("dcgmExporter", pods).some(({ isReady }) => isReady));
    return {
      observed: `the DCGM exporter is ready on ${String(nodes.length - without.length)} of ${String(nodes.length)} GPU nodes`,
      verdict: nodes.length === 0 ? "not observed" : without.length === 0 ? "met" : "not met",
    };
  });
}

/** Nobody asks the exporter: it is a pod of the platform, which only administrators may enter. */
const METRICS: Point = {
  what: "Utilization and memory of each accelerator are exposed in a standard format",
  request: `kubectl get --raw /api/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/services/nvidia-dcgm-exporter:gpu-metrics/proxy/metrics`,
  observed: "the doctor does not ask the exporter. Run the request, and look for DCGM_FI_PROF_GR_ENGINE_ACTIVE and DCGM_FI_DEV_FB_USED",
  verdict: "not observed",
};

const VERDICTS: Readonly<Record<Judgement["type"], Verdict>> = { holds: "met", broken: "not met", unchecked: "not observed" };

function tried(id: ActiveFindingId, run: ActiveRun | undefined): readonly Point[] {
  const points = [
    ...(run?.tried ?? []).flatMap(({ attempt, judgement }): readonly Point[] =>
      attempt.id === id
        ? [{ what: attempt.what, request: requestOf(attempt.action), observed: seenOf(judgement), verdict: VERDICTS[judgement.type] }]
        : [],
    ),
    ...(run?.untried ?? []).flatMap((each): readonly Point[] =>
      each.id === id ? [{ what: each.what, request: "none", observed: each.reason, verdict: "not observed" }] : [],
    ),
  ];
  return points.length > 0
    ? points
    : [{ what: WHAT[id], request: "npm run doctor -- --context NAME --active", observed: "it was not tried", verdict: "not observed" }];
}

const WHAT: Readonly<Record<ActiveFindingId, string>> = {
  "gpu-without-claim": "A pod without a claim sees no GPU",
  "slice-not-of-claim": "A pod with a claim sees its slice, and nothing else",
  "forbidden-request-admitted": "Requests for more than slices are refused",
  "quota-not-counted": "Quotas count slices",
};

function seenOf(judgement: Judgement): string {
  return judgement.type === "holds" ? judgement.seen : judgement.type === "broken" ? judgement.details.seen : judgement.reason;
}

/** Without the image of pods, which can name a registry that is nobody else's business. */
function requestOf(action: Action): string {
  if (action.type === "dryRun") {
    const { object } = action;
    const spec = object["kind"] === "Pod" ? "" : ` with spec ${JSON.stringify(object["spec"])}`;
    return `kubectl create --dry-run=server of a ${String(object["kind"])}${spec}`;
  }
  const [container] = listAt(action.pod, "spec", "containers");
  const env = listAt(container, "env").map((each) => `${String(valueAt(each, "name"))}=${String(valueAt(each, "value"))}`);
  const mounts = listAt(container, "volumeMounts").map((each) => String(valueAt(each, "mountPath")));
  const templates = listAt(action.pod, "spec", "resourceClaims").map((each) => String(valueAt(each, "resourceClaimTemplateName")));
  const parts = [...env, ...mounts.map((path) => `/dev/null mounted at ${path}`), ...templates.map((name) => `the claim template ${name}`)];
  return `kubectl create of a Pod${parts.length === 0 ? "" : ` with ${parts.join(", ")}`}, which lists /dev/nvidia* and runs nvidia-smi -L`;
}
