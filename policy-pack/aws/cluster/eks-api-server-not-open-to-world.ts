import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { INSTEAD_OF_A_CLOUD, WIDEST_PREFIX } from "../../../src/config/access";
import { addressesIn, readBlock } from "../../../src/config/cidr";
import type { Block, BlockResult } from "../../../src/config/cidr";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import type { Resource } from "../../evaluation/on-resource";
import { entries, field } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import type { Property } from "../../resources/clusters";

/** What a regional registry gives to one provider. */
const WIDEST_IPV6_PREFIX = 32;

const WHAT = "who can reach the API server";

/** Checks that the API server's public endpoint is off, or open to named address blocks only. Both default to the whole internet. */
export const eksApiServerNotOpenToWorld: ResourceValidationPolicy = {
  name: "eks-api-server-not-open-to-world",
  displayName: "API server not open to the world",
  description: "Checks that the public endpoint of an EKS API server is off, or open to named address blocks only.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "network"],
  remediationSteps:
    "Set endpointPublicAccess to false, or list the address blocks that need access in publicAccessCidrs. In this project, run `pulumi config set apiServerAccess private`, or set the blocks there.",
  configSchema: {
    properties: {
      widestIpv4Prefix: {
        type: "integer",
        minimum: 1,
        maximum: 32,
        default: WIDEST_PREFIX,
        description:
          "The shortest prefix of an IPv4 block that passes. A wider block counts as the whole internet, and so do blocks that have more addresses together than such a block.",
      },
    },
  },
  validateResource: onResources(
    onType<ClusterArgs>(EKS_CLUSTER, (cluster, resource) =>
      endpointFindings(
        { path: "vpcConfig.endpointPublicAccess", read: () => field(cluster, "vpcConfig", "endpointPublicAccess") },
        { path: "vpcConfig.publicAccessCidrs", read: () => field(cluster, "vpcConfig", "publicAccessCidrs") },
        resource,
      ),
    ),
    onType<ComponentArgs>(EKS_CLUSTER_COMPONENT, (cluster, resource) =>
      endpointFindings(
        { path: "endpointPublicAccess", read: () => cluster.endpointPublicAccess },
        { path: "publicAccessCidrs", read: () => cluster.publicAccessCidrs },
        resource,
      ),
    ),
  ),
};

/** Reads the blocks only if the endpoint is open: an unknown block of a closed endpoint decides nothing. */
function endpointFindings(publicAccess: Property, cidrs: Property, { getConfig }: Resource): readonly Finding[] {
  const access = publicAccess.read();
  if (access === false) {
    return [];
  }
  if (access === UNKNOWN) {
    return [undetermined(publicAccess.path, WHAT)];
  }
  const list = cidrs.read();
  if (list === UNKNOWN) {
    return [undetermined(cidrs.path, WHAT)];
  }
  const blocks = entries(list as readonly unknown[]);
  if (blocks.length === 0) {
    return [
      `"${publicAccess.path}" is ${show(access)} and "${cidrs.path}" lists no address block, so the API server is open to the whole internet (the default). Set "${publicAccess.path}" to false, or list the blocks that need access`,
    ];
  }
  const { widestIpv4Prefix = WIDEST_PREFIX } = getConfig<{ widestIpv4Prefix?: number }>();
  const widest = { ipv4: widestIpv4Prefix, ipv6: WIDEST_IPV6_PREFIX };
  const findings = blocks.flatMap((block, index) => blockFindings(`${cidrs.path}[${index}]`, block, widest));
  return findings.length > 0 ? findings : sumFindings(cidrs.path, blocks, widest);
}

type Prefixes = Readonly<Record<Block["family"], number>>;

function blockFindings(path: string, value: unknown, prefixes: Prefixes): readonly Finding[] {
  if (value === UNKNOWN) {
    return [undetermined(path, WHAT)];
  }
  const reading = readBlockOf(value);
  if (reading.type === "invalid") {
    return [`"${path}" is ${show(value)}, which is not an address block`];
  }
  const widest = prefixes[reading.block.family];
  return reading.block.prefix >= widest
    ? []
    : [`"${path}" is ${show(value)}. Use a block of /${widest} or narrower: this one restricts almost nobody`];
}

/** Many narrow blocks can be as much of the internet as a wide one. */
function sumFindings(path: string, values: readonly unknown[], prefixes: Prefixes): readonly Finding[] {
  const blocks = values.map(readBlockOf).flatMap((reading) => (reading.type === "invalid" ? [] : [reading.block]));
  return (["ipv4", "ipv6"] as const)
    .filter((family) => {
      const most = 2n ** BigInt((family === "ipv4" ? 32 : 128) - prefixes[family]);
      return addressesIn(blocks.filter((block) => block.family === family)) > most;
    })
    .map(
      (family) =>
        `"${path}" lists more addresses together than one block of /${prefixes[family]}, so it restricts almost nobody. ${INSTEAD_OF_A_CLOUD}`,
    );
}

function readBlockOf(value: unknown): BlockResult {
  return typeof value === "string" ? readBlock(value.trim()) : { type: "invalid" };
}
