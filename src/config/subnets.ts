/** Which address range each subnet of the VPC gets. Pure. */
import ipaddr from "ipaddr.js";

/** The ranges of one availability zone. */
export interface ZoneSubnets {
  readonly zone: string;
  /** For nodes, pods and the control plane's network interfaces. */
  readonly private: string;
  /** For NAT gateways and internet-facing load balancers; nothing else lives there. */
  readonly public: string;
}

/** AWS allows no subnet smaller than this, and no VPC smaller than it. */
const SMALLEST_SUBNET = 28;
/** Enough for NAT gateways and load balancers however large the VPC is. */
const PUBLIC_SUBNET = 24;
/** AWS allows no VPC larger than this. */
const LARGEST_VPC = 16;

const toNumber = (address: string): number => ipaddr.IPv4.parse(address).octets.reduce((number, octet) => number * 256 + octet, 0);

const toBlock = (address: number, prefix: number): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${prefix}`;

/** Into how many shares a VPC for so many zones is divided: there is room for as many zones without a change to the ranges of the others. */
export function zonesWithRoom(zones: number): number {
  return 2 ** Math.max(2, Math.ceil(Math.log2(zones)));
}

/**
 * Divides a VPC among zones: docs/decisions/0006-subnet-ranges-are-explicit.md. `10.0.0.0/16` with three zones: private `10.0.0.0/19`,
 * `10.0.64.0/19`, `10.0.128.0/19`, public `10.0.32.0/24`, `10.0.96.0/24`, `10.0.160.0/24`. The rest of each zone's block stays free.
 *
 * @throws RangeError if the VPC is outside /16 to /28 or too small for its zones (four zones need a /25 or larger).
 */
export function planSubnets(cidr: string, zones: readonly string[]): readonly ZoneSubnets[] {
  const [base, vpcPrefix] = ipaddr.IPv4.parseCIDR(cidr);
  const zonePrefix = vpcPrefix + Math.log2(zonesWithRoom(zones.length));
  const privatePrefix = zonePrefix + 1;
  const publicPrefix = Math.min(Math.max(zonePrefix + 2, PUBLIC_SUBNET), SMALLEST_SUBNET);
  if (vpcPrefix < LARGEST_VPC || privatePrefix > SMALLEST_SUBNET) {
    throw new RangeError(
      `${cidr} cannot be divided among ${zones.length} zones: AWS allows VPCs of /${LARGEST_VPC} to /${SMALLEST_SUBNET} and subnets of /${SMALLEST_SUBNET} or larger`,
    );
  }
  const zoneSize = 2 ** (32 - zonePrefix);
  return zones.map((zone, index) => {
    const start = toNumber(base.toString()) + index * zoneSize;
    return { zone, private: toBlock(start, privatePrefix), public: toBlock(start + zoneSize / 2, publicPrefix) };
  });
}
