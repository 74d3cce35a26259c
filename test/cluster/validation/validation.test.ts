/**
 * What the rehearsal says of an object held against what an API server says: random changes of objects of every kind that users write.
 *
 * A gate needs the same changes every time, so the seed is fixed. To explore others:
 *
 *     SHARED_GPU_TEST_SEED=7 VALIDATION_CHANGES=50000 npm run test:cluster -- validation
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { podSecurityProblems } from "../../../src/cluster/judgement/pod-security";
import { serviceAddressProblems } from "../../../src/cluster/judgement/service-addresses";
import { toObject } from "../../../src/cluster/objects";
import { validationProblems } from "../../../src/cluster/judgement/validation/validate";
import { servedApi } from "../../../src/releases/api/find";
import { defaultRelease } from "../../../src/releases/find";
import { testedRelease } from "../../support/tested-release";
import { readServedApi } from "../../harness/api/served-api";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import type { Answer } from "../../../src/live/api/connection";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { waitFor } from "../../../src/live/wait";
import { SEED } from "../../support/seeds/seed";
import { testUnless } from "../skipped";
import { KNOWN_DIFFERENCES } from "./known-differences";
import { mutate, mutations } from "./mutations";
import { securityChanges } from "./security-changes";
import { servedKind } from "../../../src/cluster/judgement/validation/served";

const CHANGES = Number(process.env["VALIDATION_CHANGES"] ?? 3_000);
/** Requests on their way at one time. */
const CONCURRENCY = 24;
const SHOWN = 20;

const release = testedRelease();
const api = servedApi(release);
const objectsIn = (file: string) =>
  parseAllDocuments(readFileSync(join(__dirname, file), "utf8")).map((document) => document.toJS() as KubernetesObject);
const objects = objectsIn("objects.yaml");

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ clientRate: "unlimited" });
  await waitFor("the default service account", async () => {
    const { status } = await cluster.api.request("GET", "/api/v1/namespaces/default/serviceaccounts/default");
    return status === 200;
  });
});
afterAll(() => cluster.stop());

test("the data of the release is what this API server serves", async () => {
  expect(await readServedApi(cluster.api)).toEqual(api);
});

test.each(objects.map((object): [string, KubernetesObject] => [`${object.kind} ${String(object.metadata["name"])}`, object]))(
  "%s is accepted by both as it stands",
  async (_, object) => {
    const { status, body } = await send(object);
    expect({ ours: validationProblems(object, api, release.kubernetes), theirs: status < 400 ? "accepted" : String(body.message) }).toEqual(
      {
        ours: [],
        theirs: "accepted",
      },
    );
  },
);

const SYSCTLS = [
  ...["net.core.somaxconn", "net/ipv4/conf/eth0.1/forwarding", "net", "netx.a", "kernel.shm_rmid_forced", "kernel.shmx", "kernel.sem"],
  ...["kernel/msgmax", "fs.mqueue.msg_max", "fs.mqueue", "vm.swappiness"],
];

test.each(["hostNetwork", "hostIPC"])("both say the same of sysctls of a pod with %s", async (shared) => {
  for (const name of SYSCTLS) {
    const spec = { [shared]: true, containers: [{ name: "a", image: "a" }], securityContext: { sysctls: [{ name, value: "0" }] } };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "sysctl", namespace: "default" }, spec };
    const { status } = await send(pod);
    const isRefused = validationProblems(pod, api, release.kubernetes).length > 0;
    expect([name, isRefused]).toEqual([name, status >= 400]);
  }
});

const ADMISSION = "admissionregistration.k8s.io/v1";
const WEBHOOK = {
  ...{
    name: "a.example.com",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    rules: [],
    clientConfig: { url: "https://example.com/a" },
  },
};
/** Kinds that are not among the objects to change: cluster-wide ones, and those whose metadata the API server checks by other rules. */
const OTHER_KINDS: readonly KubernetesObject[] = [
  { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "a" }, handler: "a" },
  { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "a" }, provisioner: "example.com/a" },
  { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "a" }, spec: {} },
  { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "a" }, spec: { controller: "example.com/a" } },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "a" }, rules: [] },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } },
  {
    ...{ apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicy", metadata: { name: "a" } },
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }] },
      validations: [{ expression: "true" }],
    },
  },
  {
    ...{ apiVersion: ADMISSION, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "a" } },
    spec: { policyName: "a", validationActions: ["Deny"] },
  },
  { apiVersion: ADMISSION, kind: "ValidatingWebhookConfiguration", metadata: { name: "a" }, webhooks: [WEBHOOK] },
  { apiVersion: ADMISSION, kind: "MutatingWebhookConfiguration", metadata: { name: "a" }, webhooks: [WEBHOOK] },
  {
    ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "as.example.com" } },
    spec: {
      ...{ group: "example.com", scope: "Namespaced", names: { plural: "as", kind: "A" } },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  },
  {
    ...{ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.example.com" } },
    spec: {
      group: "example.com",
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 1,
      service: { namespace: "default", name: "a" },
    },
  },
];

const kinds = [...new Map([...objects, ...OTHER_KINDS].map((object) => [object.kind, object])).values()];

test.each(kinds.map((object): [string, KubernetesObject] => [object.kind, object]))(
  "both say the same of finalizers of a %s",
  async (_, object) => {
    for (const finalizer of ["plain", "example.com/finalizer", "orphan", "a b"]) {
      const changed = { ...object, metadata: { ...object.metadata, finalizers: [finalizer] } };
      const { status, body } = await send(changed);
      const isRefused = validationProblems(changed, api, release.kubernetes).length > 0;
      expect([finalizer, isRefused ? "refused" : "accepted", body.message]).toEqual([
        finalizer,
        status < 400 ? "accepted" : "refused",
        body.message,
      ]);
    }
  },
);

const otherVersion = release === defaultRelease() ? undefined : "their fields are those of the default version";

testUnless(otherVersion, "both say the same of objects that are written by hand", async () => {
  const counts: Counts = { accepted: 0, refused: 0, known: 0, elsewhere: 0 };
  const differences: string[] = [];
  for (const object of objectsIn("hand-written.yaml")) {
    differences.push(...(await differencesOn(object, counts)));
  }
  expect(differences).toEqual([]);
  expect(counts.accepted).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(200);
});

test(
  `both say the same of ${String(CHANGES)} changed objects of seed ${String(SEED)}`,
  async () => {
    const drawn = fc.sample(fc.tuple(fc.constantFrom(...objects), mutations), { seed: SEED, numRuns: CHANGES });
    const differences: string[] = [];
    const counts: Counts = { accepted: 0, refused: 0, known: 0, elsewhere: 0 };
    await inParallel(drawn, async ([object, changes]) => {
      const changed = mutate(object, changes, api, typeOf(object)) as KubernetesObject;
      const found = await differencesOn(changed, counts);
      differences.push(...found.map((difference) => `${difference}\n  ${JSON.stringify(changes)}`));
    });
    process.stdout.write(`validation: ${JSON.stringify({ ...counts, unknownDifferences: differences.length })}\n`);
    expect(counts.accepted).toBeGreaterThan(CHANGES / 5);
    expect(counts.refused).toBeGreaterThan(CHANGES / 5);
    expect(differences.slice(0, SHOWN)).toEqual([]);
  },
  120_000 + CHANGES * 20,
);

test(
  "both say the same of pods in namespaces of the Pod Security levels",
  async () => {
    const levels = ["baseline", "restricted"] as const;
    for (const level of levels) {
      await cluster.api.create({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: level, labels: { "pod-security.kubernetes.io/enforce": level } },
      });
      await waitFor(`the service account of ${level}`, async () => {
        const { status } = await cluster.api.request("GET", `/api/v1/namespaces/${level}/serviceaccounts/default`);
        return status === 200;
      });
    }
    const drawn = fc.sample(fc.tuple(fc.constantFrom(...levels), securityChanges), { seed: SEED, numRuns: CHANGES / 3 });
    const differences: string[] = [];
    const counts = { accepted: 0, refused: 0 };
    await inParallel(drawn, async ([level, pod]) => {
      const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", ...pod.metadata }, spec: pod.spec };
      const invalid = validationProblems(object, api, release.kubernetes);
      const ours =
        invalid.length > 0 ? invalid : podSecurityProblems(level, release.kubernetes, pod.spec, "spec", pod.metadata.annotations);
      const { status, body } = await send(object, level);
      counts[status < 400 ? "accepted" : "refused"]++;
      if (status < 400 !== (ours.length === 0)) {
        differences.push(
          `${level}: ${status < 400 ? `only ours: ${ours.join("; ")}` : `only theirs: ${String(body.message)}`}\n  ${JSON.stringify(pod)}`,
        );
      }
    });
    process.stdout.write(`pod security: ${JSON.stringify({ ...counts, differences: differences.length })}\n`);
    expect(counts.accepted).toBeGreaterThan(CHANGES / 100);
    expect(differences.slice(0, SHOWN)).toEqual([]);
  },
  120_000 + CHANGES * 20,
);

interface Counts {
  accepted: number;
  refused: number;
  known: number;
  /** What the API server refuses because of other objects. */
  elsewhere: number;
}

/** What one of the two refuses and the other does not, unless that is known. */
async function differencesOn(object: KubernetesObject, counts: Counts): Promise<readonly string[]> {
  const addresses = serviceAddressProblems([toObject(object, { type: "manifest", file: "", line: 1 }, "default")]);
  const ours = [...validationProblems(object, api, release.kubernetes), ...addresses.map(({ message }) => message)];
  const answer = await sendTwice(object);
  const theirs =
    answer === undefined ? "the API server ends the connection" : answer.status < 400 ? undefined : String(answer.body.message);
  if (answer !== undefined && isOfAdmission(answer)) {
    counts.elsewhere++;
    return [];
  }
  counts[theirs === undefined ? "accepted" : "refused"]++;
  if ((theirs === undefined) === (ours.length === 0)) {
    return [];
  }
  const difference = `${object.kind}: ${theirs === undefined ? `only ours: ${ours.join("; ")}` : `only theirs: ${theirs}`}`;
  if (KNOWN_DIFFERENCES.some(({ pattern }) => pattern.test(difference))) {
    counts.known++;
    return [];
  }
  return [`${difference}\n  ${JSON.stringify(object)}`];
}

function typeOf({ apiVersion, kind }: KubernetesObject): string {
  const served = servedKind(api, apiVersion, kind);
  if (served === undefined) {
    throw new Error(`${apiVersion} ${kind} is not served`);
  }
  return served.type;
}

/** Asks the API server to check an object as kubectl does, without storing it. */
function send(object: KubernetesObject, namespace = "default"): Promise<Answer> {
  const served = servedKind(api, object.apiVersion, object.kind);
  const root = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const collection = served?.scope === "Cluster" ? String(served.resource) : `namespaces/${namespace}/${String(served?.resource)}`;
  return cluster.api.request("POST", `${root}/${collection}?dryRun=All&fieldValidation=Strict`, {
    contentType: "application/json",
    content: object,
  });
}

/** @returns undefined if the connection ends both times: Kubernetes 1.34.4 panics at an Indexed Job with maxFailedIndexes and without completions. */
async function sendTwice(object: KubernetesObject): Promise<Answer | undefined> {
  try {
    return await send(object);
  } catch {
    return send(object).catch(() => undefined);
  }
}

/** Whether an answer depends on other objects (service accounts, classes), or on the namespace of the request, none of which is a rule of the object. */
function isOfAdmission({ status, body }: Answer): boolean {
  return status === 403 || status === 409 || /does not match the namespace sent on the request/.test(String(body.message));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) {
        await work(item);
      }
    }),
  );
}
