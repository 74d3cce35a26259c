import type { Release } from "../releases/types";
import type { Report } from "./reading/problem";
import type { PoolSize } from "./types";

/** Numbers of nodes as a stack gives them. */
export interface RawSize {
  readonly desired: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Source: Kubernetes documentation, "Considerations for large clusters". */
const MAX_NODES = 5000;

/** Fills in `min` and `max`, and refuses `min > desired`, `desired > max` and a pool that can hold no node. */
export function resolveSize(key: string, { desired, min = desired, max = desired }: RawSize, report: Report): PoolSize {
  if (min > desired) {
    report({ key: `${key}.min`, value: min, reason: `more than desired, which is ${desired}`, nearest: [String(desired)] });
  }
  if (Math.max(desired, max) > MAX_NODES) {
    const [name, value] = desired > MAX_NODES ? ["desired", desired] : ["max", max];
    const reason = `more nodes than a Kubernetes cluster can have, which is ${MAX_NODES}`;
    report({ key: `${key}.${name}`, value, reason, nearest: [String(MAX_NODES)] });
  }
  if (max < desired) {
    report({ key: `${key}.max`, value: max, reason: `less than desired, which is ${desired}`, nearest: [String(desired)] });
  }
  return { min, desired, max };
}

/**
 * The size of a GPU pool. `min: 0` with wanted nodes is rejected: without a node there is no ResourceSlice, so no autoscaler brings a pool with DRA
 * devices back from zero. A pool whose `desired`, `min` and `max` are 0 is parked and costs nothing. EKS allows no maximum of 0, so a parked pool's is 1.
 * Source: kubernetes/autoscaler, `docs/dra_support.md` (2026-11).
 */
export function resolveGpuPoolSize(key: string, raw: RawSize, { kubernetesVersion }: Release, report: Report): PoolSize {
  const size = resolveSize(key, raw, report);
  if (size.max === 0) {
    return { ...size, max: 1 };
  }
  if (size.min === 0) {
    report({
      key: `${key}.min`,
      value: 0,
      reason: `a pool with DRA devices cannot be scaled up from zero on Kubernetes ${kubernetesVersion}; keep one node, or park the pool with desired, min and max all 0`,
      nearest: ["1"],
    });
  }
  return size;
}
