/**
 * What a real API server lets nobody change of the stack's objects, and that `pulumi up` replaces the object then instead of failing: the program says so
 * (`replaceOnChanges`), or Pulumi's Kubernetes provider knows it, or the object's name changes with its content.
 */
import type { RecordedResource } from "../support/program";
import { runProgram } from "../support/program";
import type { Answer, KubernetesObject } from "../../src/live/api/api-server";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { startControlPlane } from "../harness/control-plane/start";
import type { RegisteredObject } from "../support/stack-objects";
import { applyStack, registeredObjects } from "../support/stack-objects";

/** Fields whose change replaces the object by itself. Source: pulumi/pulumi-kubernetes 4.25, provider/pkg/provider/diff.go. */
const REPLACED_BY_PROVIDER: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["data", "binaryData"],
  ClusterRoleBinding: ["roleRef"],
  Deployment: ["spec.selector"],
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  RoleBinding: ["roleRef"],
  Secret: ["type"],
  Service: ["spec.clusterIP"],
  StorageClass: ["parameters", "provisioner"],
};

/** Other legal values of fields that have few. */
const OTHER: Readonly<Record<string, string>> = {
  Delete: "Retain",
  WaitForFirstConsumer: "Immediate",
  ReadWriteOnce: "ReadWriteMany",
  Never: "OnFailure",
  Recreate: "RollingUpdate",
};

const workloads = { type: "deployed", team: "mig-test", colocate: true, checkpoints: { type: "shared", sizeGiB: 10 } };
const teams = [{ name: "mig-test", group: "testers", slices: { small: 4, medium: 2, large: 2 } }];

let cluster: ControlPlane;
let registered: readonly RegisteredObject[];
beforeAll(async () => {
  cluster = await startControlPlane({ clientRate: "unlimited" });
  registered = registeredObjects(await runProgram({ config: { fashionMnist: workloads, teams } }));
  await applyStack(
    cluster.api,
    registered.map(({ object }) => object),
  );
});
afterAll(() => cluster.stop());

test("what cannot be changed is replaced", async () => {
  const found: string[] = [];
  const unforeseen: string[] = [];
  for (const { object, resource } of registered) {
    for (const path of leavesOf(object)) {
      const answer = await cluster.api.tryApply(changedAt(object, path), { dryRun: true });
      if (isImmutable(answer)) {
        const title = `${object.kind} ${String(object.metadata["name"])}: ${path.join(".")}`;
        found.push(title);
        if (!isReplaced(object, resource, path)) {
          unforeseen.push(`${title}: ${String(answer.body.message)}`);
        }
      }
    }
  }
  expect(unforeseen).toEqual([]);
  const kinds = new Set(found.map((title) => title.split(" ")[0]));
  for (const kind of [
    "ConfigMap",
    "Job",
    "ResourceClaim",
    "ResourceClaimTemplate",
    "StorageClass",
    "RoleBinding",
    "PersistentVolumeClaim",
    "Deployment",
  ]) {
    expect(kinds).toContain(kind);
  }
});

test("what is replaced under a name of its own goes first, and what has its content's name comes first", () => {
  for (const { object, resource } of registered.filter((each) => each.resource.options.replaceOnChanges.length > 0)) {
    expect([object.kind, resource.options.deleteBeforeReplace]).toEqual([object.kind, true]);
  }
  for (const { object } of registered.filter((each) => each.object["immutable"] === true)) {
    expect(object.metadata["name"]).toMatch(/-[0-9a-f]{8}$/);
  }
});

type Path = readonly (string | number)[];

/** Paths of every number, text and truth value besides metadata. */
function leavesOf(object: KubernetesObject): readonly Path[] {
  const below = (value: unknown, path: Path): readonly Path[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, item]) => below(item, [...path, Array.isArray(value) ? Number(key) : key]))
      : [path];
  return below(object, []).filter(([first]) => !["apiVersion", "kind", "metadata"].includes(String(first)));
}

function changedAt(object: KubernetesObject, path: Path): KubernetesObject {
  const copy = structuredClone(object) as Record<string | number, unknown>;
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string | number, unknown>, copy);
  const last = path.at(-1) ?? "";
  parent[last] = other(parent[last]);
  return copy as KubernetesObject;
}

function other(value: unknown): unknown {
  switch (typeof value) {
    case "boolean":
      return !value;
    case "number":
      return value + 1;
    default:
      return OTHER[String(value)] ?? (/^\d+(Gi|Mi)?$/.test(String(value)) ? `1${String(value)}` : `${String(value)}x`);
  }
}

function isImmutable({ status, body }: Answer): boolean {
  return status === 422 && /immutable|updates? to .* (is|are) forbidden|may not change|cannot change/i.test(String(body.message));
}

function isReplaced({ kind, metadata }: KubernetesObject, { options }: RecordedResource, path: Path): boolean {
  const text = path.join(".");
  // A claim that is bound can grow; this one waits for its first pod.
  const grows = kind === "PersistentVolumeClaim" && text.startsWith("spec.resources.");
  const hasNameOfContent = kind === "ConfigMap" && /-[0-9a-f]{8}$/.test(String(metadata["name"]));
  return (
    grows ||
    hasNameOfContent ||
    [...options.replaceOnChanges, ...(REPLACED_BY_PROVIDER[kind] ?? [])].some((field) => text === field || text.startsWith(`${field}.`))
  );
}
