/**
 * What a rehearsal found: the one shape behind the text, the HTML page and `--json`.
 * `--json` prints exactly this object. Fields may be added; one that changes its meaning or goes raises `format`.
 */
import type { LookedFor } from "../../releases/advisories/looked-for";
import type { GpuPart } from "../../planner/gpu-map";
import type { StoppedPod, WhatIf } from "../../planner/what-if/what-if";
import type { StoppedPods } from "../deployed/stopped-pods";
import type { EnforcementLevel } from "../policy/pack-config";

export interface Report {
  readonly format: 1;
  readonly project: string;
  readonly stack: string;
  /** Day of the rehearsal, ISO. Support dates are counted from it. */
  readonly date: string;
  /** `ok`: no finding, exit code 0. `findings`: exit code 1. */
  readonly result: "ok" | "findings";
  readonly findings: readonly Finding[];
  /** What the program, or an SDK, warned of. */
  readonly warnings: readonly string[];
  /** What is accepted of objects, and may not do what its author means. */
  readonly objectWarnings: readonly ObjectWarning[];
  /** Every object of the manifests, in their order. */
  readonly objects: readonly ObjectReport[];
  readonly resources: ResourceSummary;
  readonly policy: PolicySummary;
  readonly advisories: AdvisorySummary;
  readonly nodes: readonly NodeReport[];
  readonly pods: readonly PodReport[];
  /** Slices per profile over all nodes, largest first. */
  readonly profiles: readonly ProfileReport[];
  readonly cost: CostReport;
  readonly beforeYouDeploy: readonly Todo[];
  /** What the answer is built on without a source, GPU model and instance type first. */
  readonly assumptions: readonly string[];
  /** What a real cluster has and the rehearsal leaves out. */
  readonly notModelled: readonly string[];
  /** With `--from-export`: what an `up` would do with the stack that is deployed. */
  readonly upgrade?: UpgradeReport;
  /** With `--control-plane`: who answered, and where the model says something else. */
  readonly controlPlane?: ControlPlaneReport;
  /** With `--then`: what each step after `up` does, in the order of the steps. */
  readonly later?: readonly LaterReport[];
}

/** What a step after `up` does to what runs by then. */
export interface LaterReport {
  /** As it is written, `relayout=all-1g.5gb`. */
  readonly step: string;
  /** For a person. */
  readonly change: string;
  /** `keeps`: every pod that stops runs again. */
  readonly verdict: WhatIf["verdict"];
  /** Pods that stop in it. */
  readonly stopped: readonly LaterPod[];
  /** Pods that waited before, and have a place after it. */
  readonly started: readonly string[];
  /** What is unknown, if the verdict is. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  /** The nodes after it. */
  readonly nodes: readonly NodeReport[];
}

export interface LaterPod extends StoppedPod {
  /** Profiles of the slices that it gives up; empty for a pod without. */
  readonly slices: readonly string[];
}

/** What an `up` would do with a stack that is deployed. */
export interface UpgradeReport {
  /** In the order in which an `up` takes them, as far as they wait for each other. What stays the same is not among them. */
  readonly steps: readonly UpgradeStep[];
  /** How many resources stay as they are. */
  readonly unchanged: number;
  /** Properties that are encrypted in the export. They are taken for unchanged. */
  readonly notCompared: readonly { readonly subject: string; readonly properties: readonly string[] }[];
  /** Resources of types that the project has no rules for: that they stay is not known. */
  readonly notUnderstood: readonly string[];
  /** URNs of what an interrupted `up` has left pending. */
  readonly pending: readonly string[];
  /** Running pods that stop, by the step that stops them. */
  readonly stoppedPods: readonly StoppedPods[];
}

export interface UpgradeStep {
  readonly operation: "create" | "update" | "replace" | "delete";
  /** Type and name, `NodeGroup a100`. */
  readonly subject: string;
  readonly urn: string;
  /** Paths that differ, of versions with both values. Other values are never printed: they may be secret. */
  readonly properties: readonly string[];
  /** Paths because of which it is replaced. */
  readonly replacedFor: readonly string[];
  /** What earlier runs have left it with, so that it changes whatever its properties are. For a person. */
  readonly left: readonly string[];
  /** What it does to nodes and to running pods; empty if they do not notice. */
  readonly consequence: string;
}

/** How the answers of a real control plane compare with the model's. */
export interface ControlPlaneReport {
  /** The programs, or the cluster, that answered: `kube-apiserver v1.34.4`. */
  readonly answeredBy: readonly string[];
  /** Objects of the stack and of the manifests that both judged. */
  readonly judged: number;
  readonly bothPlace: number;
  readonly bothRefuse: number;
  /** Objects that the rehearsal refuses on purpose, although the control plane takes them. */
  readonly stricter: readonly ObjectWarning[];
  /** Objects that the control plane cannot judge, with the reason. */
  readonly notJudged: readonly ObjectWarning[];
  readonly differences: readonly Difference[];
}

/** An object of which the model and the control plane say different things: a mistake of the model. */
export interface Difference {
  readonly subject: string;
  readonly place: string;
  readonly rehearsal: string;
  readonly controlPlane: string;
}

/** Something that makes the rehearsal fail. */
export interface Finding {
  readonly kind:
    /** A mandatory policy is violated. */
    | "policy"
    /** A node group that cannot start as configured, such as with a layout that is illegal on its GPU. */
    | "layout"
    /** An object that the API server would refuse. */
    | "object"
    /** A pod that finds no place. */
    | "pod"
    /** A change of what is deployed that the engine refuses, or that the project does not understand. */
    | "upgrade"
    /** A pod that runs after `up`, and no longer after a step of `--then`. */
    | "later";
  /** What it is about: `Pod team-a/train`, `ResourceClaim team-a/big`, `pool a100`. */
  readonly subject: string;
  /** `team-a.yaml:12`, or `the stack`. */
  readonly place: string;
  readonly message: string;
}

export interface ObjectWarning {
  readonly subject: string;
  readonly place: string;
  readonly message: string;
}

/** What happens to an object of the manifests. */
export interface ObjectReport {
  readonly subject: string;
  readonly place: string;
  readonly outcome:
    /** It is simulated: it makes pods, or decides about those of others. */
    | "modelled"
    /** It is accepted, and no pod is placed otherwise because of it. */
    | "withoutEffect"
    /** It may matter, and the rehearsal does not know how. With `--strict` that is a finding. */
    | "notModelled"
    /** It is refused: a finding says why. */
    | "refused";
  /** Why it may matter; empty unless it is not modelled. */
  readonly why: string;
}

export interface ResourceSummary {
  /** Resources that `pulumi up` would make in AWS and in the cluster; components, providers and the stack itself are not in it. */
  readonly total: number;
  /** Those of the total that remote components make, by their type. */
  readonly madeBy: Readonly<Record<string, number>>;
  /** By type token, in the order of packages. */
  readonly types: readonly { readonly type: string; readonly count: number }[];
  readonly components: number;
}

export interface PolicySummary {
  readonly pack: string;
  readonly version: string;
  /** Resources of the stack and objects of the manifests that were looked at. */
  readonly resources: number;
  readonly policies: readonly { readonly name: string; readonly enforcementLevel: EnforcementLevel; readonly violations: number }[];
  readonly violations: readonly PolicyViolation[];
}

export interface PolicyViolation {
  readonly policy: string;
  readonly enforcementLevel: EnforcementLevel;
  readonly subject: string;
  readonly place: string;
  readonly message: string;
}

/** Vulnerabilities and faults of what the stack installs. Those of high severity without an exception are findings, too: a policy denies them. */
export interface AdvisorySummary {
  /** When the project last compared its tables with what is published, ISO. */
  readonly readOn: string;
  readonly days: number;
  /** Whether that is so long ago that the tables may miss much. */
  readonly isOld: boolean;
  /** Worst first. */
  readonly advisories: readonly AdvisoryReport[];
  /** What was looked for beside them: components without a known vulnerability, and vulnerabilities that the platform closes. */
  readonly lookedFor: readonly LookedFor[];
}

export interface AdvisoryReport {
  /** `unknown`: the project has not read what is in this version. */
  readonly type: "vulnerability" | "fault" | "unknown";
  /** CVE number, name of the fault, or `unknown-<component>`. */
  readonly id: string;
  /** `NVIDIA Container Toolkit 1.18.0 in DRA driver 25.8.1`. */
  readonly subject: string;
  readonly severity: "low" | "medium" | "high" | "critical";
  /** CVSS base score; null unless it is a vulnerability. */
  readonly score: number | null;
  readonly impact: string;
  readonly remedy: string;
  /** Whether a release that the project knows has it mended. */
  readonly isMended: boolean;
  /** Where it is published; empty for what is unknown. */
  readonly source: string;
  /** The exception for it in the configuration of the policy pack, while it holds. */
  readonly exception: { readonly until: string; readonly reason: string } | null;
}

export interface NodeReport {
  readonly name: string;
  readonly pool: string;
  readonly instanceType: string;
  readonly zone: string;
  /** List price; null where the type is not sold on demand. */
  readonly usdPerHour: number | null;
  /** Undefined for nodes without GPUs. */
  readonly gpus?: {
    readonly model: string;
    readonly layout: string;
    readonly memorySlices: number;
    readonly computeSlices: number;
    readonly list: readonly GpuReport[];
  };
}

export interface GpuReport {
  readonly index: number;
  /** In the order of their memory slices; a whole GPU is one part. */
  readonly parts: readonly GpuPart[];
}

export interface PodReport {
  readonly name: string;
  /** How many equal pods this is, of which `name` is the first. Only pending ones are more than one. */
  readonly count: number;
  readonly namespace: string;
  /** `Job fashion-mnist`, `Pod x`. */
  readonly owner: string;
  readonly place: string;
  readonly status: "placed" | "pending";
  /** Empty while pending. */
  readonly node: string;
  /** Empty while pending, and for pods without claims. */
  readonly slices: readonly { readonly gpu: number; readonly profile: string; readonly device: string; readonly claim: string }[];
  /** Why it is pending; empty when placed. */
  readonly reason: string;
}

/** How many pods there are. */
export function podCount(pods: readonly PodReport[]): number {
  return pods.reduce((sum, { count }) => sum + count, 0);
}

export interface ProfileReport {
  readonly gpuModel: string;
  /** `3g.20gb`, or `whole GPU`. */
  readonly profile: string;
  readonly total: number;
  readonly held: number;
  readonly free: number;
}

/** US dollars per hour, list prices. */
export interface CostReport {
  /** Share of the GPU nodes' price that stands for compute slices somebody holds. */
  readonly gpuUsed: number;
  /** The rest of the GPU nodes' price: free slices, and compute slices that the layout leaves unused. */
  readonly gpuIdle: number;
  /** Nodes without GPUs. */
  readonly systemNodes: number;
  readonly controlPlane: number;
  readonly total: number;
  /** Instance types without a list price; their nodes are in none of the sums. */
  readonly unpriced: readonly string[];
  readonly source: string;
}

/** Something to do or to know before `pulumi up`. */
export interface Todo {
  readonly title: string;
  readonly detail: string;
  /** Shell commands that do it or check it. */
  readonly commands: readonly string[];
}
