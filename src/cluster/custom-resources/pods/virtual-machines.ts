/** Virtual machines of KubeVirt: each is a pod on a node with hardware virtualization. Source: kubevirt/kubevirt d923fdb (2026-08-22), `pkg/virt-controller/services` (read 2026-11-28). */
import { objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { podFieldsOf } from "./reading";
import type { ReadPods } from "./types";

/** Run strategies in which nothing runs until somebody starts it. */
const STOPPED: readonly unknown[] = ["Halted", "Manual"];

/** What the launcher, libvirt and QEMU need beside the memory of the machine, about (`GetMemoryOverhead`). */
const OVERHEAD_MIB = 250;

/** Every launcher asks for `/dev/kvm`, of which only nodes on bare metal have one. */
const DEVICES = { "devices.kubevirt.io/kvm": "1" };

const REMEDY = "KubeVirt's launcher has capabilities of its own, so a machine needs a namespace of level privileged. Run the work in a pod";

/** A machine by the keys of the spec of its instance, and of its number. */
export const machine =
  (instance: readonly string[], replicas: readonly string[] | undefined = undefined): ReadPods =>
  ({ body }, { count }) => {
    const spec = objectAt(body, ...instance);
    const stopped = valueAt(body, "spec", "running") === false || STOPPED.includes(valueAt(body, "spec", "runStrategy"));
    const number = replicas === undefined ? 1 : count(objectAt(body, ...replicas), "replicas", replicas.join("."), 1);
    const domain = objectAt(spec, "domain");
    const pod = {
      ...podFieldsOf(spec, ["volumes", "resources", "hostname", "subdomain", "containers"]),
      overhead: { memory: `${String(OVERHEAD_MIB)}Mi` },
      containers: [{ name: "compute", image: "of-the-virt-launcher", resources: { requests: requestsOf(domain), limits: DEVICES } }],
    };
    return { pods: [{ path: instance.join("."), role: "", spec: pod, count: stopped ? 0 : number, remedy: REMEDY }] };
  };

function requestsOf(domain: JsonObject): JsonObject {
  const memory = valueAt(domain, "memory", "guest");
  const requests = objectAt(domain, "resources", "requests");
  return { ...(memory === undefined ? {} : { memory }), ...requests, ...DEVICES };
}
