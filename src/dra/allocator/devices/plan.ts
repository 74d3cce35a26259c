import type { KubernetesRules } from "../../../releases/kubernetes";
import type { ClaimSpec, Constraint, ExactRequest, RequestedDevices } from "../../claims/types";
import { requestedDevices } from "../../claims/types";
import type { DeviceClass } from "../../device-classes";
import { readQuantity } from "../../manifest/quantity";
import type { Inventory } from "./inventory";
import { Matcher, toleratesTaints } from "./matching";

/** One way to satisfy a request, ready to be searched for. */
export interface AlternativePlan {
  /** `request`, or `request/alternative`. */
  readonly reference: string;
  readonly exact: ExactRequest;
  readonly matcher: Matcher;
  /** Indices of the claim's constraints that tie the devices of this alternative. */
  readonly constraints: readonly number[];
}

/** A constraint with the value of its attribute on every device of the inventory; -1 without it. */
export interface ConstraintPlan {
  readonly constraint: Constraint;
  /** What it comes to: one value, different ones, or just that there is one. */
  readonly rule: "same" | "distinct" | "present";
  readonly values: Int32Array;
}

export interface ClaimPlan {
  /** How the claim is called in reasons. */
  readonly name: string;
  /** Per request its alternatives, one where the request has only one way. */
  readonly requests: readonly (readonly AlternativePlan[])[];
  readonly constraints: readonly ConstraintPlan[];
}

/** Makes plans for claims of one inventory; selectors are evaluated once per class, list of selectors and kind of device. */
export class Planner {
  private readonly matchers = new Map<string, Matcher>();

  constructor(
    private readonly inventory: Inventory,
    private readonly classes: ReadonlyMap<string, DeviceClass>,
    readonly rules: KubernetesRules,
  ) {}

  /** The classes that a claim names and the cluster does not have, by the requests that name them. */
  unknownClasses(spec: ClaimSpec): readonly { readonly reference: string; readonly deviceClassName: string }[] {
    return spec.requests
      .flatMap(requestedDevices)
      .filter(({ exact }) => !this.classes.has(exact.deviceClassName))
      .map(({ reference, exact }) => ({ reference, deviceClassName: exact.deviceClassName }));
  }

  /** @param spec a claim whose classes all exist */
  plan(name: string, spec: ClaimSpec): ClaimPlan {
    return {
      name,
      requests: spec.requests.map((request) => {
        const ways = requestedDevices(request);
        return ways.map(({ reference, exact }, index) => ({
          reference,
          exact,
          matcher: this.matcher(ways[this.evaluatedInstead(ways, index)]?.exact ?? exact),
          constraints: spec.constraints.flatMap(({ requests }, position) =>
            requests.length === 0 || requests.includes(request.name) || requests.includes(reference) ? [position] : [],
          ),
        }));
      }),
      constraints: spec.constraints.map((constraint) => ({
        constraint,
        rule: constraint.type === "matchAttribute" ? "same" : this.rules.scheduler.distinctValues ? "distinct" : "present",
        values: this.inventory.valuesOf(constraint.attribute),
      })),
    };
  }

  /** Whether a device would do for an alternative, were it free. */
  fits({ exact, matcher }: AlternativePlan, device: number): boolean {
    return matcher.verdict(device).type === "match" && (!this.rules.scheduler.consumableCapacity || this.hasCapacity(exact, device));
  }

  toleratesTaintsOf({ exact }: AlternativePlan, device: number): boolean {
    return !this.rules.scheduler.deviceTaints || toleratesTaints(this.inventory.at(device).device.taints, exact.tolerations);
  }

  private hasCapacity({ capacityRequests }: ExactRequest, device: number): boolean {
    const { capacity } = this.inventory.at(device).device;
    return Object.entries(capacityRequests).every(([name, requested]) => {
      const available = readQuantity(capacity[name]?.value);
      const wanted = readQuantity(requested);
      return available !== undefined && wanted !== undefined && wanted.compare(available) <= 0;
    });
  }

  private matcher({ deviceClassName, selectors }: ExactRequest): Matcher {
    const deviceClass = this.classes.get(deviceClassName);
    if (deviceClass === undefined) {
      throw new Error(`device class ${deviceClassName} does not exist`);
    }
    const key = JSON.stringify([deviceClassName, selectors]);
    const matcher = this.matchers.get(key) ?? new Matcher(this.inventory, deviceClass, selectors, this.rules);
    this.matchers.set(key, matcher);
    return matcher;
  }

  /**
   * The alternative whose selectors decide about one alternative: that one itself, but for one case. When the first two alternatives both ask for `All`,
   * a kube-scheduler without `allInAlternatives` takes the devices of the first for those of the second.
   */
  private evaluatedInstead(ways: readonly RequestedDevices[], index: number): number {
    const areBothAll = ways.slice(0, 2).every(({ exact }) => exact.allocationMode.type === "All");
    return index === 1 && areBothAll && !this.rules.scheduler.allInAlternatives ? 0 : index;
  }
}
