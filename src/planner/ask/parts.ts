/** Parts of a cluster: some of its nodes, with what is on them. */
import type { PlannedCluster } from "../state/cluster";
import { groupBy } from "../group-by";

/** What belongs to which node of a cluster, found out once. */
export class Parts {
  private readonly slices: ReadonlyMap<string, PlannedCluster["state"]["slices"]>;
  private readonly pods: ReadonlyMap<string, PlannedCluster["state"]["pods"]>;
  /** By the pool of their devices; those without devices under `undefined`. */
  private readonly claims: ReadonlyMap<string | undefined, PlannedCluster["state"]["claims"]>;

  constructor(private readonly cluster: PlannedCluster) {
    const { slices, pods, claims } = cluster.state;
    this.slices = groupBy(slices, ({ spec }) => spec.nodeName);
    this.pods = groupBy(pods, ({ nodeName }) => nodeName);
    // The devices of a claim are those of one node, and a pool of a node's devices has no other ones.
    this.claims = groupBy(claims, ({ allocation }) => {
      const [first] = allocation?.devices ?? [];
      return first === undefined ? undefined : poolId(first.driver, first.pool);
    });
  }

  /** The cluster without its other nodes. Quotas, and what counts on them, stay as they are. */
  of(names: readonly string[]): PlannedCluster {
    const wanted = new Set(names);
    const nodes = this.cluster.state.nodes.filter(({ metadata }) => wanted.has(metadata.name));
    if (nodes.length === this.cluster.state.nodes.length) {
      return this.cluster;
    }
    const all = nodes.map(({ metadata }) => metadata.name);
    const slices = all.flatMap((name) => this.slices.get(name) ?? []);
    const pools = new Set(slices.map(({ spec }) => poolId(spec.driver, spec.pool.name)));
    const claims = [undefined, ...pools].flatMap((pool) => this.claims.get(pool) ?? []);
    return {
      ...this.cluster,
      state: { ...this.cluster.state, nodes, slices, claims, pods: all.flatMap((name) => this.pods.get(name) ?? []) },
    };
  }
}

function poolId(driver: string, pool: string): string {
  return `${driver}/${pool}`;
}
