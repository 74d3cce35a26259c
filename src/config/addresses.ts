/** Whether the subnets have addresses for all nodes that the pools may have, and for their pods. */
import { devicesPerNode } from "../hardware/node-devices";
import { NODE_ADDRESSES } from "../well-known/node-addresses";
import { VPC_PREFIXES } from "./network";
import type { Report } from "./reading/problem";
import { planSubnets } from "./subnets";
import type { GpuPool, Network, SystemPool } from "./types";

/** AWS keeps the first four addresses of a subnet and the last one. Source: Amazon VPC user guide, "Subnet CIDR blocks". */
const KEPT_BY_AWS = 5;

/** Nodes of a pool in one zone. */
interface ZoneNodes {
  readonly pool: string;
  readonly count: number;
  readonly addresses: number;
  /** What a node needs its addresses for. */
  readonly why: string;
}

/**
 * Refuses a VPC whose private subnets have fewer addresses than the nodes hold when the pools have their full size and every slice has a pod.
 * Node groups spread their nodes evenly over the zones. Daemons and pods without a slice come on top.
 */
export function checkAddresses(network: Network, systemPool: SystemPool, pools: readonly GpuPool[], report: Report): void {
  const short = shortZone(network, network.cidr, systemPool, pools);
  if (short === undefined) {
    return;
  }
  const { zone, subnet, free, nodes, needed } = short;
  const prefix = Number(network.cidr.split("/")[1]);
  const wider = Array.from({ length: prefix - VPC_PREFIXES.widest }, (_, index) =>
    network.cidr.replace(/\d+$/, String(prefix - 1 - index)),
  );
  const enough = wider.find((cidr) => shortZone(network, cidr, systemPool, pools) === undefined);
  const list = nodes.map(({ pool, count, addresses, why }) => `${count} of pool ${pool} with ${addresses} each (${why})`).join(", ");
  report({
    key: "vpcCidr",
    value: network.cidr,
    reason:
      `the private subnet of ${zone} is ${subnet} and has ${free} addresses for nodes and pods, and with all pools at their full size the nodes there hold ${needed}: ${list}. ` +
      (enough === undefined ? "Let the pools grow less, or use more zones" : `A /${String(enough.split("/")[1])} has enough`),
  });
}

function shortZone({ availabilityZones, interfaceEndpoints }: Network, cidr: string, systemPool: SystemPool, pools: readonly GpuPool[]) {
  for (const { zone, private: subnet } of planSubnets(cidr, availabilityZones)) {
    const free = 2 ** (32 - Number(subnet.split("/")[1])) - KEPT_BY_AWS - interfaceEndpoints.length;
    const nodes = nodesIn(zone, availabilityZones.length, systemPool, pools);
    const needed = nodes.reduce((sum, { count, addresses }) => sum + count * addresses, 0);
    if (needed > free) {
      return { zone, subnet, free, nodes, needed };
    }
  }
  return undefined;
}

function nodesIn(zone: string, zones: number, systemPool: SystemPool, pools: readonly GpuPool[]): readonly ZoneNodes[] {
  const share = (count: number) => Math.ceil(count / zones);
  return [
    { pool: "system", count: share(systemPool.size.max), ...addressesFor(0) },
    ...pools
      .filter(({ availabilityZone }) => availabilityZone === undefined || availabilityZone === zone)
      .map(({ name, availabilityZone, size, layout }) => ({
        pool: name,
        count: availabilityZone === undefined ? share(size.max) : size.max,
        ...addressesFor(Object.values(devicesPerNode(layout)).reduce((sum, count) => sum + count, 0)),
      })),
  ];
}

/** What a node holds: its own address, and those that the VPC CNI keeps for pods. @param slices each with a pod. */
function addressesFor(slices: number): Pick<ZoneNodes, "addresses" | "why"> {
  const { minimum, spare } = NODE_ADDRESSES;
  return slices + spare > minimum
    ? { addresses: 1 + slices + spare, why: `its own, ${String(slices)} for a pod on each slice, ${String(spare)} spare` }
    : { addresses: 1 + minimum, why: `its own, ${String(minimum)} for pods from its start on` };
}
