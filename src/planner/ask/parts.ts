/** Parts of a cluster: some of its nodes, with what is on them. */
import { waitsForOthers } from "../../dra/pods";
import type { Pod } from "../../dra/pods";
import { volumeClaimName } from "../../dra/pods/volumes";
import { HOSTNAME_LABEL } from "../../well-known/labels";
import type { PlannedCluster } from "../state/cluster";
import { groupBy } from "../group-by";

/** What belongs to which node of a cluster, found out once. */
export class Parts {
  private readonly slices: ReadonlyMap<string, PlannedCluster["state"]["slices"]>;
  private readonly pods: ReadonlyMap<string, PlannedCluster["state"]["pods"]>;
  /** By the pool of their devices; those without devices under `undefined`. */
  private readonly claims: ReadonlyMap<string | undefined, PlannedCluster["state"]["claims"]>;

  /** Places in the list of nodes. */
  private readonly indices: ReadonlyMap<string, number>;
  private readonly made = new Map<string, PlannedCluster>();
  private readonly isOnePiece: boolean;

  constructor(private readonly cluster: PlannedCluster) {
    this.isOnePiece = hasRulesAcrossNodes(cluster);
    const { nodes, slices, pods, claims } = cluster.state;
    this.indices = new Map(nodes.map(({ metadata }, index) => [metadata.name, index]));
    this.slices = groupBy(slices, ({ spec }) => spec.nodeName);
    this.pods = running(pods).byNode;
    // The devices of a claim are those of one node, and a pool of a node's devices has no other ones.
    this.claims = groupBy(claims, ({ allocation }) => {
      const [first] = allocation?.devices ?? [];
      return first === undefined ? undefined : poolId(first.driver, first.pool);
    });
  }

  /** The cluster without its other nodes, unless pods of those decide about pods of these. Quotas, and what counts on them, stay as they are. */
  of(names: readonly string[]): PlannedCluster {
    if (this.isOnePiece) {
      return this.cluster;
    }
    const indices = [...new Set(names.flatMap((name) => this.indices.get(name) ?? []))].sort((a, b) => a - b);
    if (indices.length === this.cluster.state.nodes.length) {
      return this.cluster;
    }
    // What is known of a part is kept with its lists, so the same nodes get the same lists.
    const key = indices.join();
    const part = this.made.get(key) ?? this.partOf(indices);
    this.made.set(key, part);
    return part;
  }

  private partOf(indices: readonly number[]): PlannedCluster {
    const nodes = indices.flatMap((index) => this.cluster.state.nodes[index] ?? []);
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

/**
 * Whether something looks further than at one node: rules of pods that want to be near others or evenly spread, or are kept away from more than a node, and volumes that pods share.
 */
function hasRulesAcrossNodes({ state, pending }: PlannedCluster): boolean {
  const claims = new Set(pending.flatMap(({ pod }) => volumeClaimsOf(pod)));
  if (claims.size > 0 && state.pods.some(({ pod }) => volumeClaimsOf(pod).some((claim) => claims.has(claim)))) {
    return true;
  }
  return running(state.pods).areWide || pending.some(({ pod }) => isWide(pod) || waitsForOthers(pod));
}

/** Whether it keeps pods away from more than its node. */
function isWide({ podAntiAffinity }: Pod): boolean {
  return podAntiAffinity.some(({ topologyKey }) => topologyKey !== HOSTNAME_LABEL);
}

type RunningPods = PlannedCluster["state"]["pods"];

interface Running {
  readonly byNode: ReadonlyMap<string, RunningPods>;
  /** Whether one of them is. */
  readonly areWide: boolean;
}

/** No change of a cluster ends running pods, so many clusters have the same list. */
const RUNNING = new WeakMap<RunningPods, Running>();

function running(pods: RunningPods): Running {
  const known = RUNNING.get(pods) ?? {
    byNode: groupBy(pods, ({ nodeName }) => nodeName),
    areWide: pods.some(({ pod }) => isWide(pod)),
  };
  RUNNING.set(pods, known);
  return known;
}

function volumeClaimsOf(pod: Pod): readonly string[] {
  return pod.volumes.map((volume) => `${pod.namespace}/${volumeClaimName(pod.name, volume)}`);
}

function poolId(driver: string, pool: string): string {
  return `${driver}/${pool}`;
}
