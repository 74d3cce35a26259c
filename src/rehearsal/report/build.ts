/** Puts a report together from what was registered, what the pack said and what the cluster did. */
import type { ClaimPlacement } from "../../dra/allocator";
import { volumeClaimName } from "../../dra/pods/volumes";
import { WHOLE_GPU } from "../../hardware/node-devices";
import { unorderedProfiles } from "../../hardware/solver";
import { sharesAttachments } from "../../hardware/volume-limits";
import type { NodeLayout } from "../../hardware/types";
import type { Assessment } from "../../releases/advisories/assess";
import type { Played } from "../../planner/life/play";
import type { Release } from "../../releases/types";
import type { Node } from "../../cluster/nodes";
import { tierlessDevices } from "../../cluster/tierless-devices";
import type { Group, NodeProblem } from "../recorded/nodes";
import { placeOf, titleOf } from "../../cluster/objects";
import type { ClusterObject } from "../../cluster/objects";
import { unmodelledRules } from "../../cluster/judgement/judge";
import type { JudgedSimulation } from "../../cluster/judgement/judge";
import type { PodOutcome } from "../../cluster/pod-outcomes";
import type { Simulation } from "../../cluster/simulate";
import type { RecordedResource, Recording } from "../monitor/recording";
import type { Violation } from "../policy/analyzer";
import { isMandatory } from "../policy/evaluate";
import type { PolicyVerdict } from "../policy/evaluate";
import type { PackConfig } from "../policy/pack-config";
import type { StackSettings } from "../stack-files";
import { EKS_CLUSTER } from "../../well-known/resource-types";
import { summarizeAdvisories } from "./advisories";
import { beforeYouDeploy } from "./before-deploy";
import { cudaWarnings } from "./cuda";
import { summarizeUpgrade, upgradeFindings, upgradeTodos } from "./upgrade";
import type { Step } from "../deployed/plan";
import type { PendingOperation } from "../deployed/stack-export";
import { costOf } from "./cost";
import { drawNode } from "./gpu-map";
import type { Holding } from "./gpu-map";
import { laterFindings, laterReports } from "./later";
import { profileReports } from "./profiles";
import type { ControlPlaneReport, Finding, NodeReport, ObjectReport, PodReport, PolicySummary, PolicyViolation, Report } from "./report";
import { countBy, summarizeResources } from "./resources";

export interface ReportInput {
  readonly settings: StackSettings;
  readonly recording: Recording;
  readonly verdict: PolicyVerdict;
  /** What the user configures of the policy pack. */
  readonly packConfig: PackConfig;
  readonly assessment: Assessment;
  /** The manifests' objects by the URN under which the pack saw them. */
  readonly manifestObjects: ReadonlyMap<string, ClusterObject>;
  readonly nodes: readonly Node[];
  /** One node of each GPU pool. */
  readonly shapes: readonly Node[];
  readonly nodeProblems: readonly NodeProblem[];
  readonly groups: readonly Group[];
  /** The model's, or that of a real control plane. */
  readonly simulation: JudgedSimulation;
  readonly controlPlane: ControlPlaneReport | undefined;
  /** What an `up` would do with what is deployed; undefined where nothing is known to be. */
  readonly upgrade: { readonly steps: readonly Step[]; readonly pending: readonly PendingOperation[] } | undefined;
  /** The steps after `up`; undefined where none were asked for. */
  readonly later: readonly Played[] | undefined;
  readonly release: Release;
  readonly accessUnset: boolean;
  /** Whether an object that is not modelled is a finding. */
  readonly strict: boolean;
  readonly today: Date;
}

const NOT_MODELLED: readonly string[] = [
  "System pods (kube-system, and the daemon sets of the GPU Operator, the DRA driver and monitoring): the CPU and memory that they use on every node is not deducted.",
  "Objects inside Helm charts: charts are registered with their values, not rendered.",
  "Time: Jobs run forever, CronJobs run once, and nothing ends and frees its slice.",
  "Which of several equal slices a pod gets: here the first one, GPU by GPU. The driver lists its devices in random order, so a cluster can choose another. A claim with matchAttribute gpu.nvidia.com/parentUUID decides it.",
  "What only AWS can answer: quotas, capacity, which zones offer an instance type, whether names are taken.",
];

export function buildReport(input: ReportInput): Report {
  const { recording, nodes, simulation, settings, today } = input;
  const holdings = holdingsOf(simulation.pods);
  const drawn = nodes.map((node) =>
    drawNode(node, devicesOf(simulation, node.name), holdings.get(node.name) ?? new Map<string, Holding>()),
  );
  const policy = summarizePolicy(input);
  const steps = input.upgrade?.steps ?? [];
  const later = input.later === undefined ? undefined : laterReports(input.later, drawn);
  const findings = [...findingsOf(input, policy), ...upgradeFindings(steps, input.upgrade?.pending ?? []), ...laterFindings(later ?? [])];
  const date = today.toISOString().slice(0, 10);
  const supportType = settings.config[`${settings.project}:supportType`] === "STANDARD" ? "STANDARD" : "EXTENDED";
  return {
    format: 1,
    project: settings.project,
    stack: settings.stack,
    date,
    result: findings.length === 0 ? "ok" : "findings",
    findings,
    warnings: [...new Set(recording.logs.filter(({ severity }) => severity === "warning").map(({ message }) => message))],
    objectWarnings: [
      ...tierlessDevices(input.shapes).map(({ pool, message }) => ({ subject: `pool ${pool}`, place: "the stack", message })),
      ...cudaWarnings(simulation.pods, input.release),
      ...simulation.warnings.map(({ object, message }) => ({ subject: titleOf(object), place: placeOf(object.origin), message })),
    ],
    objects: simulation.outcomes.map(describeObject),
    resources: summarizeResources(recording),
    policy,
    advisories: summarizeAdvisories(input.assessment, input.packConfig, date),
    nodes: drawn,
    pods: simulation.pods.map((outcome) => describePod(outcome, drawn)),
    profiles: profileReports(simulation),
    // With STANDARD the cluster does not stay in extended support.
    cost: costOf(
      drawn,
      recording.resources.filter((resource) => resource.type === EKS_CLUSTER).length,
      supportType === "EXTENDED" ? input.assessment.support : undefined,
    ),
    beforeYouDeploy: [
      ...upgradeTodos(steps),
      ...beforeYouDeploy({
        recording,
        region: settings.config["aws:region"] ?? "",
        accessUnset: input.accessUnset,
        encrypted: settings.encrypted,
        environments: settings.environments,
        release: input.release,
        supportType,
        groups: input.groups,
        support: input.assessment.support,
        date: today,
      }),
    ],
    assumptions: assumptionsOf(nodes),
    notModelled: [
      ...NOT_MODELLED,
      ...(input.controlPlane === undefined ? rulesLeftOut(simulation.pods) : []),
      ...volumesOfNodes(nodes, simulation.pods),
    ],
    ...(input.upgrade === undefined ? {} : { upgrade: summarizeUpgrade(input.upgrade.steps, input.upgrade.pending) }),
    ...(input.controlPlane === undefined ? {} : { controlPlane: input.controlPlane }),
    ...(later === undefined ? {} : { later }),
  };
}

function describeObject({ object, outcome }: JudgedSimulation["outcomes"][number]): ObjectReport {
  const why = outcome.type === "notModelled" ? outcome.why : "";
  return { subject: titleOf(object), place: placeOf(object.origin), outcome: outcome.type, why };
}

/** Per node, who holds which device. */
function holdingsOf(pods: readonly PodOutcome[]): ReadonlyMap<string, ReadonlyMap<string, Holding>> {
  const byNode = new Map<string, Map<string, Holding>>();
  for (const outcome of pods) {
    if (outcome.type !== "placed") {
      continue;
    }
    const onNode = byNode.get(outcome.nodeName) ?? new Map<string, Holding>();
    byNode.set(outcome.nodeName, onNode);
    const { namespace, name } = outcome.planned.pod;
    for (const placement of outcome.claims) {
      const used = usedDevices(outcome, placement).map(({ device }) => device);
      for (const { device } of placement.devices) {
        const known = onNode.get(device);
        const pod = used.includes(device) ? [`${namespace}/${name}`] : [];
        onNode.set(device, { claim: `${namespace}/${placement.claimName}`, pods: [...(known?.pods ?? []), ...pod] });
      }
    }
  }
  return byNode;
}

/** The devices of a claim that the pod's containers get to see: those of the requests that they name, or all. */
function usedDevices(outcome: Extract<PodOutcome, { type: "placed" }>, placement: ClaimPlacement): ClaimPlacement["devices"] {
  const uses = outcome.planned.pod.uses.filter((use) => use.claim === placement.podClaim.name);
  return placement.devices.filter(({ request }) =>
    uses.some((use) => use.request === undefined || request === use.request || request.startsWith(`${use.request}/`)),
  );
}

function devicesOf(simulation: Simulation, nodeName: string): Simulation["slices"][number]["spec"]["devices"] {
  return simulation.slices.filter((slice) => slice.spec.nodeName === nodeName).flatMap((slice) => slice.spec.devices);
}

function describePod(outcome: PodOutcome, nodes: readonly NodeReport[]): PodReport {
  const { owner, pod } = outcome.planned;
  const common = { name: pod.name, namespace: pod.namespace, owner: `${owner.kind} ${owner.name}`, place: placeOf(owner.origin) };
  if (outcome.type === "pending") {
    return { ...common, count: outcome.count, status: "pending", node: "", slices: [], reason: outcome.reason };
  }
  const gpus = nodes.find((node) => node.name === outcome.nodeName)?.gpus?.list ?? [];
  const slices = outcome.claims.flatMap((placement) =>
    usedDevices(outcome, placement).map(({ device }) => {
      const gpu = gpus.find(({ parts }) => parts.some((part) => part.device === device));
      const profile = gpu?.parts.find((part) => part.device === device)?.profile ?? WHOLE_GPU;
      return { gpu: gpu?.index ?? 0, profile, device, claim: placement.claimName };
    }),
  );
  return { ...common, count: 1, status: "placed", node: outcome.nodeName, slices, reason: "" };
}

function summarizePolicy({ verdict, recording, manifestObjects }: ReportInput): PolicySummary {
  const byUrn = new Map(recording.resources.map((resource) => [resource.urn, resource]));
  const descriptions = new Map(verdict.policies.map(({ name, description }) => [name, description]));
  const perPolicy = countBy(verdict.violations, (violation) => violation.policy);
  return {
    pack: verdict.pack,
    version: verdict.version,
    resources: verdict.resources,
    policies: verdict.policies.map(({ name, enforcementLevel }) => ({ name, enforcementLevel, violations: perPolicy.get(name) ?? 0 })),
    violations: verdict.violations.map((violation) =>
      describeViolation(violation, descriptions.get(violation.policy) ?? "", byUrn, manifestObjects),
    ),
  };
}

function describeViolation(
  violation: Violation,
  description: string,
  byUrn: ReadonlyMap<string, RecordedResource>,
  manifestObjects: ReadonlyMap<string, ClusterObject>,
): PolicyViolation {
  const { policy, enforcementLevel, message, urn } = violation;
  const object = manifestObjects.get(urn);
  const resource = byUrn.get(urn);
  const subject = object !== undefined ? titleOf(object) : resource !== undefined ? `${resource.type} ${resource.name}` : "the stack";
  return {
    policy,
    enforcementLevel,
    subject,
    place: object === undefined ? "the stack" : placeOf(object.origin),
    message: withoutDescription(message, description),
  };
}

/** A violation's message begins with the policy's description, the same for all its violations. */
function withoutDescription(message: string, description: string): string {
  return message.startsWith(`${description}\n`) ? message.slice(description.length + 1) : message;
}

function findingsOf({ verdict, nodeProblems, simulation, strict }: ReportInput, policy: PolicySummary): readonly Finding[] {
  const violations = policy.violations.filter(
    (_, index) => verdict.violations[index] !== undefined && isMandatory(verdict.violations[index]),
  );
  return [
    ...violations.map(({ policy: name, subject, place, message }): Finding => ({
      kind: "policy",
      subject,
      place,
      message: `${name}: ${message}`,
    })),
    ...nodeProblems.map(({ pool, message }): Finding => ({ kind: "layout", subject: `pool ${pool}`, place: "the stack", message })),
    ...simulation.problems.map(({ object, message }): Finding => ({
      kind: "object",
      subject: titleOf(object),
      place: placeOf(object.origin),
      message,
    })),
    ...(strict ? simulation.outcomes.map(describeObject).filter(({ outcome }) => outcome === "notModelled") : []).map(
      ({ subject, place, why }): Finding => ({ kind: "object", subject, place, message: `is not modelled: ${why}` }),
    ),
    ...podFindings(simulation.pods),
  ];
}

/** Pods that find no place; those of one owner for one reason are one finding. */
function podFindings(pods: readonly PodOutcome[]): readonly Finding[] {
  const groups = new Map<string, { readonly owner: ClusterObject; readonly reason: string; count: number }>();
  for (const outcome of pods) {
    if (outcome.type === "pending") {
      const { owner } = outcome.planned;
      const key = `${titleOf(owner)} ${placeOf(owner.origin)} ${outcome.reason}`;
      const group = groups.get(key) ?? { owner, reason: outcome.reason, count: 0 };
      group.count += outcome.count;
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ owner, reason, count }) => {
    const all = pods.reduce(
      (sum, outcome) => sum + (outcome.planned.owner === owner ? (outcome.type === "pending" ? outcome.count : 1) : 0),
      0,
    );
    return {
      kind: "pod",
      subject: titleOf(owner),
      place: placeOf(owner.origin),
      message: all === 1 ? reason : `${count} of ${all} pods: ${reason}`,
    };
  });
}

function assumptionsOf(nodes: readonly Node[]): readonly string[] {
  const ofTypes = nodes.flatMap(({ instanceType, layout }) => [
    ...(instanceType.gpus.type === "mig"
      ? instanceType.gpus.model.assumptions.map(
          (text) => `${instanceType.gpus.type === "mig" ? instanceType.gpus.model.name : ""}: ${text}`,
        )
      : []),
    ...instanceType.assumptions.map((text) => `${instanceType.name}: ${text}`),
    ...orderAssumptions(layout),
  ]);
  return [...new Set(ofTypes)];
}

function orderAssumptions(layout: NodeLayout | undefined): readonly string[] {
  return (layout?.gpus ?? []).flatMap((gpu) =>
    gpu.type === "whole"
      ? []
      : unorderedProfiles(gpu.placements.map(({ profile }) => profile)).map(
          (names) =>
            `layout ${layout?.name ?? ""}: MIG Manager creates ${names.join(" and ")} in either order, so on some GPUs they lie at each other's places`,
        ),
  );
}

function rulesLeftOut(pods: readonly PodOutcome[]): readonly string[] {
  return [...unmodelledRules(pods)].flatMap(([owner, paths]) =>
    paths.map((path) => `${titleOf(owner)}: ${path} is a rule that the scheduler follows and the rehearsal does not.`),
  );
}

/** Network interfaces take some of the attachments that a node has for volumes, and how many it has is known once it is there: such nodes with more than one are named. */
function volumesOfNodes(nodes: readonly Node[], pods: readonly PodOutcome[]): readonly string[] {
  const sharing = new Set(nodes.filter(({ instanceType }) => sharesAttachments(instanceType)).map(({ name }) => name));
  const volumes = new Map<string, Set<string>>();
  for (const outcome of pods.filter(({ planned }) => planned.pod.volumes.length > 0)) {
    if (outcome.type === "placed" && sharing.has(outcome.nodeName)) {
      const { pod } = outcome.planned;
      const names = pod.volumes.map((volume) => `${pod.namespace}/${volumeClaimName(pod.name, volume)}`);
      volumes.set(outcome.nodeName, new Set([...(volumes.get(outcome.nodeName) ?? []), ...names]));
    }
  }
  const most = [...volumes].filter(([, { size }]) => size > 1).map(([node, { size }]) => `node ${node} would have ${String(size)}`);
  return most.length === 0
    ? []
    : [
        `How many volumes a node can attach whose network interfaces take attachments, too: ${most.join(", ")}. AWS attaches fewer than kube-scheduler counts on where a node has several interfaces.`,
      ];
}
