import { SERVICE_RANGES } from "../well-known/service-ranges";
import { overlap, readBlock } from "./cidr";
import type { Block } from "./cidr";
import { checkUnique } from "./names";
import { nearestValues } from "./reading/nearest";
import type { Report } from "./reading/problem";
import { isZoneOf } from "./regions";
import type { ShapedConfig } from "./schema";
import type { Network } from "./types";

/** AWS allows VPCs of /16 to /28; below /24 the zones' private subnets have no room for nodes, whatever the pools are. */
export const VPC_PREFIXES = { widest: 16, narrowest: 24 };

/** RFC 1918, and RFC 6598 which AWS allows for VPCs too. */
const VPC_RANGES: readonly string[] = ["private", "carrierGradeNat"];

/** EKS wants subnets in two zones at least. */
const MIN_ZONES = 2;

/** AWS services that nodes and platform use, for which an interface endpoint can be made. */
const INTERFACE_ENDPOINTS: readonly string[] = [
  "aps-workspaces",
  "autoscaling",
  "ec2",
  "ec2messages",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "kms",
  "logs",
  "ssm",
  "ssmmessages",
  "sts",
];

/** Without a way to the Internet nodes do not join unless these are there. Source: Amazon EKS user guide, "Deploy private clusters with limited internet access" (2026-11). */
const NEEDED_WITHOUT_NAT: readonly string[] = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"];

/** The network, or undefined where one of its keys is missing or of the wrong shape. */
export function resolveNetwork(shaped: ShapedConfig, region: string | undefined, report: Report): Network | undefined {
  const { vpcCidr, availabilityZones, natGateways, interfaceEndpoints } = shaped;
  if (vpcCidr !== undefined) {
    checkVpcCidr(vpcCidr, report);
  }
  if (availabilityZones !== undefined) {
    checkZones(availabilityZones, region, report);
  }
  if (interfaceEndpoints !== undefined) {
    checkEndpoints(interfaceEndpoints, natGateways, report);
  }
  if (vpcCidr === undefined || availabilityZones === undefined || natGateways === undefined || interfaceEndpoints === undefined) {
    return undefined;
  }
  return { cidr: vpcCidr, availabilityZones, natGateways, interfaceEndpoints };
}

function checkVpcCidr(text: string, report: Report): void {
  const key = "vpcCidr";
  const result = readBlock(text);
  if (result.type === "invalid" || result.block.family === "ipv6") {
    report({ key, value: text, reason: "not an IPv4 block in CIDR notation such as 10.0.0.0/16" });
    return;
  }
  const { block } = result;
  if (result.type === "address") {
    report({ key, value: text, reason: "an address without its prefix", nearest: [`${text}/${VPC_PREFIXES.widest}`] });
  } else if (result.type === "hostBits") {
    report({ key, value: text, reason: "it has bits set beyond its prefix", nearest: [block.cidr] });
  } else if (block.prefix < VPC_PREFIXES.widest || block.prefix > VPC_PREFIXES.narrowest) {
    const nearest = Math.min(Math.max(block.prefix, VPC_PREFIXES.widest), VPC_PREFIXES.narrowest);
    report({
      key,
      value: text,
      reason: `the prefix of the VPC must be /${VPC_PREFIXES.widest} to /${VPC_PREFIXES.narrowest}. AWS allows no wider block, and a narrower one has no room for GPU nodes`,
      nearest: [text.replace(/\/.*/, `/${nearest}`)],
    });
  } else {
    checkVpcRange(block, report);
  }
}

function checkVpcRange(block: Block, report: Report): void {
  const key = "vpcCidr";
  if (!VPC_RANGES.includes(block.range)) {
    report({
      key,
      value: block.cidr,
      reason:
        "not private addresses (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10): nodes could not reach the hosts that own these addresses",
      nearest: [`10.0.0.0/${block.prefix}`],
    });
  }
  for (const cidr of SERVICE_RANGES) {
    const service = readBlock(cidr);
    if (service.type === "block" && overlap(block, service.block)) {
      report({
        key,
        value: block.cidr,
        reason: `it overlaps ${cidr}, which EKS uses for Kubernetes services`,
        nearest: [`10.0.0.0/${block.prefix}`],
      });
    }
  }
}

function checkZones(zones: readonly string[], region: string | undefined, report: Report): void {
  const key = "availabilityZones";
  if (zones.length < MIN_ZONES) {
    report({ key, value: zones, reason: `EKS needs subnets in at least ${MIN_ZONES} zones` });
  }
  checkUnique(zones, (index) => `${key}[${index}]`, report);
  zones.forEach((zone, index) => {
    if (region !== undefined && !isZoneOf(zone, region)) {
      const letter = /[a-z]$/.exec(zone)?.[0];
      const nearest = letter === undefined ? [] : [`${region}${letter}`].filter((candidate) => candidate !== zone);
      report({
        key: `${key}[${index}]`,
        value: zone,
        reason: `not an availability zone of ${region} (its zones are ${region}a, ${region}b, ...)`,
        nearest,
      });
    }
  });
}

function checkEndpoints(endpoints: readonly string[], natGateways: Network["natGateways"] | undefined, report: Report): void {
  const key = "interfaceEndpoints";
  checkUnique(endpoints, (index) => `${key}[${index}]`, report);
  endpoints.forEach((endpoint, index) => {
    if (!INTERFACE_ENDPOINTS.includes(endpoint)) {
      const reason = `this platform uses no such interface endpoint. It uses ${INTERFACE_ENDPOINTS.join(", ")}, and S3 always has a gateway endpoint`;
      report({ key: `${key}[${index}]`, value: endpoint, reason, nearest: nearestValues(endpoint, INTERFACE_ENDPOINTS) });
    }
  });
  const missing = NEEDED_WITHOUT_NAT.filter((needed) => !endpoints.includes(needed));
  if (natGateways === "none" && missing.length > 0) {
    report({ key, value: endpoints, reason: `with natGateways "none", nodes cannot join without ${missing.join(", ")}` });
  }
}
