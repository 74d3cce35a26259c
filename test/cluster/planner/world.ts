/** A real cluster in which random states are created, one after the other. */
import { objectAt } from "../../../src/cluster/objects";
import type { JsonObject } from "../../../src/cluster/objects";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { claimFailure } from "../../../src/live/events";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { valueAt } from "../../../src/json/value-at";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { excesses } from "../../../src/planner/state/quotas";
import { readCluster } from "../../../src/planner/state/read";
import { queueOf } from "../../../src/planner/status/pending";
import { startControlPlane } from "../../harness/control-plane/start";
import { classes } from "../../planner/clusters";
import { Bed } from "../differential/bed";
import { verdictIn } from "../differential/verdicts";
import type { State } from "./states";

/** What comes of pods. */
export interface Seen {
  readonly placed: number;
  /** What kube-scheduler and the API server say of the others. */
  readonly words: readonly string[];
}

export class World {
  readonly api: ApiServer;
  readonly heartbeats: Heartbeats;
  private readonly bed: Bed;

  private constructor(private readonly plane: ControlPlane) {
    this.api = plane.api;
    this.bed = new Bed(this.api);
    this.heartbeats = new Heartbeats(this.api);
  }

  static async start(): Promise<World> {
    const world = new World(await startControlPlane({ clientRate: "unlimited" }));
    for (const object of classes()) {
      await world.api.create(object as unknown as KubernetesObject);
    }
    return world;
  }

  /** Waits until kube-scheduler knows of everything that was created before. @param hasVolumes whether claims, volumes or classes of volumes are among it */
  settle(hasVolumes = false): Promise<void> {
    return this.bed.settle(hasVolumes);
  }

  async stop(): Promise<void> {
    this.heartbeats.stop();
    await this.bed.close();
    await this.plane.stop();
  }

  /** Creates the state, and waits until kube-scheduler has looked at its pods. */
  async create({ objects, pods, namespace }: State): Promise<void> {
    const isClaim = ({ kind }: KubernetesObject) => kind === "ResourceClaim";
    for (const object of objects.filter((each) => !isClaim(each))) {
      await this.api.create(object);
      if (object.kind === "Node") {
        await this.heartbeats.begin(String(object.metadata["name"]));
      }
    }
    await this.api.tryCreate({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
    await waitFor("the quota to count", async () =>
      (await this.api.list(`/api/v1/namespaces/${namespace}/resourcequotas`)).every(({ status }) => status?.hard !== undefined),
    );
    for (const { status, ...claim } of objects.filter(isClaim)) {
      if ((await this.api.tryCreate(claim as KubernetesObject)).status < 300 && status !== undefined) {
        await this.api.merge(claim as KubernetesObject, { status: status as unknown }, { subresource: "status" });
      }
    }
    await this.bed.settle(false);
    const created = new Set<string>();
    for (const pod of pods) {
      if ((await this.api.tryCreate(pod)).status < 300) {
        created.add(String(pod.metadata["name"]));
      }
    }
    await this.verdicts(namespace, created);
  }

  /**
   * The cluster once its controllers have done what follows from what was done before: nothing is being deleted, quotas count what there is, kube-scheduler has
   * heard of everything, and no pod waits for which there is a place.
   */
  async settledCluster(namespace: string): Promise<PlannedCluster> {
    let cluster: PlannedCluster | undefined;
    await waitFor(
      `the cluster of ${namespace} to come to rest`,
      async () => {
        const before = await readLive(this.api, "test", () => undefined);
        if (Object.values(before.objects).some((objects) => objects.some(isEnding)) || !quotasCount(readCluster(before), namespace)) {
          return false;
        }
        await this.bed.settle(false);
        cluster = readCluster(await readLive(this.api, "test", () => undefined));
        return queueOf(cluster).pods.every(({ fits }) => !fits);
      },
      {
        timeoutMs: 120_000,
        describe: async () => JSON.stringify((await this.api.list(`/api/v1/namespaces/${namespace}/pods`)).map(restOf)),
      },
    );
    if (cluster === undefined) {
      throw new Error("the cluster was not read");
    }
    return cluster;
  }

  /** Waits until every pod has a node, a reason, or an event that says why its claim does not exist. Pods whose claim is missing get no reason. */
  async verdicts(namespace: string, names: ReadonlySet<string>): Promise<Seen> {
    let seen: Seen = { placed: 0, words: [] };
    await waitFor(`verdicts on pods of ${namespace}`, async () => {
      const pods = (await this.api.list(`/api/v1/namespaces/${namespace}/pods`)).filter(({ metadata }) =>
        names.has(String(metadata["name"])),
      );
      const claims = new Set(
        (await this.api.list(`/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`)).map(({ metadata }) => metadata["name"]),
      );
      const told: string[] = [];
      let placed = 0;
      for (const pod of pods) {
        const verdict = verdictIn(pod);
        if (verdict?.type === "placed") {
          placed++;
        } else if (verdict !== undefined) {
          told.push(verdict.message);
        } else {
          const own = await claimFailure(this.api, pod);
          const entries = (pod["spec"].resourceClaims ?? []) as readonly { readonly resourceClaimName?: string }[];
          const isMissing = entries.some(({ resourceClaimName: name }) => name !== undefined && !claims.has(name));
          if (own === undefined && !isMissing) {
            return false;
          }
          told.push(own ?? "its claim does not exist");
        }
      }
      seen = { placed, words: told };
      return pods.length === names.size;
    });
    return seen;
  }

  async remove(namespace: string): Promise<void> {
    await this.api.deleteAll(`/api/v1/namespaces/${namespace}/pods`);
    await Promise.all(
      ["resourceclaims", "resourceclaimtemplates"].map((kind) =>
        this.api.deleteAll(`/apis/resource.k8s.io/v1/namespaces/${namespace}/${kind}`),
      ),
    );
    for (const path of ["/api/v1/nodes", "/apis/resource.k8s.io/v1/resourceslices"]) {
      await this.api.deleteAll(path);
    }
  }
}

function isEnding({ metadata }: JsonObject): boolean {
  return valueAt(metadata, "deletionTimestamp") !== undefined;
}

function restOf({ metadata, spec, status }: KubernetesObject): object {
  return { name: metadata["name"] as unknown, node: spec.nodeName as unknown, conditions: status?.conditions as unknown };
}

/** Whether quotas have counted what there is, and no longer count what is gone: the API server does the one at once, a controller the other later. */
function quotasCount(cluster: PlannedCluster, namespace: string): boolean {
  const uncounted = { ...cluster, limits: cluster.limits.map((object) => ({ ...object, body: { ...object.body, status: {} } })) };
  return cluster.limits
    .filter((object) => object.kind === "ResourceQuota" && object.namespace === namespace)
    .every(({ body }) =>
      Object.entries(objectAt(body, "spec", "hard")).every(([key, limit]) => {
        const used = (each: PlannedCluster) => excesses(each, namespace, { [key]: 1_000_000 })[0]?.used;
        return valueAt(body, "status", "hard", key) === limit && used(cluster) === used(uncounted);
      }),
    );
}
