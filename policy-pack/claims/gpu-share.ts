/** How much of one GPU the slices of a claim can add up to. */
import { requestedDevices } from "../../src/dra/claims";
import type { ClaimSpec, Request } from "../../src/dra/claims";
import { readsOf } from "../../src/dra/allocator/devices/reads";
import type { RequestReach } from "../../src/dra/reach";
import type { GpuModel } from "../../src/hardware/types";
import type { KubernetesRules } from "../../src/releases/kubernetes";
import { DRIVER, SHARED_ATTRIBUTES, SHARED_CAPACITIES } from "../../src/well-known/attributes";

/** What the slices of a claim add up to on one GPU of a model. */
export interface GpuShare {
  readonly model: GpuModel;
  /** Of the GPU's compute slices or of its memory slices, whichever is more. 1: nothing is left for others. */
  readonly share: number;
  readonly computeSlices: number;
  readonly memorySlices: number;
}

/** The most that a request can get of one GPU model. */
interface Slices {
  readonly compute: number;
  readonly memory: number;
  /** Names of the alternatives that the model has. */
  readonly alternatives: ReadonlySet<string>;
}

/**
 * The share of one GPU that a claim adds up to. For `firstAvailable` the largest alternative counts. A request whose reach is undetermined counts nothing
 * here, because another policy denies it.
 *
 * A claim can tie its slices to one GPU: by `matchAttribute: gpu.nvidia.com/parentUUID`, or by selectors on identifiers or on names that are not modelled. Then its share is that of the model
 * on which it is largest. Without a tie, slices can be on one GPU by chance, as those of several claims can, and the quota limits both. Then its share is that
 * of the model on which it is smallest, among those that have all it requests: only a claim that is a whole GPU of each model counts as one.
 *
 * @param reaches of the same claim
 */
export function largestGpuShare(spec: ClaimSpec, reaches: readonly RequestReach[], rules: KubernetesRules): GpuShare | undefined {
  const perRequest = spec.requests.map((request) => ({
    slices: slicesOf(request, reaches),
    alternatives: requestedDevices(request).length,
  }));
  const models = [...new Set(perRequest.flatMap(({ slices }) => [...slices.keys()]))];
  const shares = models.map((model) => ({
    ...shareOf(
      model,
      perRequest.map(({ slices }) => slices.get(model)),
    ),
    holdsAll: perRequest.every(({ slices, alternatives }) => slices.get(model)?.alternatives.size === alternatives),
  }));
  const bySize = [...shares].sort((one, other) => one.share - other.share);
  return isTied(spec, rules) ? bySize.at(-1) : (bySize.find(({ holdsAll }) => holdsAll) ?? bySize.at(-1));
}

function isTied({ constraints, requests }: ClaimSpec, rules: KubernetesRules): boolean {
  return (
    constraints.some(({ type, attribute }) => type === "matchAttribute" && !SHARED_ATTRIBUTES.includes(attribute)) ||
    requests.flatMap(requestedDevices).some(({ exact }) => exact.selectors.some((selector) => readsIdentifiers(selector, rules)))
  );
}

function readsIdentifiers(selector: string, rules: KubernetesRules): boolean {
  const reads = readsOf(selector, rules);
  // Stryker disable next-line ConditionalExpression,StringLiteral: the letters of the word are no shared names either
  return reads === "everything" || [...reads].some((name) => !isShared(name));
}

function isShared(name: string): boolean {
  return SHARED_ATTRIBUTES.includes(`${DRIVER}/${name}`) || SHARED_CAPACITIES.includes(name) || /^memorySlice\d+$/.test(name);
}

function slicesOf(request: Request, reaches: readonly RequestReach[]): ReadonlyMap<GpuModel, Slices> {
  const largest = new Map<GpuModel, Slices>();
  for (const { reference, exact } of requestedDevices(request)) {
    const devices = reaches.flatMap((each) => (each.reference === reference && each.reach.type === "determined" ? each.reach.devices : []));
    const count = exact.allocationMode.type === "All" ? Infinity : exact.allocationMode.count;
    for (const { device } of devices) {
      if (device.type === "unlisted") {
        continue;
      }
      const { computeSlices, memorySlices } = device.profile ?? device.model;
      const before = largest.get(device.model) ?? { compute: 0, memory: 0, alternatives: new Set() };
      largest.set(device.model, {
        compute: Math.max(before.compute, count * computeSlices),
        memory: Math.max(before.memory, count * memorySlices),
        alternatives: new Set([...before.alternatives, reference]),
      });
    }
  }
  return largest;
}

function shareOf(model: GpuModel, requests: readonly (Slices | undefined)[]): GpuShare {
  const computeSlices = requests.reduce((sum, slices) => sum + (slices?.compute ?? 0), 0);
  const memorySlices = requests.reduce((sum, slices) => sum + (slices?.memory ?? 0), 0);
  return {
    model,
    computeSlices,
    memorySlices,
    share: Math.max(computeSlices / model.computeSlices, memorySlices / model.memorySlices),
  };
}
