/**
 * Spark applications. Sources: kubeflow/spark-operator `api/v1beta2/{sparkapplication_types,defaults}.go`, `internal/webhook` (38082f3, 2026-08-21);
 * apache/spark 3.5 `BasicDriverFeatureStep`, `BasicExecutorFeatureStep` (read 2026-11-28).
 */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { podFieldsOf } from "./reading";
import type { CustomPods, ReadPods } from "./types";

/** Memory that Spark adds to what the JVM gets: a share, and at least this many MiB (`spark.kubernetes.memoryOverheadFactor`, `MEMORY_OVERHEAD_MIN_MIB`). */
const OVERHEAD = { jvm: 0.1, other: 0.4, leastMiB: 384 };

const MIB_BY_UNIT: Readonly<Record<string, number>> = { k: 2 ** -10, m: 1, g: 2 ** 10, t: 2 ** 20 };

/** An application by the keys of its spec. */
export const spark =
  (...keys: readonly string[]): ReadPods =>
  ({ body }, context) => {
    const spec = objectAt(body, ...keys);
    const path = keys.join(".");
    const suspended = spec["suspend"] === true || valueAt(body, "spec", "suspend") === true;
    const dynamic = objectAt(spec, "dynamicAllocation");
    const executor = objectAt(spec, "executor");
    const at = `${path}.executor`;
    const fixed = context.count(executor, "instances", at, dynamic["enabled"] === true ? 0 : 1);
    const least = context.count(
      dynamic,
      "initialExecutors",
      `${path}.dynamicAllocation`,
      context.count(dynamic, "minExecutors", `${path}.dynamicAllocation`, 0),
    );
    const executors = dynamic["enabled"] === true ? Math.max(fixed, least) : fixed;
    const most = context.count(dynamic, "maxExecutors", `${path}.dynamicAllocation`, executors);
    return {
      pods: [part(spec, path, "driver", suspended ? 0 : 1), part(spec, path, "executor", suspended ? 0 : executors)],
      scales: dynamic["enabled"] === true && most > executors ? [{ role: "executor", most }] : [],
      ...(dynamic["enabled"] === true && dynamic["maxExecutors"] === undefined
        ? { unplaced: ["its executors depend on the load (dynamicAllocation), and nothing bounds them: set maxExecutors"] }
        : {}),
    };
  };

function part(spec: JsonObject, path: string, role: "driver" | "executor", count: number): CustomPods {
  const record = objectAt(spec, role);
  const template = objectAt(record, "template");
  const base = objectAt(template, "spec");
  const [first, ...others] = listAt(base, "containers");
  const main = isObject(first) ? first : {};
  const { env, envFrom, volumeMounts, lifecycle, securityContext } = record;
  const own = Object.fromEntries(
    Object.entries({ env, envFrom, volumeMounts, lifecycle, securityContext }).filter(([, value]) => value !== undefined),
  );
  const memory = `${String(memoryMiB(spec, record))}Mi`;
  const cores = textOf(record["coreRequest"] ?? record["cores"] ?? 1);
  const resources = objectAt(main, "resources");
  const limit = record["coreLimit"] === undefined ? {} : { cpu: record["coreLimit"] };
  const container = {
    ...main,
    ...own,
    name: main["name"] ?? `spark-kubernetes-${role}`,
    image: record["image"] ?? spec["image"] ?? main["image"] ?? "of-the-operator",
    resources: {
      ...resources,
      requests: { ...objectAt(resources, "requests"), cpu: cores, memory },
      limits: { ...objectAt(resources, "limits"), memory, ...limit },
    },
  };
  const { podSecurityContext, serviceAccount } = record;
  return {
    path: `${path}.${role}`,
    role,
    annotations: record["annotations"],
    count,
    written: [
      ["containers[0].securityContext", "securityContext"],
      ["securityContext.", "podSecurityContext."],
      ["containers[0].", ""],
    ],
    spec: {
      ...base,
      ...podFieldsOf(record, ["securityContext", "containers", "resources"]),
      ...(podSecurityContext === undefined ? {} : { securityContext: podSecurityContext }),
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      volumes: [...listAt(base, "volumes"), ...listAt(spec, "volumes")],
      restartPolicy: "Never",
      containers: [container, ...others, ...listAt(record, "sidecars")],
    },
  };
}

function memoryMiB(spec: JsonObject, record: JsonObject): number {
  const heap = readMiB(record["memory"]) ?? 1024;
  const isJvm = !["Python", "R"].includes(textOf(spec["type"]));
  const factor = Number(spec["memoryOverheadFactor"] ?? (isJvm ? OVERHEAD.jvm : OVERHEAD.other));
  return Math.ceil(heap + (readMiB(record["memoryOverhead"]) ?? Math.max(OVERHEAD.leastMiB, heap * factor)));
}

/** Spark's own notation of memory: `512m`, `8g`, without a unit MiB. */
function readMiB(value: unknown): number | undefined {
  const [, amount, unit = "m"] = /^(\d+)\s*([kmgt])?i?b?$/i.exec(textOf(value ?? "")) ?? [];
  return amount === undefined ? undefined : Number(amount) * (MIB_BY_UNIT[unit.toLowerCase()] ?? 1);
}
