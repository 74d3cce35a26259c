/** What the readers of this folder share. */
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";

/** The fields of a PodSpec. Controllers that have a pod's fields beside their own copy these. Source: `k8s.io/api/core/v1` of Kubernetes 1.34. */
const POD_FIELDS: readonly string[] = [
  ...["volumes", "initContainers", "containers", "restartPolicy", "terminationGracePeriodSeconds", "activeDeadlineSeconds", "dnsPolicy"],
  ...["nodeSelector", "serviceAccountName", "automountServiceAccountToken", "nodeName", "hostNetwork", "hostPID", "hostIPC", "hostUsers"],
  ...["shareProcessNamespace", "securityContext", "imagePullSecrets", "hostname", "subdomain", "affinity", "schedulerName", "tolerations"],
  ...["hostAliases", "priorityClassName", "priority", "dnsConfig", "readinessGates", "runtimeClassName", "enableServiceLinks"],
  ...["preemptionPolicy", "overhead", "topologySpreadConstraints", "schedulingGates", "resourceClaims", "resources"],
];

/** The fields of a container. Source: the same. */
const CONTAINER_FIELDS: readonly string[] = [
  ...["name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy", "restartPolicy"],
  ...["volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "terminationMessagePath"],
  ...["terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty"],
];

/** The fields of a pod in a record that has others too. @param except those that mean something else there. */
export function podFieldsOf(record: unknown, except: readonly string[] = []): JsonObject {
  return picked(record, POD_FIELDS, except);
}

/** The container in a record that has other fields too. */
export function containerFieldsOf(record: unknown, except: readonly string[] = []): JsonObject {
  return picked(record, CONTAINER_FIELDS, except);
}

function picked(record: unknown, fields: readonly string[], except: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(isObject(record) ? record : {}).filter(
      ([key, value]) => fields.includes(key) && !except.includes(key) && value !== null,
    ),
  );
}

export function entriesOf(record: unknown, key: string, path: string): readonly { readonly entry: JsonObject; readonly path: string }[] {
  return listAt(record, key).map((entry, index) => ({ entry: isObject(entry) ? entry : {}, path: `${path}.${key}[${String(index)}]` }));
}

/** The name of an entry of a list; its position where it has none. */
export function nameOf(entry: JsonObject, key: string, index: number): string {
  const name = entry[key];
  return typeof name === "string" && name !== "" ? name : String(index);
}

/** What a PodTemplate says of its pods. @param path of the template. */
export function ofTemplate(template: unknown, path: string) {
  const { labels, annotations } = objectAt(template, "metadata");
  return { path: `${path}.spec`, spec: valueAt(template, "spec"), annotations, labels };
}

/** A record over another: of fields that both have the first counts, and records in them are merged. Lists are not. */
export function over(own: JsonObject, base: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const other = base[key];
    merged[key] = isObject(value) && isObject(other) ? over(value, other) : (value ?? other);
  }
  return merged;
}

/** The label by which Kueue starts a workload when its queue has room. Until then the workload is suspended. Source: kubernetes-sigs/kueue v0.14, `pkg/controller/constants`. */
export const QUEUE_LABEL = "kueue.x-k8s.io/queue-name";

/** Whether somebody has stopped a workload. Kueue suspends what it is to start. */
export function isSuspended(body: JsonObject, ...flags: readonly unknown[]): boolean {
  return flags.includes(true) && objectAt(body, "metadata", "labels")[QUEUE_LABEL] === undefined;
}

/** The spec of a pod with a strategic merge patch of it: containers are merged by name, other lists add up. */
export function patchedPod(spec: JsonObject, patch: JsonObject): JsonObject {
  const nameIn = (container: unknown) => valueAt(container, "name");
  const known = listAt(spec, "containers");
  const added = listAt(patch, "containers").filter((each) => !known.some((container) => nameIn(container) === nameIn(each)));
  const merged = known.map((container) => {
    const own = listAt(patch, "containers").find((each) => nameIn(each) === nameIn(container));
    return isObject(own) && isObject(container)
      ? { ...over(own, container), env: [...listAt(container, "env"), ...listAt(own, "env")] }
      : container;
  });
  const lists = ["tolerations", "volumes", "resourceClaims", "imagePullSecrets", "schedulingGates"].flatMap((key) => {
    const all = [...listAt(spec, key), ...listAt(patch, key)];
    return all.length === 0 ? [] : [[key, all]];
  });
  return { ...over(patch, spec), ...(Object.fromEntries(lists) as JsonObject), containers: [...merged, ...added] };
}
