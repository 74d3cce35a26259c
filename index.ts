/** The composition: configuration -> platform -> outputs. Each part's own file says what it is for. */
import type { Resource } from "@pulumi/pulumi";
import * as aws from "./src/aws";
import { loadConfig } from "./src/config/load";
import { devicesPerNode } from "./src/hardware/node-devices";
import * as kubernetes from "./src/kubernetes";
import { hourlyCost } from "./src/planner/cost";

export = async () => {
  const config = loadConfig();
  const { clusterName, region, release, tags, apiServerAccess, charts, gpuPools: pools, teams } = config;
  const provider = new aws.AwsProvider("aws");
  const zones = await aws.lookupZones(config, { provider });
  await aws.checkVersionStep(config, { provider });
  await aws.keepIdentity("platform", config);

  const inAws = { providers: [provider] };
  const common = { clusterName, region, release, tags };
  const network = new aws.Network("network", { ...common, network: config.network }, inAws);
  const controlPlane = new aws.ControlPlane(
    "control-plane",
    { ...common, controlPlane: config.controlPlane, apiServerAccess, teams, network },
    inAws,
  );
  const networkingAddons = new aws.NetworkingAddons("networking-addons", { ...common, controlPlane }, inAws);

  const nodes = { ...common, controlPlane, network, networkingAddons };
  const systemPool = new aws.SystemPool("system", { ...nodes, systemPool: config.systemPool }, inAws);
  const gpuPools = zones.gpuPools.map(({ pool, zone }) => new aws.GpuPool(pool.name, { ...nodes, pool, zone }, inAws));
  const clusterAddons = new aws.ClusterAddons(
    "cluster-addons",
    { ...common, controlPlane, systemPool, monitoring: config.monitoring },
    inAws,
  );

  // Operators wait for the system pool only: they install while GPU nodes boot, divide their GPUs and reboot.
  const after = (...dependsOn: Resource[]) => ({ providers: [controlPlane.provider], dependsOn });
  const storageClass = new kubernetes.StorageClass("storage-class", after(clusterAddons));
  const monitoring = new kubernetes.Monitoring(
    "monitoring",
    {
      clusterName,
      monitoring: config.monitoring,
      chart: charts.kubePrometheusStack,
      storageClass: kubernetes.DEFAULT_STORAGE_CLASS,
      stack: { pools, standardSupportEnds: release.standardSupportEnds },
      image: config.partitionGate.image,
    },
    after(storageClass),
  );
  const gpuOperator = new kubernetes.GpuOperator(
    "gpu-operator",
    { chart: charts.gpuOperator, pools, monitoring: config.monitoring },
    after(monitoring),
  );
  const draDriver = new kubernetes.DraDriver("dra-driver", { chart: charts.draDriver }, after(gpuOperator));
  const gate = new kubernetes.PartitionGate("partition-gate", { pools, gate: config.partitionGate, charts }, after(draDriver, ...gpuPools));

  const tiers = new kubernetes.DeviceTiers("tiers", after(clusterAddons));
  const admissionPolicies = new kubernetes.AdmissionPolicies("admission-policies", after(clusterAddons));
  // After the driver: on the way down it still has to release the slices of teams' pods.
  const tenants = new kubernetes.Teams(
    "teams",
    { teams, pools, kubernetes: release.kubernetes },
    after(tiers, admissionPolicies, draDriver),
  );
  new kubernetes.FashionMnist("fashion-mnist", { fashionMnist: config.fashionMnist, monitoring: config.monitoring }, after(gate, tenants));

  return {
    kubeconfig: controlPlane.kubeconfig,
    clusterName: controlPlane.clusterName,
    region,
    vpcId: network.vpcId,
    gpuPools: zones.gpuPools.map(({ pool, zone }) => ({ ...pool.size, name: pool.name, zone, slicesPerNode: devicesPerNode(pool.layout) })),
    namespaces: tenants.namespaces,
    grafana: monitoring.grafana,
    hourlyCost: hourlyCost([config.systemPool, ...pools].map(({ instanceType, size }) => ({ instanceType, count: size.desired }))),
  };
};
