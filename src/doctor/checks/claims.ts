/** Pods that wait for a slice in vain, and claims that hold one for nobody. */
import { controllerOf, listAt, nameOf, objectAt, podTitle } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { Inventory } from "../../dra/allocator/devices/inventory";
import { Matcher } from "../../dra/allocator/devices/matching";
import type { ClaimSpec, ExactRequest } from "../../dra/claims";
import { valueAt } from "../../json/value-at";
import { DRIVER } from "../../well-known/attributes";
import { finding } from "../check";
import type { Examined } from "../check";
import { sinceMs } from "../cluster";
import type { ObservedPod } from "../cluster";
import type { Commands } from "../commands";
import type { Finding } from "../finding";
import type { FindingId } from "../findings";
import { PATIENCE_MS, minutesText } from "../patience";

/** @param whole names of the nodes whose chain holds: what happens on others is a consequence. @param isWhole whether all nodes are among them. */
export function checkClaims(examined: Examined, whole: ReadonlySet<string>, isWhole: boolean): readonly Finding[] {
  return [
    ...waitingPods(examined, isWhole),
    ...claimsOfGoneDevices(examined, whole),
    ...deletedClaims(examined),
    ...terminatingPods(examined, whole),
    ...startingPods(examined, whole),
  ];
}

interface Reason {
  readonly id: FindingId;
  readonly seen: string;
  /** What mends it. @default the end of what makes the pod */
  readonly commands?: readonly string[];
}

/** Pods of one owner that wait for the same reason are one finding. */
function waitingPods(examined: Examined, isWhole: boolean): readonly Finding[] {
  const { cluster, command } = examined;
  const devices = new Devices(examined);
  const groups = new Map<string, { readonly reason: Reason; readonly pods: ObservedPod[] }>();
  for (const pod of cluster.pods) {
    const waits = pod.hasClaims && pod.nodeName === undefined && pod.phase === "Pending" && pod.overdueMs === undefined;
    const reason = waits && pod.ageMs >= PATIENCE_MS.controllers ? reasonOf(pod, examined, devices, isWhole) : undefined;
    if (reason !== undefined) {
      const key = `${pod.namespace} ${stop(pod, command)} ${reason.id} ${reason.seen}`;
      const group = groups.get(key) ?? { reason, pods: [] };
      group.pods.push(pod);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ reason: { id, seen, commands }, pods }) => {
    const [first] = pods;
    const hurts = pods.map(podTitle);
    return first === undefined
      ? []
      : [finding(id, { subject: `Pod ${podTitle(first)}`, seen, hurts, commands: commands ?? [stop(first, command)] })];
  });
}

function reasonOf(pod: ObservedPod, examined: Examined, devices: Devices, isWhole: boolean): Reason | undefined {
  const { planned, hasRead } = examined.cluster;
  const made = listAt(pod.body, "status", "resourceClaimStatuses");
  for (const entry of listAt(pod.body, "spec", "resourceClaims")) {
    const template = valueAt(entry, "resourceClaimTemplateName");
    const madeName = valueAt(
      made.find((each) => valueAt(each, "name") === valueAt(entry, "name")),
      "resourceClaimName",
    );
    const name = valueAt(entry, "resourceClaimName") ?? madeName;
    const inNamespace = (each: { readonly namespace: string | undefined; readonly name: string }) => each.namespace === pod.namespace;
    if (name === undefined) {
      const exists = planned.state.templates.some((each) => inNamespace(each) && each.name === template);
      if (!exists && hasRead("ResourceClaimTemplate") && isUnread(planned, "ResourceClaimTemplate")) {
        return { id: "template-absent", seen: `there is no ResourceClaimTemplate ${String(template)} in ${pod.namespace}` };
      }
    } else if (hasRead("ResourceClaim") && isUnread(planned, "ResourceClaim")) {
      const claim = planned.state.claims.find((each) => inNamespace(each) && each.name === name);
      if (claim === undefined) {
        return { id: "claim-absent", seen: `there is no ResourceClaim ${String(name)} in ${pod.namespace}` };
      }
      const reason = claim.allocation === undefined ? devices.reasonFor(claim.spec, isWhole) : olderAllocation(pod, claim.name, examined);
      if (reason !== undefined) {
        return reason;
      }
    }
  }
  return undefined;
}

/**
 * The scheduler of Kubernetes 1.36 wants to know when a claim was allocated. To an allocation without a time it adds one together with the reservation for
 * the pod, and the API server lets nobody change an allocation. (kubernetes v1.36.3 `pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go`,
 * `bindClaim`, with the gate `DRADeviceBindingConditions`.) An allocation of 1.35 has no time.
 */
function olderAllocation(pod: ObservedPod, name: string, { cluster, command }: Examined): Reason | undefined {
  const condition = listAt(pod.body, "status", "conditions").find((each) => valueAt(each, "type") === "PodScheduled");
  const claim = cluster.observation.objects.ResourceClaim.find(
    (each) => nameOf(each) === name && valueAt(each, "metadata", "namespace") === pod.namespace,
  );
  const hasTime = valueAt(claim, "status", "allocation", "allocationTimestamp") !== undefined;
  if (hasTime || !/status\.allocation: .*field is immutable/s.test(String(valueAt(condition, "message")))) {
    return undefined;
  }
  const users = new Set(listAt(claim, "status", "reservedFor").map((user) => valueAt(user, "name")));
  const holders = cluster.pods.filter((each) => each.namespace === pod.namespace && users.has(each.name));
  // Of a claim that nobody holds, the controller is about to take the allocation away.
  return holders.length === 0
    ? undefined
    : {
        id: "claim-of-older-scheduler",
        seen: `ResourceClaim ${name} was allocated by an older kube-scheduler, and takes no further pod until nobody uses it any more`,
        commands: deletePods(holders, command),
      };
}

/** Whether every object of a kind could be understood: of one that could not be, "there is none" is no answer. */
function isUnread({ doubts }: Examined["cluster"]["planned"], kind: "ResourceClaim" | "ResourceClaimTemplate"): boolean {
  return !doubts.some((doubt) => doubt.kind === kind);
}

/** Devices of the whole cluster, and which of them a request can get. */
class Devices {
  private inventory: Inventory | undefined;
  private held: ReadonlySet<string> | undefined;
  private readonly reasons = new Map<string, Reason | undefined>();

  constructor(private readonly examined: Examined) {}

  /** Why a claim is not allocated; undefined: kube-scheduler has another reason, or is about to. */
  reasonFor(spec: ClaimSpec, isWhole: boolean): Reason | undefined {
    const key = JSON.stringify(spec);
    if (!this.reasons.has(key)) {
      this.reasons.set(key, this.find(spec, isWhole));
    }
    return this.reasons.get(key);
  }

  private find({ requests }: ClaimSpec, isWhole: boolean): Reason | undefined {
    const { hasRead } = this.examined.cluster;
    if (!hasRead("DeviceClass") || !hasRead("ResourceSlice")) {
      return undefined;
    }
    for (const request of requests) {
      const ways = request.type === "exactly" ? [request.exactly] : request.firstAvailable;
      const results = ways.map((way) => this.wayOf(way));
      const [first] = results;
      if (first !== undefined && results.every(({ type }) => type === "noClass")) {
        return { id: "class-absent", seen: `there is no DeviceClass ${ways.map(({ deviceClassName }) => deviceClassName).join(" or ")}` };
      }
      if (isWhole && results.every(({ type }) => type === "noClass" || type === "noDevice")) {
        const text = ways.map(({ deviceClassName, selectors }) => [deviceClassName, ...selectors].join(" with ")).join(" or ");
        return { id: "no-such-device", seen: `no published device matches ${text}` };
      }
      if (results.every(({ type }) => type !== "free")) {
        return {
          id: "no-free-device",
          seen: `every device of ${ways.map(({ deviceClassName }) => deviceClassName).join(" or ")} that matches is held`,
        };
      }
    }
    return undefined;
  }

  private wayOf({ deviceClassName, selectors }: Pick<ExactRequest, "deviceClassName" | "selectors">): {
    readonly type: "noClass" | "noDevice" | "held" | "free";
  } {
    const { planned } = this.examined.cluster;
    const deviceClass = planned.state.deviceClasses.find(({ name }) => name === deviceClassName);
    if (deviceClass === undefined) {
      return { type: "noClass" };
    }
    const { kubernetes: rules } = planned.release;
    this.inventory ??= new Inventory(planned.state.slices, rules.scheduler);
    this.held ??= new Set(
      planned.state.claims.flatMap(({ allocation }) =>
        (allocation?.devices ?? []).map(({ driver, pool, device }) => `${driver}/${pool}/${device}`),
      ),
    );
    const matcher = new Matcher(this.inventory, deviceClass, selectors, rules);
    // A selector that fails on a device is kube-scheduler's to tell.
    const matching = this.inventory.devices.filter((_, index) => matcher.verdict(index).type !== "noMatch");
    const isHeld = ({ driver, pool, device }: (typeof matching)[number]) => this.held?.has(`${driver}/${pool}/${device.name}`) === true;
    return { type: matching.length === 0 ? "noDevice" : matching.every(isHeld) ? "held" : "free" };
  }
}

/** Ends what makes a pod, so that no other one takes its place. What can be undone is preferred. */
function stop({ namespace, name, labels, body }: ObservedPod, { kubectl }: Commands): string {
  const owner = controllerOf(body);
  const [kind, owned] = [String(valueAt(owner, "kind")), String(valueAt(owner, "name"))];
  const hash = labels["pod-template-hash"];
  switch (kind) {
    case "ReplicaSet":
      // A Deployment calls its ReplicaSets after itself and the hash.
      return typeof hash === "string" && owned.endsWith(`-${hash}`)
        ? kubectl("-n", namespace, "scale", `deployment/${owned.slice(0, -hash.length - 1)}`, "--replicas=0")
        : kubectl("-n", namespace, "scale", `replicaset/${owned}`, "--replicas=0");
    case "StatefulSet":
      return kubectl("-n", namespace, "scale", `statefulset/${owned}`, "--replicas=0");
    case "Job":
      return kubectl("-n", namespace, "delete", "job", owned);
    default:
      return kubectl("-n", namespace, "delete", "pod", name);
  }
}

function deletePods(pods: readonly ObservedPod[], { kubectl }: Commands, ...flags: readonly string[]): readonly string[] {
  const namespaces = new Set(pods.map(({ namespace }) => namespace));
  return [...namespaces].map((namespace) =>
    kubectl(...["-n", namespace, "delete", "pod", ...flags, ...pods.filter((pod) => pod.namespace === namespace).map(({ name }) => name)]),
  );
}

function claimsOfGoneDevices({ cluster, command }: Examined, whole: ReadonlySet<string>): readonly Finding[] {
  const { observation, nodeNames, planned, pods, hasRead } = cluster;
  if (!hasRead("Node") || !hasRead("ResourceSlice") || !hasRead("Pod")) {
    return [];
  }
  const published = new Set(
    planned.state.slices.flatMap(({ spec }) => spec.devices.map((device) => `${spec.driver}/${spec.pool.name}/${device.name}`)),
  );
  const byName = new Map(pods.map((pod) => [podTitle(pod), pod]));
  return observation.objects.ResourceClaim.flatMap((claim): Finding[] => {
    const namespace = String(valueAt(claim, "metadata", "namespace"));
    const results = listAt(claim, "status", "allocation", "devices", "results").filter((result) => valueAt(result, "driver") === DRIVER);
    const users = listAt(claim, "status", "reservedFor").flatMap(
      (user) => byName.get(`${namespace}/${String(valueAt(user, "name"))}`) ?? [],
    );
    const isGone = (result: unknown) => !nodeNames.has(String(valueAt(result, "pool")));
    const isUnpublished = (result: unknown) =>
      whole.has(String(valueAt(result, "pool"))) &&
      !published.has(`${DRIVER}/${String(valueAt(result, "pool"))}/${String(valueAt(result, "device"))}`);
    const details = { subject: `ResourceClaim ${namespace}/${nameOf(claim)}`, hurts: users.map(podTitle) };
    const gone = results.find(isGone);
    if (users.length > 0 && gone !== undefined) {
      const seen = `it holds ${String(valueAt(gone, "device"))} of node ${String(valueAt(gone, "pool"))}, which does not exist`;
      return [finding("claim-of-gone-node", { ...details, seen, commands: deletePods(users, command, "--force") })];
    }
    const unpublished = results.find(isUnpublished);
    const waiting = users.filter(({ startedAt, ageMs }) => startedAt === undefined && ageMs >= PATIENCE_MS.controllers);
    if (waiting.length > 0 && unpublished !== undefined) {
      const seen = `it holds ${String(valueAt(unpublished, "device"))} of node ${String(valueAt(unpublished, "pool"))}, which publishes no such device`;
      return [finding("claim-of-gone-device", { ...details, seen, commands: deletePods(waiting, command) })];
    }
    return [];
  });
}

/** The finalizer of Kubernetes itself, which goes with the last pod of a claim. */
const OWN_FINALIZER = "resource.kubernetes.io/delete-protection";

function deletedClaims({ cluster: { observation, now }, command }: Examined): readonly Finding[] {
  return observation.objects.ResourceClaim.flatMap((claim): Finding[] => {
    const deletedMs = sinceMs(valueAt(claim, "metadata", "deletionTimestamp"), now);
    const foreign = listAt(claim, "metadata", "finalizers").filter((each) => each !== OWN_FINALIZER);
    if (!Number.isFinite(deletedMs) || deletedMs < PATIENCE_MS.deletion || foreign.length === 0) {
      return [];
    }
    const namespace = String(valueAt(claim, "metadata", "namespace"));
    const kept = listAt(claim, "metadata", "finalizers").filter((each) => each === OWN_FINALIZER);
    return [
      finding("claim-finalizer", {
        subject: `ResourceClaim ${namespace}/${nameOf(claim)}`,
        seen: `deleted ${minutesText(deletedMs)} ago, and kept by the finalizer ${foreign.join(", ")}`,
        commands: [
          command.kubectl(
            ...["-n", namespace, "patch", "resourceclaim", nameOf(claim), "--type", "merge"],
            ...["-p", JSON.stringify({ metadata: { finalizers: kept.length === 0 ? null : kept } })],
          ),
        ],
      }),
    ];
  });
}

/** On a node whose plugin is missing, pods that do not end are the consequence, and its finding names them. */
function terminatingPods({ cluster: { pods, nodeNames }, command }: Examined, whole: ReadonlySet<string>): readonly Finding[] {
  return pods
    .filter(
      ({ hasClaims, overdueMs, nodeName }) =>
        hasClaims && (overdueMs ?? 0) >= PATIENCE_MS.deletion && nodeName !== undefined && whole.has(nodeName) && nodeNames.has(nodeName),
    )
    .map((pod) => {
      const finalizers = listAt(pod.body, "metadata", "finalizers");
      const remove = command.kubectl(
        ...["-n", pod.namespace, "patch", "pod", pod.name, "--type", "merge", "-p", JSON.stringify({ metadata: { finalizers: null } })],
      );
      return finding("pod-terminating", {
        subject: `Pod ${podTitle(pod)}`,
        seen: `its grace was over ${minutesText(pod.overdueMs ?? 0)} ago${finalizers.length === 0 ? "" : `, and it has the finalizer ${finalizers.join(", ")}`}`,
        hurts: [podTitle(pod)],
        commands: finalizers.length === 0 ? deletePods([pod], command, "--force") : [remove],
      });
    });
}

/** Pods with a node and a claim that do not start. */
function startingPods(examined: Examined, whole: ReadonlySet<string>): readonly Finding[] {
  const { cluster, command } = examined;
  const stale = new Map<string, ObservedPod[]>();
  const refused: Finding[] = [];
  const events = refusals(cluster.observation.objects.Event);
  for (const pod of cluster.pods) {
    const { nodeName, waiting, hasClaims, overdueMs, startedAt } = pod;
    if (!hasClaims || nodeName === undefined || !whole.has(nodeName) || overdueMs !== undefined) {
      continue;
    }
    const message = events.get(podTitle(pod));
    if (waiting?.message.includes("unresolvable CDI devices") === true) {
      stale.set(nodeName, [...(stale.get(nodeName) ?? []), pod]);
    } else if (
      startedAt === undefined &&
      pod.phase === "Pending" &&
      pod.ageMs >= PATIENCE_MS.daemon &&
      message !== undefined &&
      !holdsGoneDevice(pod, examined)
    ) {
      refused.push(
        finding("prepare-refused", {
          subject: `Pod ${podTitle(pod)}`,
          seen: message,
          hurts: [podTitle(pod)],
          commands: [stop(pod, command)],
        }),
      );
    }
  }
  return [
    ...[...stale].map(([node, pods]) =>
      finding("cdi-stale", {
        subject: `node ${node}`,
        seen: `containers of ${String(pods.length)} pods wait with "unresolvable CDI devices"`,
        hurts: pods.map(podTitle),
        commands: [command.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data"), command.kubectl("uncordon", node)],
      }),
    ),
    ...refused,
  ];
}

/** What kubelets say of claims that they cannot have prepared, by pod. */
function refusals(events: readonly JsonObject[]): ReadonlyMap<string, string> {
  return new Map(
    events
      .filter((event) => valueAt(event, "reason") === "FailedPrepareDynamicResources")
      .map((event) => {
        const { namespace, name } = objectAt(event, "involvedObject");
        return [`${String(namespace)}/${String(name)}`, String(valueAt(event, "message"))];
      }),
  );
}

function holdsGoneDevice({ namespace, name }: ObservedPod, { cluster: { planned } }: Examined): boolean {
  const published = (pool: string, device: string) =>
    planned.state.slices.some(({ spec }) => spec.pool.name === pool && spec.devices.some((each) => each.name === device));
  return planned.claims.some(
    ({ claim, users }) =>
      claim.namespace === namespace &&
      users.includes(name) &&
      (claim.allocation?.devices ?? []).some(({ driver, pool, device }) => driver === DRIVER && !published(pool, device)),
  );
}
