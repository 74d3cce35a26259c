/** The composition: configuration -> platform -> outputs. What each part is for stands where it is defined. */
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type { Resource } from "@pulumi/pulumi";
import * as aws from "./src/aws";
import { loadConfig } from "./src/config/load";
import { devicesPerNode } from "./src/hardware/node-devices";
import * as platform from "./src/kubernetes";
import { hourlyCost } from "./src/planner/cost";

export = async () => {
  const config = loadConfig();
  const { clusterName, region, release, tags, charts, gpuPools: pools, teams } = config;
  const provider = new aws.AwsProvider("aws");
  const zones = await aws.lookupZones(config, { provider });
  await aws.keepIdentity("platform", config);

  const inAws = { providers: [provider] };
  const common = { clusterName, region, release, tags };
  const network = new aws.Network("network", { ...common, network: config.network }, inAws);
  const controlPlane = new aws.ControlPlane("control-plane", { ...common, ...config, network }, inAws);
  const networkingAddons = new aws.NetworkingAddons("networking-addons", { ...common, controlPlane }, inAws);

  const nodes = { ...common, controlPlane, network, networkingAddons };
  const systemPool = new aws.SystemPool("system", { ...nodes, systemPool: config.systemPool }, inAws);
  const gpuPools = zones.gpuPools.map(({ pool, zone }) => new aws.GpuPool(pool.name, { ...nodes, pool, zone }, inAws));
  const clusterAddons = new aws.ClusterAddons("cluster-addons", { ...common, controlPlane, systemPool }, inAws);

  // Operators wait for the system pool only: they install while GPU nodes boot, divide their GPUs and reboot.
  const after = (...dependsOn: Resource[]) => ({ providers: [controlPlane.provider], dependsOn });
  const storageClass = new StorageClass(platform.DEFAULT_STORAGE_CLASS, platform.defaultStorageClass(), {
    provider: controlPlane.provider,
    dependsOn: clusterAddons,
    replaceOnChanges: platform.STORAGE_CLASS_REPLACED_ON,
    deleteBeforeReplace: true,
  });
  const monitoring = new platform.Monitoring(
    "monitoring",
    { chart: charts.kubePrometheusStack, storageClass: platform.DEFAULT_STORAGE_CLASS },
    after(storageClass),
  );
  const gpuOperator = new platform.GpuOperator("gpu-operator", { chart: charts.gpuOperator, pools }, after(monitoring));
  const draDriver = new platform.DraDriver("dra-driver", { chart: charts.draDriver }, after(gpuOperator));
  const gate = new platform.PartitionGate("partition-gate", { pools, gate: config.partitionGate, charts }, after(draDriver, ...gpuPools));

  const tiers = new platform.DeviceTiers("tiers", after(clusterAddons));
  const guardrails = new platform.Guardrails("guardrails", after(clusterAddons));
  // After the driver: on the way down it still has to release the slices of teams' pods.
  const tenants = new platform.Teams("teams", { teams, pools }, after(tiers, guardrails, draDriver));
  new platform.FashionMnist("fashion-mnist", { fashionMnist: config.fashionMnist }, after(gate, tenants));

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
