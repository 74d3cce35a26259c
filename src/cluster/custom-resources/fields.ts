/** Fields that mean the same in the custom resources of all operators, and that nothing checks further on. */
import { isObject } from "../../dra/manifest/fields";
import { STATIC_POD_PREFIX, injectsDevices } from "../../well-known/device-requests";
import { childrenOf } from "./paths";
import type { Place } from "./paths";
import { MAX_LEVELS, isWholeObject, lastKey } from "./structure";
import type { CarriedPod, Unchecked } from "./types";

/** Services of these types open pods to networks beyond the cluster. */
const OPEN_SERVICES: readonly unknown[] = ["LoadBalancer", "NodePort", "ExternalName"];

/** By this annotation KubeVirt runs containers of any image beside a machine. */
const HOOKS = "hooks.kubevirt.io/hookSidecars";

/**
 * What a custom resource asks for by annotations of its pods, which many operators copy from the object itself, by the type of its Services and by a path of the
 * node. A pod and a whole object inside it are judged by policies of their own.
 * @param pods the pods that were read.
 */
export function refusedAnywhere(body: Readonly<Record<string, unknown>>, pods: readonly CarriedPod[]): readonly Unchecked[] {
  const judged = new Set(pods.flatMap(({ path }) => [`${path}.metadata`, `${path}.spec.volumes`, `${path}.volumes`]));
  const found: Unchecked[] = [];
  for (const [key, value] of Object.entries(body).filter(([name]) => name !== "status")) {
    visit({ path: key, value }, 0);
  }
  return found;

  function visit(at: Place, level: number): void {
    const { path, value } = at;
    if (level > MAX_LEVELS || judged.has(path) || (isObject(value) && isWholeObject(value))) {
      return;
    }
    const reason = reasonOf(lastKey(path), value);
    if (reason !== undefined) {
      found.push({ path, reason });
    }
    for (const child of childrenOf(at)) {
      visit(child, level + 1);
    }
  }
}

function reasonOf(key: string, value: unknown): string | undefined {
  if (/annotations$/i.test(key) && isObject(value) && Object.keys(value).some(givesPods)) {
    return "has an annotation that gives pods devices or containers which nothing checks. Remove it, and claim a slice";
  }
  if (/^type$|ServiceType$|^serviceType$/.test(key) && OPEN_SERVICES.includes(value)) {
    return `is ${String(value)}, which opens a Service to networks beyond the cluster. Use ClusterIP`;
  }
  if (key === "externalIPs" && Array.isArray(value) && value.length > 0) {
    return "takes traffic for addresses that are not the Service's. Remove it";
  }
  return key === "hostPath" && typeof value === "string" && value !== ""
    ? "is a directory of the node. Use a PersistentVolumeClaim"
    : undefined;
}

function givesPods(annotation: string): boolean {
  return injectsDevices(annotation) || annotation === HOOKS || annotation.startsWith(STATIC_POD_PREFIX);
}
