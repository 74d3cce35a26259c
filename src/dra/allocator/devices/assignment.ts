import type { Inventory, NodeDevices } from "./inventory";
import type { AlternativePlan, ClaimPlan } from "./plan";

/** One device for one claim: its number in the inventory. */
export interface ChosenDevice {
  readonly alternative: AlternativePlan;
  readonly device: number;
}

/** The devices chosen so far for the claims of one pod on one node, in the order in which they were chosen. Mutable: a search goes back and forth on it. */
export class Assignment {
  /** Per claim its devices. */
  readonly chosen: readonly ChosenDevice[][];
  /** Per claim and constraint, how many chosen devices have which value of the attribute. */
  private readonly valueCounts: readonly (readonly Map<number, number>[])[];
  /** Per device of the node, how many of the pod's claims have it. */
  private readonly holders: Uint16Array;

  constructor(
    private readonly inventory: Inventory,
    private readonly node: NodeDevices,
    private readonly claims: readonly ClaimPlan[],
  ) {
    this.chosen = claims.map(() => []);
    this.valueCounts = claims.map(({ constraints }) => constraints.map(() => new Map<number, number>()));
    this.holders = new Uint16Array(node.end - node.start);
  }

  /** How many devices a claim has. */
  size(claim: number): number {
    return this.chosen[claim]?.length ?? 0;
  }

  /** Whether a claim could get a device. Administration shares it with everyone but another request of its own claim. */
  isAvailable(claim: number, { exact }: AlternativePlan, device: number): boolean {
    if (exact.adminAccess) {
      return this.chosen[claim]?.every((other) => other.device !== device) ?? true;
    }
    return !this.inventory.isTaken(device) && this.holders[device - this.node.start] === 0;
  }

  satisfiesConstraints(claim: number, { constraints }: AlternativePlan, device: number): boolean {
    return constraints.every((index) => {
      const plan = this.claims[claim]?.constraints[index];
      const counts = this.valueCounts[claim]?.[index];
      const value = plan?.values[device] ?? -1;
      switch (plan?.rule) {
        case "same":
          return value >= 0 && (counts?.size === 0 || counts?.has(value));
        case "distinct":
          return value >= 0 && !counts?.has(value);
        default:
          return value >= 0;
      }
    });
  }

  choose(claim: number, alternative: AlternativePlan, device: number): void {
    this.chosen[claim]?.push({ alternative, device });
    this.count(claim, alternative, device, 1);
  }

  /** Takes back the last choice for a claim. */
  unchoose(claim: number): void {
    const last = this.chosen[claim]?.pop();
    if (last !== undefined) {
      this.count(claim, last.alternative, last.device, -1);
    }
  }

  /** What the constraints of a claim have seen, as text: equal texts leave the same choices. */
  seenValues(claim: number): string {
    return (this.valueCounts[claim] ?? []).map((counts) => [...counts.keys()].sort().join("+")).join(";");
  }

  private count(claim: number, { constraints }: AlternativePlan, device: number, by: 1 | -1): void {
    const local = device - this.node.start;
    this.holders[local] = (this.holders[local] ?? 0) + by;
    for (const index of constraints) {
      const counts = this.valueCounts[claim]?.[index];
      const value = this.claims[claim]?.constraints[index]?.values[device] ?? -1;
      const count = (counts?.get(value) ?? 0) + by;
      if (count === 0) {
        counts?.delete(value);
      } else {
        counts?.set(value, count);
      }
    }
  }
}
