import { TIERS } from "../../../src/dra/tiers";
import { claimTemplate } from "../../../src/kubernetes/tiers/claim-templates";
import { inferenceService } from "../../../src/kubernetes/fashion-mnist/workloads";
import { ADMISSION_POLICIES } from "../../../src/kubernetes/admission/policies";
import { refusals } from "./refusals";
import { CLAIM_CASES, claimObjects } from "./claim-cases";
import { PLATFORM_CASES } from "./platform-cases";
import { POD_CASES, podRequests } from "./pod-cases";
import { SERVICE_CASES } from "./service-cases";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
}

interface PolicySpec {
  readonly failurePolicy: string;
  readonly matchConstraints: { readonly matchPolicy: string; readonly resourceRules: readonly Rule[] };
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly { readonly message: string; readonly reason: string }[];
}

const policies = ADMISSION_POLICIES.map(({ name, policy, binding }) => ({
  name,
  spec: policy.spec as PolicySpec,
  binding: binding.spec as object,
  names: [policy.metadata, binding.metadata],
}));

function expected(refusal: string | undefined): readonly unknown[] {
  return refusal === undefined ? [] : [expect.stringContaining(refusal)];
}

/** `CREATE, UPDATE: jobs.v1.batch`. */
function asked({ apiGroups, apiVersions, operations, resources }: Rule): string {
  const kinds = resources.flatMap((resource) =>
    apiVersions.flatMap((version) => apiGroups.map((group) => `${resource}.${version}${group === "" ? "" : `.${group}`}`)),
  );
  return `${operations.join(", ")}: ${kinds.join(", ")}`;
}

test("the API server asks each policy about these requests", () => {
  const requests = policies.map(({ name, spec }) => [name, spec.matchConstraints.resourceRules.map(asked)]);
  expect(Object.fromEntries(requests)).toEqual({
    "shared-gpu-claims": ["CREATE: resourceclaims.v1.resource.k8s.io"],
    "shared-gpu-claim-templates": ["CREATE: resourceclaimtemplates.v1.resource.k8s.io"],
    "shared-gpu-pods": ["CREATE, UPDATE: pods.v1"],
    "shared-gpu-pod-controllers": [
      "CREATE, UPDATE: deployments.v1.apps, statefulsets.v1.apps, daemonsets.v1.apps, replicasets.v1.apps",
      "CREATE, UPDATE: jobs.v1.batch",
      "CREATE, UPDATE: replicationcontrollers.v1",
    ],
    "shared-gpu-cron-jobs": ["CREATE, UPDATE: cronjobs.v1.batch"],
    "shared-gpu-pod-templates": ["CREATE, UPDATE: podtemplates.v1"],
    "shared-gpu-ephemeral-containers": ["UPDATE: pods/ephemeralcontainers.v1"],
    "shared-gpu-services": ["CREATE, UPDATE: services.v1"],
    "shared-gpu-system-pods": [
      "CONNECT: pods/exec.v1, pods/attach.v1, pods/portforward.v1, pods/proxy.v1",
      "UPDATE: pods/ephemeralcontainers.v1",
    ],
    "shared-gpu-node-proxy": ["CONNECT: nodes/proxy.v1"],
    "shared-gpu-namespaces": ["CREATE, UPDATE: namespaces.v1, namespaces/status.v1, namespaces/finalize.v1"],
    "shared-gpu-device-classes": ["CREATE, UPDATE: deviceclasses.v1.resource.k8s.io"],
  });
});

test("the messages are the recorded ones", () => {
  expect([...new Set(policies.flatMap(({ spec }) => spec.validations.map(({ message }) => message)))]).toMatchSnapshot();
});

test("an update is checked if it changes what the rules read", () => {
  const conditions = policies.flatMap(({ name, spec }) => (spec.matchConditions ?? []).map((condition) => [name, condition.name]));
  expect(conditions).toEqual(
    ["pods", "pod-controllers", "cron-jobs", "pod-templates", "services"].map((subject) => [`shared-gpu-${subject}`, "new-or-changed"]),
  );
});

describe.each(policies)("$name", ({ name, spec, binding, names }) => {
  test("has its name in policy and binding", () => {
    expect(names).toEqual([{ name }, { name }]);
  });

  test("fails closed, for every version of the API", () => {
    expect(spec).toMatchObject({ failurePolicy: "Fail", matchConstraints: { matchPolicy: "Equivalent" } });
    expect(binding).toMatchObject({ policyName: name, validationActions: ["Deny"] });
  });

  test("says that it is forbidden, in messages that an API server takes", () => {
    for (const { message, reason } of spec.validations) {
      expect({ message, reason }).toEqual({ message: expect.stringMatching(/^[^\n]{20,}$/) as unknown, reason: "Forbidden" });
    }
  });
});

test("claims, pods and Services are guarded by the label of teams, and what could take it off is guarded everywhere", () => {
  const scopes = policies.map(({ name, binding }) => [name, JSON.stringify(binding).includes('"shared-gpu/team"')]);
  expect(Object.fromEntries(scopes)).toEqual({
    "shared-gpu-claims": true,
    "shared-gpu-claim-templates": true,
    "shared-gpu-pods": true,
    "shared-gpu-pod-controllers": true,
    "shared-gpu-cron-jobs": true,
    "shared-gpu-pod-templates": true,
    "shared-gpu-ephemeral-containers": true,
    "shared-gpu-services": true,
    "shared-gpu-system-pods": false,
    "shared-gpu-node-proxy": false,
    "shared-gpu-namespaces": false,
    "shared-gpu-device-classes": false,
  });
});

describe.each(["shared-gpu-claims", "shared-gpu-claim-templates"])("%s", (policy) => {
  test.each(CLAIM_CASES.map((each) => [each.name, each] as const))("%s", (_, each) => {
    const { claim, template } = claimObjects(each);
    expect(refusals({ policy, object: policy === "shared-gpu-claims" ? claim : template })).toEqual(expected(each.refusal));
  });

  test("tells the tenant what to ask for instead", () => {
    const messages = policies.find(({ name }) => name === policy)?.spec.validations.map(({ message }) => message);
    for (const { className, templateName } of TIERS) {
      expect(messages?.join("\n")).toContain(`${className} (claim template ${templateName})`);
    }
  });
});

test.each(TIERS)("the platform's own template of the tier $name is admitted", (tier) => {
  expect(refusals({ policy: "shared-gpu-claim-templates", object: claimTemplate(tier, "mig-test") })).toEqual([]);
});

describe("pods and what makes them", () => {
  test.each(POD_CASES.map((each) => [each.name, each] as const))("%s", (_, each) => {
    for (const { kind, policy, object } of podRequests(each)) {
      expect({ kind, messages: refusals({ policy, object }) }).toEqual({ kind, messages: expected(each.refusal) });
    }
  });

  const [before] = POD_CASES.filter(({ refusal }) => refusal?.startsWith("NVIDIA_VISIBLE_DEVICES") === true);
  const [after] = POD_CASES.filter(({ refusal }) => refusal?.startsWith("annotations") === true);

  test("an object that is older than the admission policies can still lose its finalizers", () => {
    for (const { policy, object } of before === undefined ? [] : podRequests(before)) {
      const released = { ...object, metadata: { name: "case", namespace: "mig-test", finalizers: [] } };
      expect(refusals({ policy, operation: "UPDATE", object: released, oldObject: object })).toEqual([]);
    }
  });

  test("an update cannot bring in what a creation could not", () => {
    const old = podRequests({ spec: after?.spec ?? {} });
    for (const [index, { policy, object }] of (after === undefined ? [] : podRequests(after)).entries()) {
      expect(refusals({ policy, operation: "UPDATE", object, oldObject: old[index]?.object ?? {} })).toEqual(expected(after?.refusal));
    }
  });

  const bad = { containers: [{ name: "main", image: "x" }], runtimeClassName: "nvidia" };
  const older = podRequests({ spec: bad });

  test.each(older.map(({ kind, policy, object }) => [kind, policy, object] as const))(
    "a %s that is older than the admission policies can be updated where its pods stay as they are",
    (_, policy, oldObject) => {
      const metadata = { ...(oldObject as { readonly metadata: object }).metadata, labels: { touched: "yes" } };
      expect(refusals({ policy, operation: "UPDATE", object: { ...oldObject, metadata }, oldObject })).toEqual([]);
    },
  );

  test("an older Deployment can be scaled", () => {
    const deployment = (replicas: number) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {},
      spec: { replicas, template: { spec: bad } },
    });
    const request = { policy: "shared-gpu-pod-controllers", operation: "UPDATE", object: deployment(0), oldObject: deployment(1) } as const;
    expect(refusals(request)).toEqual([]);
  });

  test("only the scheduler gives a node's name, so no update of a controller does", () => {
    const deployment = (spec: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: {}, spec: { template: { spec } } });
    const containers = [{ name: "main", image: "x" }];
    const [object, oldObject] = [deployment({ containers, nodeName: "node" }), deployment({ containers })];
    expect(refusals({ policy: "shared-gpu-pod-controllers", operation: "UPDATE", object, oldObject })).toEqual([
      expect.stringContaining("nodeName bypasses the scheduler"),
    ]);
  });

  test("a pod that the scheduler has put on a node can be updated", () => {
    const running = { metadata: {}, spec: { containers: [{ name: "main", image: "a:1" }], nodeName: "node" } };
    const changed = { metadata: {}, spec: { containers: [{ name: "main", image: "a:2" }], nodeName: "node" } };
    expect(refusals({ policy: "shared-gpu-pods", operation: "UPDATE", object: changed, oldObject: running })).toEqual([]);
  });
});

describe("Services", () => {
  const policy = "shared-gpu-services";
  const service = (spec: object) => ({ apiVersion: "v1", kind: "Service", metadata: { name: "case", namespace: "mig-test" }, spec });

  test.each(SERVICE_CASES.map((each) => [each.name, each] as const))("%s", (_, { spec, refusal }) => {
    const [object, oldObject] = [service(spec), service({ ports: [] })];
    expect(refusals({ policy, object })).toEqual(expected(refusal));
    expect(refusals({ policy, operation: "UPDATE", object, oldObject })).toEqual(expected(refusal));
  });

  test("one that is older than the admission policies can still lose its finalizers", () => {
    const oldObject = service({ type: "LoadBalancer" });
    const object = { ...oldObject, metadata: { name: "case", namespace: "mig-test", finalizers: [] } };
    expect(refusals({ policy, operation: "UPDATE", object, oldObject })).toEqual([]);
  });

  test("the example workloads' own is admitted", () => {
    expect(refusals({ policy, object: inferenceService("mig-test") })).toEqual([]);
  });
});

describe("what is the platform's", () => {
  test.each(PLATFORM_CASES.map((each) => [each.name, each] as const))("%s", (_, each) => {
    const messages = refusals(each);
    expect(messages).toEqual(each.refusal === undefined ? [] : expect.arrayContaining(expected(each.refusal) as unknown[]));
  });

  test("pods that have every GPU of their node are closed in every namespace that has them", () => {
    const [systemPods] = policies.filter(({ name }) => name === "shared-gpu-system-pods");
    expect(systemPods?.binding).toMatchObject({
      matchResources: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: ["gpu-operator", "nvidia-dra-driver", "kube-system"] },
          ],
        },
      },
    });
  });
});
