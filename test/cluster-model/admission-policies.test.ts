/** The admission policies of the stack in the simulation: what they refuse, where, and what of a policy is not understood. */
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { titleOf, toObject } from "../../src/cluster/objects";
import type { ClusterObject, JsonObject } from "../../src/cluster/objects";
import { defaultRelease, RELEASES } from "../../src/releases/find";
import { ADMISSION_POLICIES } from "../../src/kubernetes/admission/policies";

const VERSION = "admissionregistration.k8s.io/v1";

function ofStack(body: object): ClusterObject {
  return toObject(body as JsonObject, { type: "stack", urn: JSON.stringify(body) }, "default");
}

function ofManifest(body: object): ClusterObject {
  return toObject(body as JsonObject, { type: "manifest", file: "a.yaml", line: 1 }, "team");
}

const NAMESPACES = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "team", labels: { "shared-gpu/team": "team" } } },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } },
].map(ofStack);

const POLICIES = ADMISSION_POLICIES.flatMap(({ policy, binding }) => [
  ofStack({ apiVersion: VERSION, kind: "ValidatingAdmissionPolicy", ...policy }),
  ofStack({ apiVersion: VERSION, kind: "ValidatingAdmissionPolicyBinding", ...binding }),
]);

function judged(objects: readonly object[], stack: readonly ClusterObject[] = [...NAMESPACES, ...POLICIES], release = defaultRelease()) {
  const { problems, warnings } = judgeAndSimulate([], [], [...stack, ...objects.map(ofManifest)], release);
  return {
    problems: problems.map(({ message }) => message),
    warnings: warnings.map(({ object, message }) => `${titleOf(object)}: ${message}`),
  };
}

const service = (namespace: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s", namespace },
  spec: { type: "NodePort", ports: [{ port: 80 }] },
});
const pod = { containers: [{ name: "c", image: "i", env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }] }] };

test("an object in a team's namespace is refused in the words of the policy", () => {
  expect(judged([service("team")]).problems).toEqual([
    "ValidatingAdmissionPolicy shared-gpu-services: A team's Service must have the type ClusterIP. From outside the cluster, use kubectl port-forward",
  ]);
});

test("the policies for teams do not see other namespaces", () => {
  expect(judged([service("other")]).problems).toEqual([]);
});

test("what finds room in a quota because others are refused is asked about, too", () => {
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q" }, spec: { hard: { services: "1" } } };
  const services = ["a", "b", "c"].map((name) => ({ ...service("team"), metadata: { name, namespace: "team" } }));
  expect(judged([quota, ...services]).problems).toEqual(
    services.map(() => expect.stringContaining("A team's Service must have the type ClusterIP")),
  );
});

test("a claim template by selector alone is refused, as only the classes of the tiers are allowed", () => {
  const exactly = {
    deviceClassName: "mig.nvidia.com",
    selectors: [{ cel: { expression: "device.attributes['gpu.nvidia.com'].profile == '1g.5gb'" } }],
  };
  const template = {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name: "t" },
    spec: { spec: { devices: { requests: [{ name: "slice", exactly }] } } },
  };
  expect(judged([template]).problems).toEqual([expect.stringContaining("A claim can request these device classes only")]);
});

describe.each(RELEASES)("a field that Kubernetes $kubernetesVersion drops is no reason to refuse, and any other is", (release) => {
  const device = { deviceClassName: "mig-small.nvidia.com" };
  const fields = {
    tolerations: [{ operator: "Exists" }],
    capacity: { requests: { memory: "1Gi" } },
  };
  const requests = (field: keyof typeof fields) => ({
    exactly: { name: "slice", exactly: { ...device, [field]: fields[field] } },
    firstAvailable: { name: "slice", firstAvailable: [{ name: "first", ...device, [field]: fields[field] }] },
  });
  const spec = (request: object) => ({ devices: { requests: [request] } });

  test.each(["tolerations", "capacity"] as const)("%s", (field) => {
    const isDropped = release.kubernetes.claimApi.dropped.includes(field);
    for (const request of Object.values(requests(field))) {
      const claim = { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "c" }, spec: spec(request) };
      const template = { ...claim, kind: "ResourceClaimTemplate", spec: { spec: spec(request) } };
      for (const object of [claim, template]) {
        const byPolicy = judged([object], [...NAMESPACES, ...POLICIES], release).problems.filter((problem) =>
          problem.includes("AdmissionPolicy"),
        );
        expect(byPolicy).toEqual(isDropped ? [] : [expect.stringContaining(`Remove ${field}`)]);
      }
    }
  });
});

test.each([
  [
    "a Deployment",
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: pod } },
    },
  ],
  [
    "a custom resource",
    {
      apiVersion: "jobset.x-k8s.io/v1alpha2",
      kind: "JobSet",
      metadata: { name: "j" },
      spec: { replicatedJobs: [{ name: "w", template: { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } } }] },
    },
  ],
])("%s is refused for its pods", (_, object) => {
  expect(judged([object]).problems).toContainEqual(expect.stringContaining("Remove NVIDIA_VISIBLE_DEVICES and similar variables"));
});

test("a policy of which something is not understood is named, and refuses nothing", () => {
  const [services] = ADMISSION_POLICIES.filter(({ name }) => name === "shared-gpu-services");
  const policy = { ...services?.policy, spec: { ...services?.policy.spec, variables: [{ name: "v", expression: "1" }] } };
  const stack = [
    ...NAMESPACES,
    ofStack({ apiVersion: VERSION, kind: "ValidatingAdmissionPolicy", ...policy }),
    ofStack({ apiVersion: VERSION, kind: "ValidatingAdmissionPolicyBinding", ...services?.binding }),
  ];
  expect(judged([service("team")], stack)).toEqual({
    problems: [],
    warnings: ["ValidatingAdmissionPolicy shared-gpu-services: the rehearsal does not evaluate it: spec.variables is unknown here"],
  });
});

test("everything of the stack's own policies is understood", () => {
  expect(judged([]).warnings).toEqual([]);
});

test("a field that is null is one that is not there, as the API server has read it", () => {
  const containers = [{ name: "c", image: "i" }];
  const nulls = { initContainers: null, volumes: null, tolerations: null, nodeSelector: null, securityContext: null };
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", annotations: null }, spec: { containers, ...nulls } };
  expect(judged([object]).problems).toEqual([]);
});
