/** A stack that is deployed, as the engine finds it at each registration: what stays, what changes, and what is answered for what exists. */
import { valueAt } from "../../json/value-at";
import type { PlainMap, RecordedResource } from "../monitor/recording";
import { STACK_TYPE, makeUrn, packageOf } from "../monitor/urn";
import { unwrap, withSecrets } from "../monitor/wire";
import type { WireMap } from "../monitor/wire";
import { EKS_CLUSTER } from "../../well-known/resource-types";
import * as aws from "./aws";
import { changesOf, withIgnored } from "./changes";
import type { Changes } from "./changes";
import { computedIn, settled } from "./outputs";
import { subjectOf } from "./plan";
import type { Step } from "./plan";
import { decoded } from "./secrets";
import type { DeployedResource, StackExport } from "./stack-export";

/** What is asked of the state before a resource is registered. */
interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the parent; empty for the stack. */
  readonly parent: string;
  readonly options: { readonly aliases: readonly string[] };
}

const JOB = "kubernetes:batch/v1:Job";

const ASKED_OF_EKS = ["aws:eks/getClusters:getClusters", "aws:eks/getCluster:getCluster"];

export class DeployedStack {
  private readonly byUrn: ReadonlyMap<string, DeployedResource>;
  /** URNs that a registered resource had before, by its URN. */
  private readonly formerUrns = new Map<string, readonly string[]>();
  /** The deployed resource of each registered one. */
  private readonly matched = new Map<string, DeployedResource>();
  private readonly decided = new Map<string, Step>();
  private readonly done: Step[] = [];

  constructor(
    private readonly exported: StackExport,
    private readonly place: { readonly stack: string; readonly project: string },
  ) {
    this.byUrn = new Map(exported.resources.filter((resource) => !resource.delete).map((resource) => [resource.urn, resource]));
  }

  /** The deployed resource that a registration is about, by its URN or an alias. */
  find({ urn, type, name, parent, options }: Registration): DeployedResource | undefined {
    const { stack, project } = this.place;
    // A resource below one that had another name, type or place had another URN, too (step_generator.go, generateAliases).
    const inherited = (this.formerUrns.get(parent) ?? []).map((former) =>
      makeUrn(stack, project, former, type, inheritedName(name, parent, former)),
    );
    const former = [...options.aliases, ...inherited].filter((alias) => alias !== urn);
    this.formerUrns.set(urn, former);
    const found = [urn, ...former].flatMap((candidate) => this.byUrn.get(candidate) ?? [])[0];
    if (found !== undefined) {
      this.matched.set(urn, found);
    }
    return found;
  }

  /** Inputs with the deployed values where changes are ignored. */
  ignoring(urn: string, inputs: WireMap, paths: readonly string[]): WireMap {
    const deployed = this.matched.get(urn);
    return deployed === undefined ? inputs : withIgnored(inputs, decoded(deployed.inputs as WireMap) as WireMap, paths);
  }

  /** Decides what the engine would do with a registration. */
  decide(resource: RecordedResource): Step {
    const step = decidedOn(resource, this.matched.get(resource.urn));
    this.decided.set(resource.urn, step);
    return step;
  }

  /** What was decided about a registered resource. */
  stepOf(urn: string): Step | undefined {
    return this.decided.get(urn);
  }

  /** Notes that a step's turn has come. */
  take(step: Step): void {
    this.done.push(step);
  }

  /**
   * What exists of a resource and stays, with the id and the outputs that it has then; undefined for what is created.
   * @param believed outputs that take the place of encrypted ones.
   */
  answer(resource: RecordedResource, believed: WireMap): { readonly id: string; readonly outputs: WireMap } | undefined {
    const step = this.decided.get(resource.urn);
    if (step?.type !== "same" && step?.type !== "update") {
      return undefined;
    }
    const { id, inputs, outputs } = step.deployed;
    const before = decoded(outputs as WireMap, believed) as WireMap;
    const kept = settled(resource.wire.inputs, computedIn(before, decoded(inputs as WireMap) as WireMap));
    const other =
      packageOf(resource.type) === "aws" ? aws.changed(resource.type, step.changes.found, resource.wire.inputs, before, false) : {};
    return { id, outputs: withSecrets({ ...kept, ...other }, resource.options.additionalSecretOutputs) };
  }

  /** Answers a data source about what is deployed; undefined for one that asks something else. @throws Error for a cluster that is not there. */
  invoke(token: string, { name }: PlainMap): WireMap | undefined {
    if (!ASKED_OF_EKS.includes(token)) {
      return undefined;
    }
    const clusters = [...this.byUrn.values()].filter(({ type, pendingReplacement }) => type === EKS_CLUSTER && !pendingReplacement);
    if (token === ASKED_OF_EKS[0]) {
      return { id: "clusters", names: clusters.map(({ id }) => id) };
    }
    const cluster = clusters.find(({ id }) => id === name);
    if (cluster === undefined) {
      throw new Error(`reading EKS Cluster (${String(name)}): couldn't find resource`);
    }
    return { id: cluster.id, ...(unwrap(decoded(cluster.outputs as WireMap)).value as WireMap) };
  }

  /** The steps in their order, deletions at the end: what depends on others goes first. */
  steps(): readonly Step[] {
    const kept = new Set(this.matched.values());
    const packages = new Set([...this.decided.values()].map((step) => packageOf(subjectOf(step).type)));
    // The engine registers these itself, also for components that a plugin makes.
    const isInUse = ({ type, urn }: DeployedResource) =>
      type === STACK_TYPE || (/::default(_[\d_]+)?$/.test(urn) && type.startsWith("pulumi:providers:") && packages.has(packageOf(type)));
    const gone = this.exported.resources.filter((resource) => !kept.has(resource) && !resource.external && !isInUse(resource));
    return [...this.done, ...[...gone].reverse().map((deployed): Step => ({ type: "delete", deployed }))];
  }
}

function decidedOn(resource: RecordedResource, deployed: DeployedResource | undefined): Step {
  if (deployed === undefined) {
    return { type: "create", resource };
  }
  const changes = changesOf(resource, deployed);
  return { type: operationOf(resource, changes), resource, deployed, changes };
}

/** As pulumi/pulumi pkg/resource/deploy/step_generator.go, continueStepsFromDiff, decides (read at 3.260, 2026-11-28). */
function operationOf(resource: RecordedResource, { found, marks, replacedFor }: Changes): "same" | "update" | "replace" {
  if (resource.kind === "read" || found.length + marks.length === 0) {
    return "same";
  }
  const isReplaced =
    replacedFor.length > 0 ||
    marks.includes("tainted") ||
    marks.includes("deleted") ||
    (marks.includes("notReady") && isReplacedUnready(resource));
  return isReplaced ? "replace" : "update";
}

/** Jobs that ask for it are replaced while they are not ready (pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, Diff). */
function isReplacedUnready({ type, inputs }: RecordedResource): boolean {
  return type === JOB && valueAt(inputs, "metadata", "annotations", "pulumi.com/replaceUnready") === "true";
}

/** A child that is named after its parent was named after the former parent (pulumi/pulumi sdk/nodejs/resource.ts, inheritedChildAlias). */
function inheritedName(name: string, parent: string, former: string): string {
  const [now = "", before = ""] = [nameOf(parent), nameOf(former)];
  return name.startsWith(now) ? before + name.slice(now.length) : name;
}

const nameOf = (urn: string) => urn.split("::").slice(3).join("::");
