import type { NodeDevices } from "./inventory";
import type { ClaimPlan, Planner } from "./plan";

/**
 * Numbers the devices of a node so that two have the same number exactly if no claim of a pod can tell them apart:
 * what fails with the one fails with the other.
 */
export class DeviceKinds {
  private readonly numbers = new Map<string, number>();
  private readonly kinds: Int32Array;
  /**
   * Every device is a kind of its own: administration uses devices that others hold; with "all" under constraints it depends on the order of devices
   * whether kube-scheduler finds nothing or stops with an error; and of "all" as a later alternative it may take the first ones only.
   */
  private readonly areAllDifferent: boolean;

  constructor(
    private readonly planner: Planner,
    private readonly node: NodeDevices,
    private readonly claims: readonly ClaimPlan[],
  ) {
    this.kinds = new Int32Array(node.end - node.start).fill(-1);
    this.areAllDifferent = claims.some(({ requests, constraints }) =>
      requests.some((alternatives) =>
        alternatives.some(
          ({ exact }, index) => exact.adminAccess || (exact.allocationMode.type === "All" && (constraints.length > 0 || index > 0)),
        ),
      ),
    );
  }

  kindOf(device: number): number {
    const local = device - this.node.start;
    let kind = this.kinds[local] ?? -1;
    if (kind < 0) {
      const key = this.areAllDifferent ? String(device) : this.describe(device);
      kind = this.numbers.get(key) ?? this.numbers.size;
      this.numbers.set(key, kind);
      this.kinds[local] = kind;
    }
    return kind;
  }

  private describe(device: number): string {
    return this.claims
      .flatMap(({ requests, constraints }) => [
        ...requests.flat().map((alternative) => {
          const { type } = alternative.matcher.verdict(device);
          const isFit = type !== "match" || (this.planner.fits(alternative, device) && this.planner.toleratesTaintsOf(alternative, device));
          return isFit ? type : "unfit";
        }),
        ...constraints.map(({ values }) => String(values[device])),
      ])
      .join();
  }
}
