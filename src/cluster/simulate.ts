/**
 * Simulates a cluster from its objects to placed pods: MIG Manager has divided the GPUs, the driver has published them, the objects are
 * created in order, the scheduler allocates.
 */
import { Scheduler } from "../dra/allocator";
import type { ClaimPlacement, ClusterState, SchedulingResult } from "../dra/allocator";
import type { ClaimSpec, ResourceClaimTemplate } from "../dra/claims";
import { publishSlices } from "../dra/devices";
import type { Pod } from "../dra/pods";
import type { ResourceSlice } from "../dra/types";
import type { Release } from "../releases/types";
import { duplicateProblems, namespaceProblems } from "./checks";
import type { ObjectProblem } from "./checks";
import { LimitRanges } from "./limits";
import { toKubernetesNode } from "./nodes";
import type { Node } from "./nodes";
import type { ClusterObject } from "./objects";
import { Quotas, describeExcess } from "./quota";
import { readState } from "./state";
import { podsOf } from "./workloads";
import type { PlannedPod } from "./workloads";

export type PodOutcome =
  | { readonly type: "placed"; readonly planned: PlannedPod; readonly nodeName: string; readonly claims: readonly ClaimPlacement[] }
  | { readonly type: "pending"; readonly planned: PlannedPod; readonly reason: string };

export interface Simulation {
  readonly slices: readonly ResourceSlice[];
  readonly problems: readonly ObjectProblem[];
  readonly pods: readonly PodOutcome[];
}

/**
 * @param shapes one node per GPU pool, whether or not the pool has nodes now: what claims could ever get.
 * @param all the objects in the order of their creation.
 * @param release decides how the driver names devices, and what the API server and the scheduler do.
 */
export function simulateCluster(
  nodes: readonly Node[],
  shapes: readonly Node[],
  all: readonly ClusterObject[],
  release: Release,
): Simulation {
  const problems: ObjectProblem[] = [...namespaceProblems(all), ...duplicateProblems(all)];
  const objects = all.filter((object) => !problems.some((problem) => problem.object === object));
  const refused = (object: ClusterObject, messages: readonly string[]) => {
    problems.push(...messages.map((message) => ({ object, message })));
  };
  const slices = publish(nodes, release);
  const quotas = Quotas.of(objects);
  const {
    state,
    claims,
    templates,
    problems: unreadable,
  } = readState(objects, { nodes: nodes.map(toKubernetesNode), slices }, release.kubernetes);
  problems.push(...unreadable);
  const created = claims.filter(({ object, claim }) => {
    const excess = quotas.addClaim(object.namespace, claim.spec);
    if (excess !== undefined) {
      refused(object, [describeExcess(excess)]);
    }
    return excess === undefined;
  });
  const cluster: ClusterState = { ...state, claims: created.map(({ claim }) => claim) };
  const pods = schedule(cluster, objects, quotas, release, refused);
  const specs = [
    ...created.map(({ object, claim }) => ({ object, spec: claim.spec })),
    ...templates.map(({ object, template }) => ({ object, spec: template.spec })),
  ];
  problems.push(
    ...unsatisfiableClaims(
      { ...cluster, nodes: shapes.map(toKubernetesNode), slices: publish(shapes, release), claims: [] },
      specs,
      release,
    ),
  );
  return { slices, problems, pods };
}

function publish(nodes: readonly Node[], release: Release): readonly ResourceSlice[] {
  return nodes.flatMap((node) => (node.layout === undefined ? [] : publishSlices(node.name, node.layout, release)));
}

function schedule(
  cluster: ClusterState,
  objects: readonly ClusterObject[],
  quotas: Quotas,
  release: Release,
  refused: (object: ClusterObject, messages: readonly string[]) => void,
): readonly PodOutcome[] {
  const scheduler = new Scheduler(cluster, release.kubernetes);
  const templates = new Map(cluster.templates.map((template) => [`${template.namespace ?? ""}/${template.name}`, template.spec]));
  const ranges = LimitRanges.of(objects);
  const nodeNames = cluster.nodes.map((node) => node.metadata.name);
  return objects.flatMap((object): readonly PodOutcome[] => {
    const reading = podsOf(object, ranges, nodeNames);
    if (reading.type === "invalid") {
      refused(object, reading.invalid.problems);
    }
    if (reading.type !== "pods") {
      return [];
    }
    return reading.pods.flatMap((planned): readonly PodOutcome[] => {
      const excess = quotas.addPod(object.namespace, planned.pod.requests, planned.limits) ?? firstExcess(planned.pod, templates, quotas);
      if (excess !== undefined) {
        return [{ type: "pending", planned, reason: describeExcess(excess) }];
      }
      const result = scheduler.schedule(planned.pod);
      if (result.type === "placed") {
        return [{ type: "placed", planned, nodeName: result.nodeName, claims: result.claims }];
      }
      return isNotForNode(planned, result) ? [] : [{ type: "pending", planned, reason: result.message }];
    });
  });
}

/** The claims that are made from the pod's templates count against the quota before anything is scheduled. */
function firstExcess(pod: Pod, templates: ReadonlyMap<string, ClaimSpec>, quotas: Quotas): ReturnType<Quotas["addClaim"]> {
  for (const { source } of pod.claims) {
    const spec = source.type === "template" ? templates.get(`${pod.namespace}/${source.templateName}`) : undefined;
    const excess = spec === undefined ? undefined : quotas.addClaim(pod.namespace, spec);
    if (excess !== undefined) {
      return excess;
    }
  }
  return undefined;
}

/** A DaemonSet makes no pod for a node that its selector, affinity or tolerations rule out. */
function isNotForNode({ owner, pod }: PlannedPod, result: SchedulingResult): boolean {
  if (owner.kind !== "DaemonSet" || result.type !== "refused" || result.refusal.type !== "noNodeFits") {
    return false;
  }
  const own = result.refusal.groups.find((group) => pod.nodeName !== undefined && group.nodes.includes(pod.nodeName));
  return own !== undefined && ["taint", "nodeSelector", "nodeAffinity"].includes(own.refusal.type);
}

/**
 * Claims that no pod could ever use, not even in an empty cluster: nothing matches, a class is unknown, a selector fails.
 * @param cluster an empty one; without GPU pools nothing can be told.
 */
function unsatisfiableClaims(
  cluster: ClusterState,
  claims: readonly { readonly object: ClusterObject; readonly spec: ClaimSpec }[],
  release: Release,
): readonly ObjectProblem[] {
  return (cluster.nodes.length === 0 ? [] : claims).flatMap(({ object, spec }) => {
    const template: ResourceClaimTemplate = {
      kind: "ResourceClaimTemplate",
      apiVersion: "resource.k8s.io/v1",
      name: "probe",
      namespace: object.namespace,
      spec,
    };
    const result = new Scheduler({ ...cluster, templates: [template] }, release.kubernetes).schedule(probe(object));
    return result.type === "placed" ? [] : [{ object, message: `no pod could ever use it: ${result.message}` }];
  });
}

/** A pod that asks for nothing but one claim. */
function probe(object: ClusterObject): Pod {
  return {
    name: object.name,
    namespace: object.namespace,
    claims: [{ name: object.name, source: { type: "template", templateName: "probe" } }],
    uses: [],
    nodeName: undefined,
    nodeSelector: {},
    nodeAffinity: undefined,
    tolerations: [{ key: undefined, operator: "Exists", value: "", effect: undefined }],
    requests: {},
    schedulingGates: [],
    unmodelled: [],
  };
}
