/** Programs through the real pack, as the engine asks it: what they register, with the type tokens and providers that the SDKs give them. */
import { Volume } from "@pulumi/aws/ebs";
import { Bucket, BucketReplicationConfig } from "@pulumi/aws/s3";
import { Queue } from "@pulumi/aws/sqs";
import { Role } from "@pulumi/aws/iam";
import { Fleet, Route, RouteTable, Subnet, Vpc, VpcPeeringConnection } from "@pulumi/aws/ec2";
import { AccessEntry, AccessPolicyAssociation, PodIdentityAssociation } from "@pulumi/aws/eks";
import { CustomResource as KubernetesCustomResource } from "@pulumi/kubernetes/apiextensions";
import { Provider } from "@pulumi/kubernetes";
import { ConfigMap, PersistentVolume, PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3";
import { NetworkPolicyPatch } from "@pulumi/kubernetes/networking/v1";
import { ClusterRoleBindingPatch, RoleBindingPatch } from "@pulumi/kubernetes/rbac/v1";
import { ComponentResource, CustomResource } from "@pulumi/pulumi";
import type { Input } from "@pulumi/pulumi";
import { RandomPet } from "@pulumi/random";
import { evaluatePack, isMandatory } from "../../src/rehearsal/policy/evaluate";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { parsePackConfig } from "../../src/rehearsal/policy/pack-config";
import { runComponents } from "../support/program";
import { projectPack } from "../support/project-pack";
import { CHART_FILE, Charts } from "./resources/local-charts/charts";

/** A resource of any type token, as a program can register one. */
class Untyped extends CustomResource {}

let pack: ServedPack;
const charts = new Charts();
beforeAll(async () => {
  pack = await projectPack();
});
afterAll(() => {
  charts.close();
});

/** The mandatory policies that deny something in a program. */
async function deniedBy(program: () => unknown, config: object = {}, mode: "known" | "preview" = "known"): Promise<readonly string[]> {
  const { resources } = await runComponents(program, { mode });
  const { violations } = await evaluatePack(pack, resources, parsePackConfig(JSON.stringify(config)), mode);
  return [...new Set(violations.filter(isMandatory).map(({ policy }) => policy))].sort();
}

const metadata = { name: "x", namespace: "team-a" };
const UNKNOWN_RESOURCE = ["forbid-unknown-resources"];
/** A pod's claim for a small slice. */
const SMALL = { name: "gpu", resourceClaimTemplateName: "mig-small-template" };

describe("Should pass if", () => {
  test.each<[string, () => unknown]>([
    [
      "it has a bucket, a queue and a name",
      () => {
        new Bucket("b", {});
        new Queue("q", {});
        new RandomPet("p", {});
      },
    ],
    [
      "it has a network of its own",
      () => {
        const { id: vpcId } = new Vpc("v", { cidrBlock: "10.0.0.0/16" });
        new Subnet("s", { vpcId, cidrBlock: "10.0.0.0/24" });
        const { id: routeTableId } = new RouteTable("t", { vpcId });
        new Route("r", { routeTableId, destinationCidrBlock: "10.1.0.0/16", transitGatewayId: "tgw-of-others" });
      },
    ],
    [
      "it has a copy of its bucket",
      () => {
        const [from, to] = [new Bucket("from", {}), new Bucket("to", {})];
        new BucketReplicationConfig("c", {
          bucket: from.id,
          role: new Role("r", {
            assumeRolePolicy: {
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "s3.amazonaws.com" } }],
            },
          }).arn,
          rules: [{ status: "Enabled", destination: { bucket: to.arn } }],
        });
      },
    ],
    [
      "it has a volume of its own in the cluster",
      () => {
        const { id: volumeHandle } = new Volume("v", { availabilityZone: "us-east-1a", size: 10, encrypted: true });
        const claim = { name: "data", namespace: "team-a" };
        new PersistentVolumeClaim("c", {
          metadata: claim,
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
        });
        new PersistentVolume("p", {
          metadata: { name: "data" },
          spec: {
            capacity: { storage: "10Gi" },
            accessModes: ["ReadWriteOnce"],
            claimRef: claim,
            csi: { driver: "ebs.csi.aws.com", volumeHandle },
          },
        });
      },
    ],
    ["it has a component", () => new ComponentResource("acme:web:Site", "site")],
    ["it has a ConfigMap", () => new ConfigMap("c", { metadata, data: { a: "b" } })],
    [
      "it has a queue of Kueue",
      () =>
        new KubernetesCustomResource("q", {
          apiVersion: "kueue.x-k8s.io/v1beta2",
          kind: "LocalQueue",
          metadata,
          spec: { clusterQueue: "shared" },
        }),
    ],
  ])("%s", async (_, program) => {
    expect(await deniedBy(program)).toEqual([]);
    expect(await deniedBy(program, {}, "preview")).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, () => unknown, readonly string[]]>([
    [
      "its network is one with the network of others",
      () =>
        new VpcPeeringConnection("p", {
          vpcId: new Vpc("v", { cidrBlock: "10.0.0.0/16" }).id,
          peerVpcId: "vpc-0123",
          peerOwnerId: "210987654321",
        }),
      ["accounts-known", "networks-and-disks-of-same-program"],
    ],
    [
      "a patch adds a team to the binding of cluster administrators",
      () =>
        new ClusterRoleBindingPatch("b", {
          metadata: { name: "cluster-admin", annotations: { "pulumi.com/patchForce": "true" } },
          subjects: [{ kind: "Group", name: "team-a-members", apiGroup: "rbac.authorization.k8s.io" }],
        }),
      [...UNKNOWN_RESOURCE, "reserve-cluster-rights"],
    ],
    [
      "a patch adds a subject to a binding of another team",
      () =>
        new RoleBindingPatch("b", {
          metadata: { name: "team-member", namespace: "team-b" },
          subjects: [{ kind: "User", name: "eve", apiGroup: "rbac.authorization.k8s.io" }],
        }),
      [...UNKNOWN_RESOURCE, "reserve-cluster-rights"],
    ],
    [
      "a patch opens the namespace of another team",
      () => new NetworkPolicyPatch("n", { metadata: { name: "default-deny", namespace: "team-b" }, spec: { ingress: [{}] } }),
      UNKNOWN_RESOURCE,
    ],
    [
      "a type begins like one of the SDK, and is a privileged pod",
      () =>
        new Untyped("kubernetes:yaml/v1:Foo", "x", {
          ...{ apiVersion: "v1", kind: "Pod", metadata },
          spec: { containers: [{ name: "a", image: "b", securityContext: { privileged: true } }] },
        }),
      ["forbid-node-access", "forbid-unknown-resources"],
    ],
    [
      "a chart of the platform brings a binding of cluster administrators along",
      () =>
        new Release("r", {
          ...{ chart: "kube-prometheus-stack", version: "88.5.3" },
          repositoryOpts: { repo: "https://prometheus-community.github.io/helm-charts" },
          values: {
            extraManifests: [
              {
                ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: "x" } },
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
                subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "team-a-members" }],
              },
            ],
          },
        }),
      ["chart-contents-visible", "reserve-cluster-rights"],
    ],
    [
      "a chart of the platform gets among the platform's objects",
      () =>
        new Release("r", {
          ...{ chart: "kube-prometheus-stack", version: "88.5.3", namespace: "kube-system" },
          repositoryOpts: { repo: "https://prometheus-community.github.io/helm-charts" },
        }),
      ["reserve-platform-objects"],
    ],
    ["a chart is not the platform's", () => new Release("r", { chart: "nginx", version: "1.2.3" }), UNKNOWN_RESOURCE],
    [
      "somebody gets into the cluster",
      () => {
        new AccessEntry("e", { clusterName: "dev", principalArn: "arn:aws:iam::123456789012:role/eve" });
        new AccessPolicyAssociation("a", {
          clusterName: "dev",
          principalArn: "arn:aws:iam::123456789012:role/eve",
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
          accessScope: { type: "cluster" },
        });
      },
      UNKNOWN_RESOURCE,
    ],
    [
      "pods get a role",
      () =>
        new PodIdentityAssociation("p", {
          clusterName: "dev",
          namespace: "team-a",
          serviceAccount: "default",
          roleArn: "arn:aws:iam::123456789012:role/x",
        }),
      UNKNOWN_RESOURCE,
    ],
    [
      "a group is called constructor",
      () => new KubernetesCustomResource("x", { apiVersion: "constructor/v1", kind: "constructor", metadata }),
      UNKNOWN_RESOURCE,
    ],
    [
      "a group is called like the prototype",
      () => new KubernetesCustomResource("x", { apiVersion: "__proto__/v1", kind: "__proto__", metadata }),
      UNKNOWN_RESOURCE,
    ],
  ])("%s", async (_, program, policies) => {
    expect(await deniedBy(program)).toEqual(policies);
  });
});

/** A ConfigMap in the namespace that its provider says, and one in its own. */
const inNamespaceOfProvider = (namespace: Input<string>) => () => {
  const provider = new Provider("cluster", { kubeconfig: "{}", namespace });
  new ConfigMap("of-provider", { data: {} }, { provider });
  new ConfigMap("own", { metadata, data: {} }, { provider });
};

test("an object without a namespace is in that of its provider", async () => {
  expect(await deniedBy(inNamespaceOfProvider("gpu-operator"))).toEqual(["reserve-platform-objects"]);
  expect(await deniedBy(inNamespaceOfProvider("team-a"))).toEqual([]);
  // Each object has its own provider.
  const both = () => {
    inNamespaceOfProvider("team-a")();
    new ConfigMap("later", { data: {} }, { provider: new Provider("other", { kubeconfig: "{}", namespace: "gpu-operator" }) });
  };
  expect(await deniedBy(both)).toEqual(["reserve-platform-objects"]);
});

test("what is unknown of a provider is said of the objects that depend on it", async () => {
  const { resources } = await runComponents(
    () => {
      const { id } = new RandomPet("p", {});
      inNamespaceOfProvider(id)();
    },
    { mode: "preview" },
  );
  const { violations } = await evaluatePack(pack, resources, {}, "preview");
  const about = violations.filter(({ policy }) => policy === "reserve-platform-objects");
  expect(about.map(({ urn, message }) => [urn.split("::").at(-1), message])).toEqual([
    ["of-provider", expect.stringContaining(`"metadata.namespace" is unknown`)],
  ]);
});

test("a setting admits a type for some time", async () => {
  const program = () =>
    new Fleet("f", {
      launchTemplateConfigs: [],
      targetCapacitySpecification: { defaultTargetCapacityType: "spot", totalTargetCapacity: 1 },
    });
  const until = (offset: number) => new Date(Date.now() + offset * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const config = (offset: number) => ({
    "forbid-unknown-resources": { allow: [{ type: "aws:ec2/fleet:Fleet", reason: "builds the site", until: until(offset) }] },
  });
  expect(await deniedBy(program, config(7))).toEqual([]);
  expect(await deniedBy(program, config(-7))).toEqual(UNKNOWN_RESOURCE);
});

test.each([
  [{ type: "a:b:C", reason: "x" }, "until"],
  [{ type: "a:b:C", until: "2099-01-01" }, "reason"],
  [{ type: "a:b:C", reason: "x", until: "2099-01-01", forever: true }, "forever"],
  [{ type: "a:b:C", reason: "", until: "2099-01-01" }, "reason"],
  [{ type: "a:b:C", reason: "x", until: "next year" }, "until"],
])("the setting %j is rejected", async (entry, problem) => {
  const program = () => new RandomPet("p", {});
  await expect(deniedBy(program, { "forbid-unknown-resources": { allow: [entry] } })).rejects.toThrow(problem);
});

describe("A chart of the program's own, which Helm installs,", () => {
  const chartOf = (manifest: object | string, more: Readonly<Record<string, string>> = {}) =>
    charts.write({ ...CHART_FILE, "templates/x.yaml": typeof manifest === "string" ? manifest : JSON.stringify(manifest), ...more });
  const installs = (chart: string, more: object = {}) => deniedBy(() => new Release("r", { chart, namespace: "team-a", ...more }));
  const container = { name: "a", image: "b", securityContext: { allowPrivilegeEscalation: false } };
  const job = (spec: object, of: object = {}) => ({
    ...{ apiVersion: "batch/v1", kind: "Job", metadata: { name: "x", ...of } },
    spec: { template: { spec: { restartPolicy: "Never", containers: [container], ...spec } } },
  });

  test.each<[string, object]>([
    ["a job", job({})],
    ["configuration", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: "b" } }],
    ["a job that runs before it is installed", job({}, { annotations: { "helm.sh/hook": "pre-install" } })],
    ["a job with a slice", job({ containers: [{ ...container, resources: { claims: [{ name: "gpu" }] } }], resourceClaims: [SMALL] })],
  ])("passes with %s", async (_, manifest) => {
    expect(await installs(chartOf(manifest))).toEqual([]);
  });

  test.each<[string, object | string, string]>([
    ["a job with the node's processes", job({ hostPID: true }), "forbid-node-access"],
    ["such a job before it is installed", job({ hostPID: true }, { annotations: { "helm.sh/hook": "pre-install" } }), "forbid-node-access"],
    [
      "the same in YAML 1.1",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {hostPID: yes, containers: [{name: a, image: b}]}",
      "forbid-node-access",
    ],
    [
      "a claim for a whole GPU",
      {
        ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "x" } },
        spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }] } },
      },
      "enforce-balanced-mig-profiles",
    ],
    [
      "rights over the cluster",
      {
        ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: "x" } },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "ServiceAccount", name: "default", namespace: "team-a" }],
      },
      "reserve-cluster-rights",
    ],
    ["a kind that nobody knows", { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "x" } }, "forbid-unknown-resources"],
    ["a template", "kind: {{ .Values.kind }}", "forbid-unknown-resources"],
  ])("is denied with %s", async (_, manifest, policy) => {
    expect(await installs(chartOf(manifest))).toContain(policy);
  });

  test("is denied if Helm fetches what it depends on", async () => {
    expect(await installs(chartOf(job({})), { dependencyUpdate: true })).toEqual(UNKNOWN_RESOURCE);
  });
  test("is denied if it is not there", async () => {
    expect(await installs("./nothing")).toEqual(UNKNOWN_RESOURCE);
  });
  test("is not read if the program names a repository", async () => {
    const chart = chartOf(job({}));
    expect(await installs(chart, { version: "1.0.0", repositoryOpts: { repo: "https://example.com" } })).toEqual(UNKNOWN_RESOURCE);
  });
  test("is denied if Helm creates its namespace", async () => {
    expect(await installs(chartOf(job({})), { createNamespace: true })).toEqual(["reserve-platform-objects"]);
  });
  test("is denied in a namespace of the platform", async () => {
    expect(await installs(chartOf(job({})), { namespace: "gpu-operator" })).toContain("reserve-platform-objects");
  });
  test("is judged in spite of an exception", async () => {
    const chart = chartOf(job({ hostPID: true }));
    const allow = [{ type: "kubernetes:helm.sh/v3:Release", reason: "x", until: "2099-01-01" }];
    expect(await deniedBy(() => new Release("r", { chart }), { "forbid-unknown-resources": { allow } })).toEqual(["forbid-node-access"]);
  });
});
