/** What the stack knows and the cluster does not say: the source of recorded series that are constants. */
import type { InstanceType, NodeLayout } from "../hardware/types";

/** A GPU pool, as far as metrics are concerned. */
export interface MonitoredPool {
  readonly name: string;
  readonly instanceType: InstanceType;
  readonly layout: NodeLayout;
  readonly size: { readonly min: number };
  readonly capacity:
    | { readonly type: "onDemand" }
    /** ISO 8601; undefined: nobody said when the reservation ends. */
    | { readonly type: "capacityBlock"; readonly endDate: string | undefined };
}

export interface MonitoredStack {
  readonly pools: readonly MonitoredPool[];
  /** ISO date on which EKS ends standard support of the Kubernetes version. */
  readonly standardSupportEnds: string;
}
