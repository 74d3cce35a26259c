import { forbidUnknownResources } from "../../../policy-pack/platform/forbid-unknown-resources";
import type { Exception } from "../../../policy-pack/evaluation/exceptions";
import { UNKNOWN, verdictOf } from "../verdict";
import type { Judged } from "../verdict";

type Props = Readonly<Record<string, unknown>>;

const said = (judged: Omit<Judged, "props"> & { readonly props?: Props }, isPreview = false): string =>
  verdictOf(forbidUnknownResources, { props: {}, ...judged }, { isPreview }).refused.join("\n");

const kubernetes = (type: string, props: Props = {}, more: Partial<Judged> = {}) => said({ type: `kubernetes:${type}`, props, ...more });

const PLATFORM = "urn:pulumi:dev::shared-gpu::shared-gpu:aws:ControlPlane$x::y";
const TENANT = "urn:pulumi:dev::team-a::x::y";
const PROVIDER = { providerProps: {} };

describe("Should pass if", () => {
  test.each([
    ...["s3/bucket:Bucket", "s3/bucketPolicy:BucketPolicy", "sqs/queue:Queue", "sns/topic:Topic", "dynamodb/table:Table"],
    ...["ecr/repository:Repository", "route53/record:Record", "cloudwatch/logGroup:LogGroup", "cloudwatch/metricAlarm:MetricAlarm"],
    ...["kms/key:Key", "secretsmanager/secret:Secret", "ssm/parameter:Parameter", "lambda/function:Function", "rds/instance:Instance"],
    ...["efs/fileSystem:FileSystem", "acm/certificate:Certificate", "cloudfront/distribution:Distribution", "lb/loadBalancer:LoadBalancer"],
    ...["ec2/vpc:Vpc", "ec2/subnet:Subnet", "ec2/securityGroup:SecurityGroup", "vpc/securityGroupIngressRule:SecurityGroupIngressRule"],
    ...[
      "iam/role:Role",
      "iam/policy:Policy",
      "iam/openIdConnectProvider:OpenIdConnectProvider",
      "eks/cluster:Cluster",
      "eks/nodeGroup:NodeGroup",
    ],
    ...["ec2/launchTemplate:LaunchTemplate", "ec2/instance:Instance", "ebs/volume:Volume"],
  ])("aws:%s has no effect, or policies judge it", (type) => {
    expect(said({ type: `aws:${type}`, ...PROVIDER })).toBe("");
  });
  test.each([
    ...["random:index/randomPassword:RandomPassword", "tls:index/privateKey:PrivateKey", "time:index/sleep:Sleep"],
    ...["docker-build:index:Image", "aws-native:s3:Bucket", "aws-native:sqs:Queue"],
    ...[
      "pulumi:pulumi:Stack",
      "pulumi:pulumi:StackReference",
      "pulumi:providers:aws",
      "pulumi:providers:kubernetes",
      "pulumi:providers:datadog",
    ],
  ])("%s has no effect", (type) => {
    expect(said({ type, ...PROVIDER })).toBe("");
  });
  test.each([
    "acme:web:Site",
    "awsx:ec2:Vpc",
    "awsx:lb:ApplicationLoadBalancer",
    "eks:index:ManagedNodeGroup",
    "shared-gpu:aws:ControlPlane",
  ])("%s is a component, whose parts are resources of their own", (type) => {
    expect(said({ type })).toBe("");
  });
  test.each(["yaml:ConfigFile", "yaml/v2:ConfigGroup", "kustomize/v2:Directory", "helm.sh/v3:Chart", "helm.sh/v4:Chart"])(
    "kubernetes:%s registers its objects itself",
    (type) => {
      expect(kubernetes(type)).toBe("");
    },
  );
  test.each([
    ["a ServicePatch, which says all that its policy reads", "core/v1:ServicePatch", { spec: { type: "ClusterIP" } }],
    ["a DeploymentPatch that leaves the pods alone", "apps/v1:DeploymentPatch", { spec: { replicas: 2 } }],
    ["a PodPatch of labels", "core/v1:PodPatch", { metadata: { name: "x", labels: { a: "b" } } }],
    ["a ConfigMapPatch", "core/v1:ConfigMapPatch", { data: {} }],
  ])("%s", (_, type, props) => {
    expect(kubernetes(type, props)).toBe("");
  });
  test.each([
    "core/v1:Namespace",
    "scheduling.k8s.io/v1:PriorityClass",
    "apiextensions.k8s.io/v1:CustomResourceDefinition",
    "networking.k8s.io/v1:NetworkPolicyPatch",
  ])("the platform itself registers %s", (type) => {
    expect(kubernetes(type, {}, { urn: PLATFORM })).toBe("");
  });
  test("the platform registers a custom resource in a namespace of its own", () => {
    expect(kubernetes("example.com/v1:Foo", { metadata: { namespace: "monitoring" } }, { urn: PLATFORM })).toBe("");
  });
  test.each([
    "eks/accessEntry:AccessEntry",
    "eks/accessPolicyAssociation:AccessPolicyAssociation",
    "eks/addon:Addon",
    "eks/podIdentityAssociation:PodIdentityAssociation",
  ])("the platform itself registers aws:%s", (type) => {
    expect(said({ type: `aws:${type}`, urn: PLATFORM, ...PROVIDER })).toBe("");
  });
});

describe("Should fail if", () => {
  test.each([
    ["a type begins like one of the SDK", "yaml/v1:Foo"],
    ["a type begins like another of the SDK", "kustomize/v3:Foo"],
    ["a type has the group of Helm's", "helm.sh/v9:Foo"],
    ["a kind ends like a list", "example.com/v1:WaitList"],
    ["a kind ends like a patch", "example.com/v1:Patch"],
    ["a group is named like a property of objects", "constructor/v1:Foo"],
    ["a group is named like the prototype", "__proto__/v1:Foo"],
    ["a kind is named like a property of objects", "apps/v1:toString"],
    ["a group of the community is not Kubernetes'", "foo.x-k8s.io/v1:Foo"],
    ["a group is named like Kubernetes' own", "foo.k8s.io/v1:Foo"],
    ["a kind is not served in its group", "core/v1:Deployment"],
    ["a type has no version", "Pod"],
    ["a type is written otherwise", "core/v1:Pod:x"],
  ])("%s", (_, type) => {
    expect(kubernetes(type, {}, { urn: TENANT })).toMatch(/cannot check|no policy|is not a type|this pack does not know/);
  });
  test.each([
    ...["rbac.authorization.k8s.io/v1:ClusterRoleBindingPatch", "rbac.authorization.k8s.io/v1:RoleBindingPatch"],
    ...["rbac.authorization.k8s.io/v1:ClusterRolePatch", "rbac.authorization.k8s.io/v1beta1:RolePatch"],
    ...["networking.k8s.io/v1:NetworkPolicyPatch", "core/v1:PersistentVolumePatch"],
  ])("%s hides what it changes", (type) => {
    expect(kubernetes(type, { metadata: { name: "cluster-admin" }, subjects: [] }, { urn: TENANT })).toContain("has only a part of the");
  });
  test.each([
    ["the image of a Deployment", "apps/v1:DeploymentPatch", { spec: { template: { spec: { containers: [{ name: "a", image: "b" }] } } } }],
    ["pods that are unknown", "apps/v1:DeploymentPatch", { spec: { template: UNKNOWN } }],
    [
      "the object that a Workflow creates",
      "argoproj.io/v1alpha1:WorkflowPatch",
      {
        spec: {
          templates: [{ name: "a", resource: { action: "create", manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" } }],
        },
      },
    ],
    [
      "what a manifest creates that the workflow computes",
      "argoproj.io/v1alpha1:WorkflowPatch",
      { spec: { templates: [{ name: "a", resource: { action: "create", manifest: "{{inputs.parameters.object}}" } }] } },
    ],
    ["the claims of a Job", "batch/v1:JobPatch", { spec: { template: { spec: { resourceClaims: [{ name: "a" }] } } } }],
    [
      "the account of a CronJob",
      "batch/v1:CronJobPatch",
      { spec: { jobTemplate: { spec: { template: { spec: { serviceAccountName: "a" } } } } } },
    ],
    [
      "what a RayCluster's workers are",
      "ray.io/v1:RayClusterPatch",
      { spec: { workerGroupSpecs: [{ template: { spec: { containers: [{ name: "a", image: "b" }] } } }] } },
    ],
  ])("a patch changes %s", (_, type, props) => {
    expect(kubernetes(type, props, { urn: TENANT })).toContain("Register the");
  });
  test.each([
    ["type token and content differ, and the content is unknown", "core/v1:ConfigMap", { apiVersion: "example.com/v1", kind: "Foo" }],
    ["type token and content differ, and the type is unknown", "example.com/v1:Foo", { apiVersion: "v1", kind: "ConfigMap" }],
  ])("%s", (_, type, props) => {
    expect(kubernetes(type, props, { urn: TENANT })).toContain("does not know the kind Foo");
  });
  test.each([
    "core/v1:Endpoints",
    "discovery.k8s.io/v1:EndpointSlice",
    "scheduling.k8s.io/v1:PriorityClass",
    "policy/v1:Eviction",
    "apps/v1:ControllerRevision",
  ])("somebody else registers %s", (type) => {
    expect(kubernetes(type, {}, { urn: TENANT })).not.toBe("");
  });
  test("a custom resource is in a team's namespace, whoever registers it", () => {
    expect(kubernetes("example.com/v1:Foo", { metadata: { namespace: "team-a" } }, { urn: PLATFORM })).not.toBe("");
  });
  test("the group of an object is unknown", () => {
    expect(kubernetes("core/v1:ConfigMap", { apiVersion: UNKNOWN, kind: "ConfigMap" }, { urn: TENANT })).toBe(
      '"apiVersion" is unknown until `pulumi up`, so this policy cannot check which object it is. Use a value that is known at preview.',
    );
  });
  test("a type is none of the provider", () => {
    expect(kubernetes("Pod", {}, { urn: TENANT })).toBe(
      'kubernetes:Pod: it is not a type of the Kubernetes provider. Use the classes of @pulumi/kubernetes. To admit the type for some time, set "allow": [{"type":"kubernetes:Pod","reason":"...","until":"YYYY-MM-DD"}] for this policy.',
    );
  });
  test("the exception for a kind of the core group has the SDK's type", () => {
    expect(kubernetes("core/v1:Endpoints", {}, { urn: TENANT })).toContain('"allow": [{"type":"kubernetes:core/v1:Endpoints",');
  });
  test("the platform patches the pods of a workload in a team's namespace", () => {
    const props = {
      metadata: { name: "x", namespace: "team-a" },
      spec: { template: { spec: { containers: [{ name: "a", image: "b" }] } } },
    };
    expect(kubernetes("apps/v1:DeploymentPatch", props, { urn: PLATFORM })).toContain("Register the");
  });
  test("the kind of an object is unknown", () => {
    expect(kubernetes("core/v1:ConfigMap", { apiVersion: "v1", kind: UNKNOWN }, { urn: TENANT })).toContain('"kind" is unknown');
  });
  test.each([
    ...["aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "aws:eks/addon:Addon"],
    ...["aws:eks/podIdentityAssociation:PodIdentityAssociation", "aws:eks/identityProviderConfig:IdentityProviderConfig"],
    ...["aws:eks/capability:Capability", "aws:eks/fargateProfile:FargateProfile"],
    ...["aws:ec2/fleet:Fleet", "aws:ec2/spotFleetRequest:SpotFleetRequest", "aws:autoscaling/group:Group"],
    ...["aws:batch/computeEnvironment:ComputeEnvironment", "aws:emrcontainers/virtualCluster:VirtualCluster"],
    ...[
      "aws:cloudformation/stack:Stack",
      "aws:cloudcontrol/resource:Resource",
      "aws:ssm/association:Association",
      "aws:ssm/document:Document",
    ],
    ...["aws:ecs/capacityProvider:CapacityProvider", "aws:sagemaker/domain:Domain", "aws:ssoadmin/permissionSet:PermissionSet"],
    ...["aws:iam/accessKey:AccessKey", "aws:iam/userGroupMembership:UserGroupMembership", "aws:s3/bucket:Bucket2"],
    ...["aws-native:eks:AccessEntry", "aws-native:iam:Role", "aws-native:cloudformation:Stack"],
    ...["command:local:Command", "command:remote:Command", "docker:index/container:Container", "pulumi-nodejs:dynamic:Resource"],
    ...["aws:cfg/remediationConfiguration:RemediationConfiguration", "aws:cfg/conformancePack:ConformancePack"],
    ...["aws:budgets/budgetAction:BudgetAction", "aws:amp/scraper:Scraper", "aws:ec2/serialConsoleAccess:SerialConsoleAccess"],
    ...["pulumi-python:dynamic:Resource", "terraform-provider:index:Foo", "acme:index/thing:Thing", "null:index/resource:Resource"],
    ...["eks:index:VpcCni", "gcp:container/cluster:Cluster", "constructor:index/x:X", "__proto__:index/x:X"],
  ])("%s", (type) => {
    expect(said({ type, urn: TENANT, ...PROVIDER })).toContain('"allow": [{"type":');
  });
});

describe("parts of a custom resource that nothing checks", () => {
  const WORKFLOW = "argoproj.io/v1alpha1:Workflow";
  const template = (fields: object) => ({ metadata: { name: "x", namespace: "team-a" }, spec: { templates: [{ name: "a", ...fields }] } });

  test("a part that nobody can check is denied with its reason", () => {
    expect(kubernetes(WORKFLOW, template({ plugin: { x: {} } }), { urn: TENANT })).toBe(
      'Workflow: "spec.templates[0].plugin" runs a plugin of the executor, which nothing checks. Use `container`.',
    );
  });
  test("a part that is unknown is denied as unknown", () => {
    expect(kubernetes(WORKFLOW, template({ plugin: UNKNOWN }), { urn: TENANT })).toBe(
      'Workflow: "spec.templates[0].plugin" is unknown until `pulumi up`, so this policy cannot check what it creates. Use a value that is known at preview.',
    );
  });
  test("an exception for the kind admits them", () => {
    const allow = [{ type: `kubernetes:${WORKFLOW}`, reason: "read by hand", until: "2999-12-31" }];
    expect(kubernetes(WORKFLOW, template({ plugin: { x: {} } }), { urn: TENANT, config: { allow } })).toBe("");
  });
});

describe("charts that Helm installs", () => {
  const release = (props: Props, more: Partial<Judged> = {}) => kubernetes("helm.sh/v3:Release", props, { urn: TENANT, ...more });
  const OPERATOR = { chart: "gpu-operator", version: "v25.10.1", repositoryOpts: { repo: "https://helm.ngc.nvidia.com/nvidia" } };
  test("the platform's charts are known by publisher, name and pinned version", () => {
    expect(release(OPERATOR)).toBe("");
    expect(release({ ...OPERATOR, version: "25.10.1" })).toBe("");
    expect(release({ ...OPERATOR, repositoryOpts: { repo: "https://helm.ngc.nvidia.com/nvidia//" } })).toBe("");
  });
  test("the DRA driver's chart is known where its publisher had it in that version, and nowhere else", () => {
    const OCI = "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu";
    const NVIDIA = { repo: "https://helm.ngc.nvidia.com/nvidia" };
    expect(release({ chart: OCI, version: "0.4.1" })).toBe("");
    // As the provider fills it in.
    expect(release({ chart: OCI, version: "0.4.1", repositoryOpts: { repo: "" } })).toBe("");
    expect(release({ chart: "nvidia-dra-driver-gpu", version: "25.8.1", repositoryOpts: NVIDIA })).toBe("");
    for (const other of [
      { chart: OCI, version: "25.8.1" },
      { chart: OCI, version: "0.4.0" },
      { chart: OCI.replace("registry.k8s.io", "registry.example.com"), version: "0.4.1" },
      { chart: "nvidia-dra-driver-gpu", version: "0.4.1", repositoryOpts: NVIDIA },
    ]) {
      expect(release(other)).toContain("kubernetes.helm.v4.Chart");
    }
  });
  test("the objects in their values are judged", () => {
    const values = { extraManifests: [{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "x" }, value: 1 }] };
    expect(release({ ...OPERATOR, values })).toContain("PriorityClass");
    const text = { extraObjects: ["apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\n"] };
    expect(release({ ...OPERATOR, values: text })).toContain("does not know the kind Foo");
    expect(release({ ...OPERATOR, values: UNKNOWN })).toBe("");
  });
  test("the platform can take them from a mirror, for its own namespaces", () => {
    const mirrored = { chart: "oci://registry.example.com/mirror/gpu-operator", version: "v26.1.0", namespace: "gpu-operator" };
    expect(release(mirrored, { urn: PLATFORM })).toBe("");
    expect(release({ ...mirrored, namespace: UNKNOWN }, { urn: PLATFORM })).toBe("");
    expect(release({ ...mirrored, namespace: "team-a" }, { urn: PLATFORM })).not.toBe("");
    expect(release({ ...mirrored, chart: "oci://registry.example.com/mirror/other" }, { urn: PLATFORM })).not.toBe("");
    expect(release(mirrored)).not.toBe("");
  });
  test.each<[string, Props]>([
    ["another version", { ...OPERATOR, version: "v25.10.2" }],
    ["a version that only looks alike", { ...OPERATOR, version: "25.10.1v" }],
    ["another chart of that publisher", { ...OPERATOR, chart: "network-operator" }],
    ["no version", { ...OPERATOR, version: undefined }],
    ["another publisher", { ...OPERATOR, repositoryOpts: { repo: "https://charts.example.com" } }],
    ["no publisher", { ...OPERATOR, repositoryOpts: undefined }],
    ["another chart", { chart: "nginx", version: "1.2.3", repositoryOpts: { repo: "https://charts.example.com" } }],
    ["an archive with the name of a known one", { chart: "./gpu-operator-v25.10.1.tgz" }],
    ["a renamed archive", { chart: "/tmp/harmless.tgz" }],
    ["a folder", { chart: "./charts/mine" }],
    ["a reference in a registry", { chart: "oci://registry.example.com/gpu-operator", version: "v25.10.1" }],
    ["no name", {}],
  ])("%s", (_, props) => {
    expect(release(props)).toContain("kubernetes.helm.v4.Chart");
  });
  test.each([[{}], [{ chart: 7 }]])("%j has no name", (props) => {
    expect(release(props)).toContain("chart without a name: Helm installs");
    expect(release(props)).toContain('"allow": [{"type":"kubernetes:helm.sh/v3:Release","reason"');
  });
  test("the message names the chart", () => {
    expect(release({ chart: "nginx" })).toContain("chart nginx: Helm installs");
  });
  test("a chart that is unknown in a preview", () => {
    expect(release({ chart: UNKNOWN })).toBe(
      '"chart" is unknown until `pulumi up`, so this policy cannot check which chart is installed. Use a value that is known at preview.',
    );
  });
});

describe("allow", () => {
  const TYPE = "kubernetes:example.com/v1:Foo";
  const DAY_MS = 24 * 60 * 60 * 1000;
  const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
  const exception = (more: Partial<Exception> = {}): Exception => ({ type: TYPE, reason: "read by hand", until: day(30), ...more });
  const withAllow = (allow: readonly Exception[], type = TYPE, props: Props = {}) => said({ type, props, urn: TENANT, config: { allow } });

  test.each(["kubernetes:example.com/v1:Foo", "aws:ec2/fleet:Fleet", "command:local:Command"])(
    "%s is admitted until its day has ended",
    (type) => {
      expect(withAllow([exception({ type })], type)).toBe("");
      expect(withAllow([exception({ type, until: day(0) })], type)).toBe("");
      expect(withAllow([exception({ type, until: day(-1) })], type)).toContain(`ended on ${day(-1)}`);
      expect(withAllow([exception({ type, until: day(-9) }), exception({ type })], type)).toBe("");
    },
  );
  test("only its type is", () => {
    expect(withAllow([exception({ type: "kubernetes:example.com/v1:*" })])).not.toBe("");
    expect(withAllow([exception({ type: "kubernetes:example.com/v2:Foo" })])).not.toBe("");
    expect(withAllow([exception()], TYPE, { apiVersion: "other.example.com/v1", kind: "Foo" })).toContain("other.example.com/v1");
  });
  test("a patch has a type of its own", () => {
    const type = "kubernetes:rbac.authorization.k8s.io/v1:RoleBindingPatch";
    expect(withAllow([exception({ type })], type)).toBe("");
    expect(withAllow([exception({ type: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding" })], type)).not.toBe("");
  });
  test.each([
    [{ until: "2099-02-31" }, "no day of the calendar"],
    [{ until: "soon" }, "no day of the calendar"],
    [{ reason: "  " }, "reason is empty"],
  ])("%j does not count", (more, problem) => {
    expect(withAllow([exception(more)])).toContain(problem);
  });
  test("one chart, and no other", () => {
    const type = "kubernetes:helm.sh/v3:Release";
    const allow = [exception({ type, chart: "nginx" })];
    expect(withAllow(allow, type, { chart: "nginx" })).toBe("");
    expect(withAllow(allow, type, { chart: "./nginx" })).not.toBe("");
    expect(withAllow([exception({ type })], type, { chart: "./nginx" })).toBe("");
  });
  test("what an admitted custom resource shows is still judged", () => {
    expect(withAllow([exception()], TYPE, { spec: { x: { apiVersion: "v1", kind: "Bar", metadata: {} } } })).toContain(
      "does not know the kind Bar",
    );
  });
});
