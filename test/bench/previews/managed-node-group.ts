/** `eks:index:ManagedNodeGroup` as its plugin builds it for what the usual stack asks of it: a node group, and nothing else where the role is given. */
import type { WireMap } from "../../../src/rehearsal/monitor/wire";
import type { Plugin } from "../../../src/rehearsal/stand-ins/plugins";

export const MANAGED_NODE_GROUP: Plugin = {
  versions: { aws: "7.25.0" },
  construct: async ({ name, inputs }, _world, _zones, make) => {
    const group = await make("aws:eks/nodeGroup:NodeGroup", name, {
      ...Object.fromEntries(Object.entries(inputs as WireMap).filter(([key]) => !["cluster", "nodeRole"].includes(key))),
      clusterName: "gpu-cluster",
      nodeRoleArn: "arn:aws:iam::123456789012:role/node-role",
      subnetIds: ["subnet-0"],
    });
    return { nodeGroup: group.reference };
  },
};
