/** The composition: configuration -> platform -> outputs. What each part is for stands where it is defined. */
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type { Resource } from "@pulumi/pulumi";
import { ClusterAddons, ControlPlane, GpuPool, Network, NetworkingAddons, SystemPool, keepIdentity, lookupZones } from "./src/aws";
import { loadConfig } from "./src/config/load";
import { devicesPerNode } from "./src/hardware/node-devices";
import * as platform from "./src/kubernetes";
import { hourlyCost } from "./src/planner/cost";

export = async () => {
  const config = loadConfig();
  const { clusterName, region, release, tags, charts, gpuPools: pools, teams } = config;
  const zones = await lookupZones(config);
  const { cidr: vpcCidr, availabilityZones } = config.network;
  await keepIdentity("platform", { region, clusterName, vpcCidr, availabilityZones });

  const common = { clusterName, region, release, tags };
  const network = new Network("network", { ...common, network: config.network });
  const controlPlane = new ControlPlane("control-plane", { ...common, ...config, network });
  const networkingAddons = new NetworkingAddons("networking-addons", { ...common, controlPlane });

  const nodes = { ...common, controlPlane, network, networkingAddons };
  const systemPool = new SystemPool("system", { ...nodes, systemPool: config.systemPool });
  const gpuPools = zones.gpuPools.map(({ pool, zone }) => new GpuPool(pool.name, { ...nodes, pool, zone }));
  const clusterAddons = new ClusterAddons("cluster-addons", { ...common, controlPlane, systemPool });

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
