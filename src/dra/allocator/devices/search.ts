import type { ChosenDevice } from "./assignment";
import { Assignment } from "./assignment";
import { DeviceKinds } from "./kinds";
import type { Inventory, NodeDevices } from "./inventory";
import type { AlternativePlan, ClaimPlan, Planner } from "./plan";

/**
 * Candidates that are tried before the search is given up. kube-scheduler gives up after 10 seconds (feature gate DRASchedulerFilterTimeout)
 * and needs more of them, since it tries equal devices one by one; a number of steps gives the same answer on every machine.
 */
const MAX_STEPS = 100_000;

export type SearchOutcome =
  /** Per claim its devices. */
  | { readonly type: "found"; readonly claims: readonly (readonly ChosenDevice[])[] }
  /** The claims cannot be allocated on this node. */
  | { readonly type: "none" }
  | { readonly type: "gaveUp" }
  /** What kube-scheduler reports as an error (SchedulerError): it stops scheduling the pod, whatever other nodes have. */
  | { readonly type: "error"; readonly message: string };

type StepResult = "found" | "none" | "exceeded";

class SchedulerError extends Error {}
class GaveUp extends Error {}

/**
 * Looks for devices for all claims of a pod on one node as kube-scheduler does (`structured/internal/experimental` of k8s.io/dynamic-resource-allocation):
 * claim by claim, request by request, alternative by alternative, device by device in published order, going back until the first full solution.
 * It is faster with the same solution: of identical devices it tries one in each place, and it does not repeat a situation that failed.
 *
 * It is stricter in one respect: a free device whose selector fails is an error, even where kube-scheduler finds another device first.
 * Drivers publish devices in random order, so that success is by chance.
 */
export function searchNode(inventory: Inventory, planner: Planner, node: NodeDevices, claims: readonly ClaimPlan[]): SearchOutcome {
  try {
    return new Search(inventory, planner, node, claims).run();
  } catch (error) {
    if (error instanceof SchedulerError) {
      return { type: "error", message: error.message };
    }
    if (error instanceof GaveUp) {
      return { type: "gaveUp" };
    }
    throw error;
  }
}

class Search {
  private readonly assignment: Assignment;
  private readonly kinds: DeviceKinds;
  private readonly candidates = new Map<AlternativePlan, readonly number[]>();
  private readonly failed = new Set<string>();
  private readonly maxDevices: number;
  private steps = 0;

  constructor(
    private readonly inventory: Inventory,
    private readonly planner: Planner,
    private readonly node: NodeDevices,
    private readonly claims: readonly ClaimPlan[],
  ) {
    this.assignment = new Assignment(inventory, node, claims);
    this.kinds = new DeviceKinds(planner, node, claims);
    this.maxDevices = planner.rules.claimApi.limits.allocatedDevices;
  }

  run(): SearchOutcome {
    this.claims.forEach((claim) => {
      this.checkClaim(claim);
    });
    const result = this.allocateRequest(0, 0);
    if (result === "exceeded") {
      throw new SchedulerError(`claim ${this.claims[0]?.name ?? ""}: ${this.tooManyDevices()}`);
    }
    return result === "found" ? { type: "found", claims: this.assignment.chosen } : { type: "none" };
  }

  /** What kube-scheduler checks before it searches. */
  private checkClaim(claim: ClaimPlan): void {
    let minimum = 0;
    for (const alternatives of claim.requests) {
      minimum += Math.min(...alternatives.map((alternative) => this.sizeOf(claim, alternative)));
    }
    if (minimum > this.maxDevices) {
      throw new SchedulerError(`claim ${claim.name}: asks for ${String(minimum)} devices; ${this.tooManyDevices()}`);
    }
  }

  /** How many devices an alternative takes; for "all", they have to be known. */
  private sizeOf(claim: ClaimPlan, alternative: AlternativePlan): number {
    const { allocationMode } = alternative.exact;
    if (allocationMode.type === "ExactCount") {
      return allocationMode.count;
    }
    const [pool] = [...this.node.incompletePools, ...this.node.invalidPools];
    if (pool !== undefined) {
      const state = this.node.incompletePools.length > 0 ? "not completely published yet" : "invalid: a device name exists twice";
      throw new SchedulerError(`claim ${claim.name}, request ${alternative.reference}: asks for all devices, but pool ${pool} is ${state}`);
    }
    for (let device = this.node.start; device < this.node.end; device++) {
      this.refuseError(claim, alternative, device);
    }
    return this.candidatesFor(alternative).length;
  }

  private allocateRequest(claim: number, request: number): StepResult {
    const plan = this.claims[claim];
    if (plan === undefined) {
      return "found";
    }
    const alternatives = plan.requests[request];
    if (alternatives === undefined) {
      const result = this.allocateRequest(claim + 1, 0);
      return result === "exceeded" ? "none" : result;
    }
    let result: StepResult = "exceeded";
    for (let index = 0; index < alternatives.length && result !== "found"; index++) {
      const attempt = this.allocateDevices(claim, request, index, 0);
      result = attempt === "exceeded" ? result : attempt;
    }
    return result;
  }

  /** Gives an alternative its devices from number `position` on, then goes on with the next request. */
  private allocateDevices(claim: number, request: number, index: number, position: number): StepResult {
    const alternative = this.claims[claim]?.requests[request]?.[index];
    if (alternative === undefined) {
      throw new RangeError(`no alternative ${String(index)} of request ${String(request)} of claim ${String(claim)}`);
    }
    const { allocationMode } = alternative.exact;
    const candidates = this.candidatesFor(alternative);
    const size = allocationMode.type === "All" ? candidates.length : allocationMode.count;
    if (size === 0) {
      return "none";
    }
    if (position >= size) {
      return this.allocateRequest(claim, request + 1);
    }
    if (this.assignment.size(claim) + size - position > this.maxDevices) {
      return "exceeded";
    }
    return allocationMode.type === "All"
      ? this.allocateAll(claim, request, index, alternative, candidates[position] ?? -1, position)
      : this.allocateOne(claim, request, index, alternative, candidates, position);
  }

  /** "All" has no choice: this very device, or nothing. */
  private allocateAll(
    claim: number,
    request: number,
    index: number,
    alternative: AlternativePlan,
    device: number,
    position: number,
  ): StepResult {
    if (!this.assignment.isAvailable(claim, alternative, device) || !this.planner.toleratesTaintsOf(alternative, device)) {
      return "none";
    }
    if (!this.assignment.satisfiesConstraints(claim, alternative, device)) {
      const { name } = this.claims[claim] ?? { name: "" };
      throw new SchedulerError(
        `claim ${name}, request ${alternative.reference}: asks for all devices, which a constraint of the claim forbids`,
      );
    }
    this.assignment.choose(claim, alternative, device);
    const next = this.planner.rules.scheduler.allInAlternatives ? index : 0;
    const result = this.allocateDevices(claim, request, next, position + 1);
    if (result !== "found") {
      this.assignment.unchoose(claim);
    }
    return result;
  }

  private allocateOne(
    claim: number,
    request: number,
    index: number,
    alternative: AlternativePlan,
    candidates: readonly number[],
    position: number,
  ): StepResult {
    this.refuseErrors(claim, alternative);
    const situation = this.failed.size > 0 ? this.situation(claim, request, index, position) : undefined;
    if (situation !== undefined && this.failed.has(situation)) {
      return "none";
    }
    const triedKinds = new Set<number>();
    for (const device of candidates) {
      if (!this.assignment.isAvailable(claim, alternative, device) || !this.assignment.satisfiesConstraints(claim, alternative, device)) {
        continue;
      }
      if (triedKinds.size > 0 && triedKinds.has(this.kinds.kindOf(device))) {
        continue;
      }
      this.steps++;
      if (this.steps > MAX_STEPS) {
        throw new GaveUp();
      }
      this.assignment.choose(claim, alternative, device);
      const result = this.allocateDevices(claim, request, index, position + 1);
      if (result === "found") {
        return result;
      }
      this.assignment.unchoose(claim);
      if (result === "exceeded") {
        return result;
      }
      triedKinds.add(this.kinds.kindOf(device));
    }
    this.failed.add(situation ?? this.situation(claim, request, index, position));
    return "none";
  }

  /** The devices that would do: for "all", taken or not; otherwise those that are free and whose taints are tolerated. */
  private candidatesFor(alternative: AlternativePlan): readonly number[] {
    let candidates = this.candidates.get(alternative);
    if (candidates === undefined) {
      const found: number[] = [];
      const isAll = alternative.exact.allocationMode.type === "All";
      for (let device = this.node.start; device < this.node.end; device++) {
        const isCandidate =
          isAll ||
          ((alternative.exact.adminAccess || !this.inventory.isTaken(device)) && this.planner.toleratesTaintsOf(alternative, device));
        if (isCandidate && this.planner.fits(alternative, device)) {
          found.push(device);
        }
      }
      candidates = found;
      this.candidates.set(alternative, candidates);
    }
    return candidates;
  }

  private refuseErrors(claim: number, alternative: AlternativePlan): void {
    const plan = this.claims[claim];
    const [invalidPool] = this.node.invalidPools;
    if (invalidPool !== undefined && !this.planner.rules.scheduler.wholePools) {
      throw new SchedulerError(`pool ${invalidPool} is invalid: a device name exists twice`);
    }
    if (plan === undefined || !alternative.matcher.hasErrors) {
      return;
    }
    for (let device = this.node.start; device < this.node.end; device++) {
      if (this.assignment.isAvailable(claim, alternative, device)) {
        this.refuseError(plan, alternative, device);
      }
    }
  }

  private refuseError(claim: ClaimPlan, alternative: AlternativePlan, device: number): void {
    const verdict = alternative.matcher.verdict(device);
    if (verdict.type === "error") {
      const { driver, pool, device: published } = this.inventory.at(device);
      throw new SchedulerError(
        `claim ${claim.name}, request ${alternative.reference}: cannot evaluate device ${driver}/${pool}/${published.name}: ${verdict.message}`,
      );
    }
  }

  private tooManyDevices(): string {
    return `a claim holds at most ${String(this.maxDevices)}`;
  }

  /** Everything the rest of the search depends on: how far it is, the kinds of device in use and what the constraints have seen. */
  private situation(claim: number, request: number, index: number, position: number): string {
    const used = this.assignment.chosen.flatMap((devices, holder) =>
      devices.map(({ device }) => `${String(this.kinds.kindOf(device))}/${String(holder)}`),
    );
    const progress = [claim, request, index, position, this.assignment.size(claim)];
    return [...progress, used.sort().join(), this.assignment.seenValues(claim)].join("|");
  }
}
