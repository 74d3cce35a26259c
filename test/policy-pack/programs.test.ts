/** Programs through the real pack, as the engine asks it: what they register, with the type tokens and providers that the SDKs give them. */
import { Bucket } from "@pulumi/aws/s3";
import { Queue } from "@pulumi/aws/sqs";
import { Fleet } from "@pulumi/aws/ec2";
import { AccessEntry, AccessPolicyAssociation, PodIdentityAssociation } from "@pulumi/aws/eks";
import { CustomResource as KubernetesCustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3";
import { NetworkPolicyPatch } from "@pulumi/kubernetes/networking/v1";
import { ClusterRoleBindingPatch, RoleBindingPatch } from "@pulumi/kubernetes/rbac/v1";
import { ComponentResource, CustomResource } from "@pulumi/pulumi";
import { RandomPet } from "@pulumi/random";
import { join } from "node:path";
import { evaluatePack, isMandatory } from "../../src/rehearsal/policy/evaluate";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { parsePackConfig } from "../../src/rehearsal/policy/pack-config";
import { ROOT, runComponents } from "../support/program";

/** A resource of any type token, as a program can register one. */
class Untyped extends CustomResource {}

let pack: ServedPack;
beforeAll(async () => {
  pack = await loadPack(join(ROOT, "policy-pack"));
});

/** The mandatory policies that deny something in a program. */
async function deniedBy(program: () => unknown, config: object = {}): Promise<readonly string[]> {
  const { resources } = await runComponents(program);
  const { violations } = await evaluatePack(pack, resources, parsePackConfig(JSON.stringify(config)));
  return [...new Set(violations.filter(isMandatory).map(({ policy }) => policy))].sort();
}

const metadata = { name: "x", namespace: "team-a" };
const UNKNOWN_RESOURCE = ["forbid-unknown-resources"];

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
  });
});

describe("Should fail if", () => {
  test.each<[string, () => unknown, readonly string[]]>([
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
      ["reserve-cluster-rights"],
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
