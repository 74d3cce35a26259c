/** The real cluster in which scenarios run side by side. */
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { provisionVolumes } from "../../../src/fleet/volumes";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import { waitFor } from "../../../src/live/wait";
import { EBS_CSI_DRIVER } from "../../../src/well-known/storage";
import { PodWatch } from "./pod-watch";
import { LABEL, ofKind } from "./scenario";
import type { Scenario } from "./scenario";
import { verdictIn } from "./verdicts";
import type { Verdict } from "./verdicts";

/** What the API server says of an object: undefined, it took it; else why not. */
export type Refusals = ReadonlyMap<KubernetesObject, string>;

const RESOURCE = "/apis/resource.k8s.io/v1";
const CSI_NODES = "/apis/storage.k8s.io/v1/csinodes";
const STORAGE_CLASSES = "/apis/storage.k8s.io/v1/storageclasses";

export class Bed {
  private readonly watch: PodWatch;
  private readonly heartbeats: Heartbeats;
  private fences = 0;
  private readonly end = new AbortController();
  private readonly provisioner: Promise<void>;

  constructor(private readonly api: ApiServer) {
    this.watch = new PodWatch(api);
    this.heartbeats = new Heartbeats(api);
    this.provisioner = provisionVolumes(api, this.end.signal);
  }

  async close(): Promise<void> {
    this.watch.stop();
    this.heartbeats.stop();
    this.end.abort();
    await this.provisioner;
  }

  /** Creates what is there before the pods, and tells what the API server refused. */
  async create(scenario: Scenario): Promise<Refusals> {
    const refusals = new Map<KubernetesObject, string>();
    for (const namespace of ofKind(scenario, "Namespace")) {
      await this.api.create(namespace);
      // The controller that makes it is in no hurry, and without it there are no pods.
      await this.api.tryCreate({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "default", namespace: namespace.metadata["name"] as string },
      });
    }
    const others = scenario.objects.filter(({ kind }) => kind !== "Namespace");
    await Promise.all(
      others.map(async (object) => {
        const { status, body } = await this.api.tryCreate(object);
        if (status >= 400) {
          refusals.set(object, String(body.message));
        } else if (object.kind === "Node") {
          await this.heartbeats.begin(String(object.metadata["name"]));
        }
      }),
    );
    await Promise.all(scenario.objects.filter((object) => isBoundAtOnce(object, scenario)).map((claim) => this.untilBound(claim)));
    return refusals;
  }

  /** Until then the scheduler says of a pod that its claim has no volume, which is no verdict. */
  private async untilBound(claim: KubernetesObject): Promise<void> {
    await waitFor(
      `the volume of claim ${String(claim.metadata["name"])}`,
      async () => (await this.api.find(claim))?.["status"]?.phase === "Bound",
    );
  }

  /**
   * Waits until kube-scheduler knows of everything that was created before. It hears of every kind of object in order, so it does as soon as it has placed
   * a pod that needs one object of each kind.
   *
   * @param hasVolumes whether there are classes and claims of volumes, which take a while
   */
  async settle(hasVolumes: boolean): Promise<void> {
    const name = `fence-${String(++this.fences)}`;
    const pool = { name, generation: 1, resourceSliceCount: 1 };
    const requests = [{ name: "any", exactly: { deviceClassName: name } }];
    const objects: readonly KubernetesObject[] = [
      { apiVersion: "v1", kind: "Node", metadata: { name, labels: { [LABEL]: name } }, status: { allocatable: { pods: "1" } } },
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceSlice",
        metadata: { name, labels: { [LABEL]: name } },
        spec: { driver: "fence.example.com", nodeName: name, pool, devices: [{ name: "device" }] },
      },
      { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name, labels: { [LABEL]: name } }, spec: {} },
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaim",
        metadata: { name, namespace: "default" },
        spec: { devices: { requests } },
      },
      ...(hasVolumes ? volumeOf(name) : []),
    ];
    await Promise.all(objects.map((object) => this.api.create(object)));
    const pod = podNamed(name, "default", {
      nodeSelector: { [LABEL]: name },
      resourceClaims: [{ name: "any", resourceClaimName: name }],
      ...(hasVolumes ? { volumes: [{ name: "any", persistentVolumeClaim: { claimName: name } }] } : {}),
    });
    await this.api.create(pod);
    await this.watch.until(pod.metadata, (seen) => (seen["spec"].nodeName === undefined ? undefined : true));
    await this.api.delete(pod);
    await Promise.all(objects.map((object) => this.api.delete(object)));
  }

  /**
   * Creates a pod and waits for what becomes of it; one that is refused is taken away again, so that it cannot get in the way of others later.
   *
   * @param isWaiting whether the scheduler is expected not to look at the pod at all
   */
  async schedule(pod: KubernetesObject, isWaiting: boolean): Promise<{ readonly verdict: Verdict; readonly pod: KubernetesObject }> {
    await this.api.create(pod);
    if (isWaiting) {
      // Silence cannot be waited for. But pods are looked at in the order of their creation: this one's turn is over when a later one has a verdict.
      const next = podNamed(`after-${String(pod.metadata["name"])}`, String(pod.metadata["namespace"]), {
        nodeSelector: { [LABEL]: "nowhere" },
      });
      await this.api.create(next);
      await this.watch.until(next.metadata, verdictIn);
      await this.api.delete(next);
    }
    const outcome = await this.watch.until(pod.metadata, (seen) => {
      const verdict = verdictIn(seen) ?? (isWaiting ? WAITING : undefined);
      return verdict && { verdict, pod: seen };
    });
    if (outcome.verdict.type === "pending") {
      await this.api.delete(pod);
    }
    return outcome;
  }

  /** Creates pods all at once, and waits until every one has a node. */
  async bindAll(pods: readonly KubernetesObject[]): Promise<void> {
    const isBound = ({ spec }: KubernetesObject): true | undefined => (spec["nodeName"] === undefined ? undefined : true);
    await Promise.all(pods.map((pod) => this.api.create(pod)));
    await Promise.all(pods.map(({ metadata }) => this.watch.until(metadata, isBound)));
  }

  /** The claims of a scenario as they are, those made from templates included. */
  async claims(namespace: string): Promise<readonly KubernetesObject[]> {
    const claims = await this.api.list(`${RESOURCE}/namespaces/${namespace}/resourceclaims`);
    // Items of a list do not say what they are.
    return claims.map((claim) => ({ ...claim, apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim" }));
  }

  /** Takes a scenario away, but for its empty namespace: to remove one takes the controllers longer than everything else. */
  async remove(scenario: Scenario): Promise<void> {
    for (const { metadata } of ofKind(scenario, "Namespace")) {
      const name = String(metadata["name"]);
      await this.api.deleteAll(`/api/v1/namespaces/${name}/pods`);
      await Promise.all([
        ...["resourceclaims", "resourceclaimtemplates"].map((kind) => this.api.deleteAll(`${RESOURCE}/namespaces/${name}/${kind}`)),
        this.api.deleteAll(`/api/v1/namespaces/${name}/persistentvolumeclaims`),
        ...["/api/v1/nodes", CSI_NODES, `${RESOURCE}/resourceslices`, `${RESOURCE}/deviceclasses`, STORAGE_CLASSES].map((path) =>
          this.api.deleteAll(path, `labelSelector=${LABEL}%3D${name}`),
        ),
      ]);
    }
  }
}

function volumeOf(name: string): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name, labels: { [LABEL]: name } },
      provisioner: EBS_CSI_DRIVER,
      volumeBindingMode: "WaitForFirstConsumer",
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: { storageClassName: name, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  ];
}

/** Whether an object is a claim whose volume is made before any pod uses it. */
function isBoundAtOnce({ kind, spec }: KubernetesObject, scenario: Scenario): boolean {
  const storageClass = ofKind(scenario, "StorageClass").find(({ metadata }) => metadata["name"] === spec?.storageClassName);
  return kind === "PersistentVolumeClaim" && storageClass?.["volumeBindingMode"] === "Immediate";
}

const WAITING: Verdict = { type: "pending", reason: "Waiting", message: "no condition" };

function podNamed(name: string, namespace: string, spec: Readonly<Record<string, unknown>>): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "main", image: "none" }], ...spec },
  };
}
