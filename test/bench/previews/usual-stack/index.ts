/**
 * What this project started from: the same platform as one long program in the way of most tutorials, with the packages imported by their roots and
 * types checked at every run. `npm run bench:preview` holds the stack against it on the same engine. It is not a stack to deploy: docs/security.md
 * says what is wrong with such a one.
 */
import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as eks from "@pulumi/eks";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const clusterName = "gpu-cluster";
const namespace = "mig-test";

const subnet = (type: awsx.ec2.SubnetType, role: string) => ({
  type,
  tags: { [`kubernetes.io/cluster/${clusterName}`]: "shared", [`kubernetes.io/role/${role}`]: "1" },
});
const vpc = new awsx.ec2.Vpc("gpu-vpc", {
  enableDnsHostnames: true,
  cidrBlock: "10.0.0.0/16",
  subnetStrategy: "Auto",
  subnetSpecs: [subnet(awsx.ec2.SubnetType.Public, "elb"), subnet(awsx.ec2.SubnetType.Private, "internal-elb")],
});
const cluster = new eks.Cluster("gpu-cluster", {
  name: clusterName,
  version: "1.34",
  vpcId: vpc.vpcId,
  publicSubnetIds: vpc.publicSubnetIds,
  privateSubnetIds: vpc.privateSubnetIds,
  authenticationMode: eks.AuthenticationMode.Api,
  skipDefaultNodeGroup: true,
});
const provider = new k8s.Provider("k8s", { kubeconfig: cluster.kubeconfigJson, enableServerSideApply: true });

const nodeRole = new aws.iam.Role("node-role", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" } }],
  }),
});
["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"].forEach((policy, index) => {
  new aws.iam.RolePolicyAttachment(`node-policy-${index}`, { role: nodeRole.name, policyArn: `arn:aws:iam::aws:policy/${policy}` });
});
new eks.ManagedNodeGroup(
  "system-nodes",
  {
    cluster,
    nodeRole,
    nodeGroupName: "system-nodes",
    instanceTypes: ["m6i.large"],
    capacityType: "ON_DEMAND",
    scalingConfig: { desiredSize: 2, minSize: 1, maxSize: 4 },
    labels: { "node-role": "system" },
  },
  { dependsOn: [cluster] },
);
const gpuNodes = new eks.ManagedNodeGroup(
  "gpu-nodes",
  {
    cluster,
    nodeRole,
    nodeGroupName: "gpu-nodes",
    instanceTypes: ["p4d.24xlarge"],
    capacityType: "ON_DEMAND",
    scalingConfig: { desiredSize: 1, minSize: 0, maxSize: 2 },
    diskSize: 100,
    amiType: "AL2023_x86_64_NVIDIA",
    labels: { "node-role": "gpu", "nvidia.com/mig.config": "all-balanced" },
    taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }],
  },
  { dependsOn: [cluster] },
);

const inCluster = { provider };
const operatorNamespace = new k8s.core.v1.Namespace("gpu-operator", { metadata: { name: "gpu-operator" } }, inCluster);
const operator = new k8s.helm.v3.Release(
  "gpu-operator",
  {
    chart: "gpu-operator",
    version: "v25.10.1",
    repositoryOpts: { repo: "https://helm.ngc.nvidia.com/nvidia" },
    namespace: operatorNamespace.metadata.name,
    skipAwait: true,
    values: {
      driver: { enabled: false },
      toolkit: { enabled: false },
      devicePlugin: { enabled: false },
      mig: { strategy: "mixed" },
      migManager: { enabled: true, env: [{ name: "WITH_REBOOT", value: "true" }] },
      dcgmExporter: { enabled: true, serviceMonitor: { enabled: true } },
    },
  },
  { provider, dependsOn: [gpuNodes] },
);
const driverNamespace = new k8s.core.v1.Namespace("nvidia-dra-driver", { metadata: { name: "nvidia-dra-driver" } }, inCluster);
const driver = new k8s.helm.v3.Release(
  "nvidia-dra-driver",
  {
    chart: "nvidia-dra-driver-gpu",
    version: "25.8.1",
    repositoryOpts: { repo: "https://helm.ngc.nvidia.com/nvidia" },
    namespace: driverNamespace.metadata.name,
    skipAwait: true,
    values: { nvidiaDriverRoot: "/", gpuResourcesEnabledOverride: true, resources: { gpus: { enabled: true } } },
  },
  { provider, dependsOn: [operator] },
);

const tenant = new k8s.core.v1.Namespace(namespace, { metadata: { name: namespace } }, inCluster);
const scripts = new k8s.core.v1.ConfigMap(
  "scripts",
  { metadata: { name: "scripts", namespace: tenant.metadata.name }, data: { "train.py": "print('training')" } },
  inCluster,
);
const sizes = { large: "3g.20gb", medium: "2g.10gb", small: "1g.5gb" };
for (const [size, profile] of Object.entries(sizes)) {
  const expression = `device.attributes["gpu.nvidia.com"].type == "mig" && device.attributes["gpu.nvidia.com"].profile == "${profile}"`;
  const template = new k8s.apiextensions.CustomResource(
    `mig-${size}-template`,
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: { name: `mig-${size}-template`, namespace: tenant.metadata.name },
      spec: {
        spec: {
          devices: {
            requests: [{ name: "slice", exactly: { deviceClassName: "mig.nvidia.com", count: 1, selectors: [{ cel: { expression } }] } }],
          },
        },
      },
    },
    { provider, dependsOn: [driver] },
  );
  new k8s.core.v1.Pod(
    `mig-${size}`,
    {
      metadata: { name: `mig-${size}`, namespace: tenant.metadata.name },
      spec: {
        restartPolicy: "Never",
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
        nodeSelector: { "node-role": "gpu" },
        containers: [
          {
            name: "main",
            image: "nvcr.io/nvidia/pytorch:25.12-py3",
            command: ["python", "/scripts/train.py"],
            volumeMounts: [{ name: "scripts", mountPath: "/scripts", readOnly: true }],
            resources: { claims: [{ name: "slice" }] },
          },
        ],
        resourceClaims: [{ name: "slice", resourceClaimTemplateName: `mig-${size}-template` }],
        volumes: [{ name: "scripts", configMap: { name: scripts.metadata.name } }],
      },
    },
    { provider, dependsOn: [template, scripts] },
  );
}

export const kubeconfig = pulumi.secret(cluster.kubeconfig);
