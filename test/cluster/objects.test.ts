/** A real API server takes every Kubernetes object of the stack, as it is, and takes it again without a change. */
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { startControlPlane } from "../harness/control-plane/start";
import type { KubernetesObject } from "../../src/live/api/api-server";
import { applyStack, stackObjects } from "../support/stack-objects";
import { STACK_CONFIGS } from "../support/stack-configs";
import { lost } from "../harness/api/stored";
import { waitFor } from "../../src/live/wait";

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ clientRate: "unlimited" });
  await applyStack(cluster.api, []);
});
afterAll(() => cluster.stop());

describe.each(Object.entries(STACK_CONFIGS))("%s", (_, config) => {
  let objects: readonly KubernetesObject[];
  beforeAll(async () => {
    objects = await stackObjects(config);
  });
  afterAll(() => remove(objects));

  test("every object is accepted as it is, without a warning, and nothing of it is lost", async () => {
    for (const object of objects) {
      const { status, body, warnings } = await cluster.api.tryApply(object);
      const failure = status >= 400 ? String(body.message) : undefined;
      expect({ object: titleOf(object), failure, warnings }).toEqual({ object: titleOf(object), warnings: [] });
      expect({ object: titleOf(object), lost: lost(asStored(object), body) }).toEqual({ object: titleOf(object), lost: [] });
    }
  });

  test("the same again changes nothing", async () => {
    for (const object of objects) {
      let seen = "";
      // Controllers write status meanwhile; what an apply itself changes it changes every time.
      await waitFor(
        `an apply of ${titleOf(object)} that changes nothing`,
        async () => {
          const before = await cluster.api.find(object);
          const after = await cluster.api.apply(object);
          seen = JSON.stringify({ before, after });
          return before?.metadata["resourceVersion"] === after.metadata["resourceVersion"];
        },
        { timeoutMs: 10_000, describe: () => Promise.resolve(seen) },
      );
    }
  });

  test("admission policies pass the server's type check", async () => {
    for (const policy of objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy")) {
      expect({ name: policy.metadata["name"], warnings: await typeWarnings(policy) }).toEqual({
        name: policy.metadata["name"],
        warnings: [],
      });
    }
  });
});

test("the type check would find a misspelt field", async () => {
  const [policy] = (await stackObjects({ fashionMnist: { type: "none" } })).filter(
    ({ metadata }) => metadata["name"] === "shared-gpu-claims",
  );
  const spec = JSON.parse(JSON.stringify(policy?.["spec"]).replaceAll(".devices.requests", ".devices.request")) as unknown;
  const misspelt = { ...(policy as KubernetesObject), metadata: { name: "misspelt" }, spec };
  await cluster.api.apply(misspelt);
  expect(await typeWarnings(misspelt)).toContainEqual(expect.stringContaining("undefined field 'request'"));
  await cluster.api.delete(misspelt);
});

/** What the server's type check has to say of a policy's expressions, once it is done. */
async function typeWarnings(policy: KubernetesObject): Promise<readonly string[]> {
  const path = await cluster.api.pathOf(policy);
  await waitFor(`the type check of ${titleOf(policy)}`, async () => {
    const { metadata, status } = await cluster.api.get(path);
    return status?.observedGeneration === metadata.generation;
  });
  const { expressionWarnings = [] } = (await cluster.api.get(path)).status.typeChecking as {
    readonly expressionWarnings?: readonly { readonly warning: string }[];
  };
  return expressionWarnings.map(({ warning }) => warning);
}

function titleOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${[metadata["namespace"], metadata["name"]].filter((part) => part !== undefined).join("/")}`;
}

/** `stringData` of a Secret is for writing only: it is stored in `data`. */
function asStored(object: KubernetesObject): unknown {
  const { stringData, ...rest } = object;
  if (stringData === undefined) {
    return rest;
  }
  const data = Object.entries(stringData as Readonly<Record<string, string>>).map(([key, text]) => [
    key,
    Buffer.from(text).toString("base64"),
  ]);
  return { ...rest, data: Object.fromEntries(data) as unknown };
}

/** All but namespaces, which take long to go and are the same everywhere. The next configuration has other immutable specs under the same names. */
async function remove(objects: readonly KubernetesObject[]): Promise<void> {
  const removed = objects.filter(({ kind }) => kind !== "Namespace").reverse();
  for (const object of removed) {
    await cluster.api.delete(object);
  }
  for (const object of removed) {
    await waitFor(`the end of ${titleOf(object)}`, async () => (await cluster.api.find(object)) === undefined);
  }
}
