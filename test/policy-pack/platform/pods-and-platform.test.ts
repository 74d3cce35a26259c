/** What the corpus cannot say: values that are not known yet, where an object comes from, and what no policy may do. */
import fc from "fast-check";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { forbidGpuFromSlices } from "../../../policy-pack/claims/forbid-gpu-from-slices";
import { reservePlatformObjects } from "../../../policy-pack/platform/reserve-platform-objects";
import { loadPolicyFiles } from "../../../policy-pack/policy-files";
import { UNKNOWN, violations } from "../verdict";
import type { Origin } from "../verdict";

type Manifest = Readonly<Record<string, unknown>>;

const POLICIES = loadPolicyFiles()
  .filter(({ file }) => /^(claims|pods|platform)\//.test(file))
  .flatMap(({ policies }) => policies)
  .filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);

const all = (manifest: Manifest, origin: Origin = {}, type?: string) =>
  POLICIES.flatMap((policy) => violations(policy, manifest, {}, type, origin));

const pod = (spec: object, metadata: object = { name: "pod", namespace: "team-a" }): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec: { containers: [{ name: "main", image: "x" }], ...spec },
});

const CLAIMED = {
  resourceClaims: [{ name: "slice", resourceClaimTemplateName: "mig-small-template" }],
  tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
};
const service = (spec: unknown, metadata: object = { name: "web", namespace: "team-a" }): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec,
});
const main = (fields: object) => ({ containers: [{ name: "main", image: "x", ...fields }] });

const PLATFORM: Origin = { urn: "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:GpuOperator$kubernetes:core/v1:Pod::x" };

describe("Should pass if", () => {
  test.each<[string, Manifest]>([
    ["an image", pod({ ...CLAIMED, ...main({ image: UNKNOWN, resources: { claims: [{ name: "slice" }] } }) })],
    ["a variable's value", pod(main({ env: [{ name: "ADDRESS", value: UNKNOWN }] }))],
    ["a ConfigMap's name", pod({ volumes: [{ name: "v", configMap: { name: UNKNOWN } }] })],
    ["a label", pod({}, { name: "x", namespace: "team-a", labels: { app: UNKNOWN } })],
    ["a memory limit", pod(main({ resources: { limits: { memory: UNKNOWN } } }))],
    ["the object's name", pod({}, { name: UNKNOWN, namespace: "team-a" })],
    [
      "the name of a claim template",
      pod({
        ...CLAIMED,
        resourceClaims: [{ name: "slice", resourceClaimTemplateName: UNKNOWN }],
        ...main({ resources: { claims: [{ name: "slice" }] } }),
      }),
    ],
    ["a Service's selector", service({ selector: { app: UNKNOWN }, ports: [{ port: UNKNOWN }] })],
    ["a Secret's data", { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "team-a" }, stringData: { a: UNKNOWN } }],
  ])("%s is not known at preview, which decides nothing", (_, manifest) => {
    expect(all(manifest)).toEqual([]);
  });

  test("the platform's own agents are privileged in its own namespaces", () => {
    const agent = pod({ hostPID: true, tolerations: [{ operator: "Exists" }] }, { name: "x", namespace: "gpu-operator" });
    expect(all(agent, PLATFORM)).toEqual([]);
    expect(all(agent)).not.toEqual([]);
  });

  test("the platform's own Service in its own namespace leads out", () => {
    const open = service({ type: "LoadBalancer" }, { name: "x", namespace: "monitoring" });
    expect(all(open, PLATFORM)).toEqual([]);
    expect(all(open)).not.toEqual([]);
    expect(all(service({ type: "LoadBalancer" }), PLATFORM)).not.toEqual([]);
  });

  test("another project is said to be the platform's", () => {
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q", namespace: "team-a" }, spec: {} };
    const urn = "urn:pulumi:dev::gpus::shared-gpu:kubernetes:Teams$kubernetes:core/v1:ResourceQuota::q";
    expect(violations(reservePlatformObjects, quota, {}, undefined, { urn })).not.toEqual([]);
    expect(violations(reservePlatformObjects, quota, { platformProjects: ["gpus"] }, undefined, { urn })).toEqual([]);
  });

  test("the largest share is raised to a whole GPU", () => {
    const claim = {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: { name: "c" },
      spec: { devices: { requests: [{ name: "a", exactly: { deviceClassName: "mig-small.nvidia.com", count: 7 } }] } },
    };
    const config = { gpuModels: ["A100-SXM4-40GB"] };
    expect(violations(forbidGpuFromSlices, claim, config)).toEqual([
      expect.stringContaining("7 of 7 compute slices and 7 of 8 memory slices of one A100-SXM4-40GB"),
    ]);
    expect(violations(forbidGpuFromSlices, claim, { ...config, largestShare: 1 })).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, Manifest, string]>([
    ["the spec", { ...pod({}), spec: UNKNOWN }, "spec"],
    ["the containers", pod({ containers: UNKNOWN }), "spec.containers"],
    ["the tolerations", pod({ tolerations: UNKNOWN }), "tolerations"],
    ["a toleration's key", pod({ tolerations: [{ key: UNKNOWN, operator: "Exists" }] }), "tolerations"],
    ["the variables", pod(main({ env: UNKNOWN })), "env"],
    ["a variable's name", pod(main({ env: [{ name: UNKNOWN, value: "all" }] })), "env[0].name"],
    ["the visible devices", pod(main({ env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: UNKNOWN }] })), "NVIDIA_VISIBLE_DEVICES"],
    ["the limits", pod(main({ resources: { limits: UNKNOWN } })), "resources.limits"],
    ["whether it is privileged", pod(main({ securityContext: { privileged: UNKNOWN } })), "privileged"],
    ["the capabilities", pod(main({ securityContext: { capabilities: { add: UNKNOWN } } })), "capabilities.add"],
    ["the volumes", pod({ volumes: UNKNOWN }), "volumes"],
    ["the runtime class", pod({ runtimeClassName: UNKNOWN }), "runtimeClassName"],
    ["the annotations", pod({}, { name: "x", namespace: "team-a", annotations: UNKNOWN }), "annotations"],
    ["the node's name", pod({ nodeName: UNKNOWN }), "nodeName"],
    ["a mount's path", pod(main({ volumeMounts: [{ name: "v", mountPath: UNKNOWN }] })), "mountPath"],
    ["the namespace", pod({}, { name: "x", namespace: UNKNOWN }), "metadata.namespace"],
    ["a Service's spec", service(UNKNOWN), "spec"],
    ["a Service's type", service({ type: UNKNOWN }), "spec.type"],
    ["a Service's external addresses", service({ externalIPs: UNKNOWN }), "spec.externalIPs"],
    ["one of its external addresses", service({ externalIPs: [UNKNOWN] }), "spec.externalIPs[0]"],
    ["the items of a list", { apiVersion: "v1", kind: "PodList", items: UNKNOWN }, "items."],
    [
      "the verbs of a role",
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "r", namespace: "team-a" },
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: UNKNOWN }],
      },
      "rules[0].verbs",
    ],
  ])("%s cannot be known at preview", (_, manifest, words) => {
    expect(all(manifest).join("\n")).toContain(words);
  });

  test("the type of the resource says one thing and its content another", () => {
    const hidden = pod({ hostPID: true });
    expect(all(hidden, {}, "kubernetes:core/v1:ConfigMap").join()).toContain("hostPID");
    const declared = { ...hidden, apiVersion: "v1", kind: "ConfigMap" };
    expect(all(declared, {}, "kubernetes:core/v1:Pod").join()).toContain("hostPID");
  });

  test("the namespace of the platform is the provider's default", () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: {} };
    expect(all(map, { providerProps: { namespace: "gpu-operator" } }).join()).toContain("namespace of the platform");
    expect(all(map, { providerProps: { namespace: "team-a" } })).toEqual([]);
  });

  test.each([
    ["another project", "urn:pulumi:dev::team-a::shared-gpu:kubernetes:Teams$kubernetes:core/v1:Namespace::n"],
    ["no component of the platform", "urn:pulumi:dev::shared-gpu::kubernetes:core/v1:Namespace::n"],
    ["a component of somebody's", "urn:pulumi:dev::shared-gpu::team:index:Thing$kubernetes:core/v1:Namespace::n"],
  ])("%s makes what is the platform's", (_, urn) => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
    expect(violations(reservePlatformObjects, namespace, {}, undefined, { urn })).not.toEqual([]);
  });
});

describe("Whatever arrives", () => {
  const kind = fc.constantFrom(
    "Pod",
    "Deployment",
    "CronJob",
    "PodList",
    "Role",
    "RoleBinding",
    "PersistentVolume",
    "Service",
    "RayCluster",
    "ResourceClaim",
  );
  const apiVersion = fc.constantFrom("v1", "apps/v1", "batch/v1", "ray.io/v1", "rbac.authorization.k8s.io/v1", "resource.k8s.io/v1");

  test("no policy throws", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant(UNKNOWN));
    const podSpec = fc.dictionary(
      fc.constantFrom("containers", "initContainers", "tolerations", "volumes", "resourceClaims", "securityContext", "runtimeClassName"),
      fc.oneof(value, fc.array(fc.dictionary(fc.constantFrom("name", "env", "resources", "securityContext", "volumeMounts"), value))),
    );
    const spec = fc.oneof(value, podSpec, fc.record({ template: fc.record({ metadata: value, spec: podSpec }) }));
    fc.assert(
      fc.property(apiVersion, kind, value, spec, value, (version, name, metadata, content, other) => {
        const manifest = { apiVersion: version, kind: name, metadata, spec: content, items: other, rules: other, roleRef: other };
        expect(() => all(manifest)).not.toThrow();
      }),
    );
  });

  test("no message repeats a value that may be secret", () => {
    const secret = "hunter2";
    const manifest = pod({
      ...CLAIMED,
      ...main({
        env: [
          { name: "NVIDIA_VISIBLE_DEVICES", value: secret },
          { name: "PASSWORD", value: secret },
        ],
        securityContext: { privileged: true },
      }),
      volumes: [{ name: "v", hostPath: { path: `/${secret}` } }],
    });
    const reported = all(manifest).join("\n");
    expect(reported).toContain("NVIDIA_VISIBLE_DEVICES");
    expect(reported).not.toContain(secret);
  });
});
