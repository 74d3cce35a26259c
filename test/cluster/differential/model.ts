/** What our own model makes of a scenario. */
import { toObject } from "../../../src/cluster/objects";
import type { ClusterObject } from "../../../src/cluster/objects";
import { readNamespaces, readServices, readVolumes } from "../../../src/cluster/state";
import { Scheduler } from "../../../src/dra/allocator";
import type { ClusterState, Node, SchedulingResult } from "../../../src/dra/allocator";
import { readClaim } from "../../../src/dra/claims";
import type { Claim, ResourceClaim, ResourceClaimTemplate } from "../../../src/dra/claims";
import type { DeviceClass } from "../../../src/dra/device-classes";
import { readPod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import type { ResourceSlice } from "../../../src/dra/types";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { ofKind } from "./scenario";
import type { Scenario } from "./scenario";
import { RULES } from "../../support/rules";

const ADMIN_ACCESS = "resource.kubernetes.io/admin-access";

/** Why the API server would not take a claim or template; undefined: it would. */
export function refusalOfClaim(scenario: Scenario, manifest: KubernetesObject): string | undefined {
  const reading = readClaim(manifest, RULES);
  if (reading.type === "invalid") {
    return reading.problems.join("; ");
  }
  const isLabelled = ofKind(scenario, "Namespace").some(({ metadata }) => metadata["labels"]?.[ADMIN_ACCESS] === "true");
  const asksForAdminAccess = reading.claim.spec.requests.some((request) => request.type === "exactly" && request.exactly.adminAccess);
  return asksForAdminAccess && !isLabelled ? `adminAccess needs the namespace label ${ADMIN_ACCESS}` : undefined;
}

/** The cluster of a scenario as the real one has it at some moment. */
export interface Moment {
  readonly scenario: Scenario;
  /** Claims as they are in the real cluster. */
  readonly liveClaims: readonly KubernetesObject[];
  readonly running: readonly { readonly pod: KubernetesObject; readonly nodeName: string }[];
}

/**
 * The model's own view of a moment. What holds devices is read from the cluster, everything else from the manifests: what the API server drops from them
 * must make no difference.
 */
export function stateOf({ scenario, liveClaims, running }: Moment): ClusterState {
  const allocated = liveClaims.filter(({ status }) => status?.allocation !== undefined).map((claim) => readValid(claim) as ResourceClaim);
  const written = ofKind(scenario, "ResourceClaim")
    .filter((manifest) => refusalOfClaim(scenario, manifest) === undefined)
    .map((manifest) => readValid(manifest) as ResourceClaim)
    .filter(({ name }) => !allocated.some((claim) => claim.name === name));
  const templates = ofKind(scenario, "ResourceClaimTemplate")
    .filter((manifest) => refusalOfClaim(scenario, manifest) === undefined)
    .map((manifest) => readValid(manifest) as ResourceClaimTemplate);
  return {
    nodes: ofKind(scenario, "Node").map((node) => readNode(node, scenario)),
    slices: ofKind(scenario, "ResourceSlice") as unknown as readonly ResourceSlice[],
    deviceClasses: ofKind(scenario, "DeviceClass").map(readClass),
    claims: [...allocated, ...written],
    templates,
    namespaces: readNamespaces(scenario.objects.map(asObject)),
    services: readServices(scenario.objects.map(asObject)),
    volumes: readVolumes(scenario.objects.map(asObject)),
    pods: running.map(({ pod, nodeName }) => ({ pod: podOf(pod), nodeName })),
  };
}

/** A node, with what its CSINode says. */
function readNode(node: KubernetesObject, scenario: Scenario): Node {
  const ofStorage = ofKind(scenario, "CSINode").find(({ metadata }) => metadata["name"] === node.metadata["name"]);
  const count: unknown = ofStorage?.["spec"].drivers[0].allocatable.count;
  return { ...(node as unknown as Node), ...(typeof count === "number" ? { mostVolumes: count } : {}) };
}

function asObject({ apiVersion, kind, metadata, ...rest }: KubernetesObject): ClusterObject {
  return toObject({ apiVersion, kind, metadata, ...rest }, { type: "manifest", file: "", line: 0 }, "default");
}

export function ask(state: ClusterState, pod: KubernetesObject): SchedulingResult {
  return new Scheduler(state, RULES).schedule(podOf(pod));
}

/** Where the model places a pod that it may place on a node, and draws: there if that is one of the best. */
export function preferredTo(nodeName: string, state: ClusterState, pod: KubernetesObject): string | undefined {
  const first = state.nodes.filter(({ metadata }) => metadata.name === nodeName);
  const others = state.nodes.filter(({ metadata }) => metadata.name !== nodeName);
  const result = new Scheduler({ ...state, nodes: [...first, ...others] }, RULES, "firstOfBest").schedule(podOf(pod));
  return result.type === "placed" && result.nodeName !== nodeName ? result.nodeName : undefined;
}

export function podOf(manifest: KubernetesObject): Pod {
  const reading = readPod(manifest);
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("; "));
  }
  return reading.pod;
}

export function readValid(manifest: KubernetesObject): Claim {
  const reading = readClaim(manifest, RULES);
  if (reading.type === "invalid") {
    throw new Error(`a claim that the API server took: ${reading.problems.join("; ")}`);
  }
  return reading.claim;
}

function readClass({ metadata, spec }: KubernetesObject): DeviceClass {
  const selectors = (spec?.selectors ?? []) as readonly { readonly cel: { readonly expression: string } }[];
  return { name: String(metadata["name"]), selectors: selectors.map(({ cel }) => cel.expression) };
}
