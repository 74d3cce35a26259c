/** Data sources that answer from what exists: the clusters and VPCs of the account. */
import type { PlainMap } from "../../../../../src/rehearsal/monitor/recording";
import { asMap, unwrap } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../../../src/rehearsal/monitor/wire";
import type { Cloud, Thing } from "../cloud";

type Lookup = (args: PlainMap, things: readonly Thing[]) => WireMap;

const outputsOf = ({ id, outputs }: Thing): WireMap => ({ id, ...(unwrap(outputs).value as WireMap) });

const LOOKUPS: Readonly<Record<string, { readonly type: string; readonly answer: Lookup }>> = {
  "aws:eks/getCluster:getCluster": {
    type: "aws:eks/cluster:Cluster",
    answer: ({ name }, clusters) => {
      const cluster = clusters.find(({ id }) => id === name);
      if (cluster === undefined) {
        throw new Error(`reading EKS Cluster (${String(name)}): couldn't find resource`);
      }
      return outputsOf(cluster);
    },
  },
  "aws:eks/getClusters:getClusters": {
    type: "aws:eks/cluster:Cluster",
    answer: (_args, clusters) => ({ id: "clusters", names: clusters.map(({ id }) => id) }),
  },
  "aws:ec2/getVpc:getVpc": {
    type: "aws:ec2/vpc:Vpc",
    answer: (args, vpcs) => {
      const { id, cidrBlock, tags, ...others } = args as { id?: string; cidrBlock?: string; tags?: Record<string, string> } & PlainMap;
      const unknown = Object.keys(others).filter((name) => name !== "region");
      if (unknown.length > 0) {
        throw new Error(`the stand-in for the AWS provider finds no VPC by ${unknown.join(", ")}`);
      }
      const found = vpcs.map(outputsOf).filter((vpc) => {
        const own = asMap(vpc.tags);
        const hasTags = Object.entries(tags ?? {}).every(([key, value]) => own[key] === value);
        return (id === undefined || vpc.id === id) && (cidrBlock === undefined || vpc.cidrBlock === cidrBlock) && hasTags;
      });
      const [vpc] = found;
      if (vpc === undefined || found.length > 1) {
        throw new Error(
          vpc === undefined
            ? "no matching EC2 VPC found"
            : "multiple EC2 VPCs matched; use additional constraints to reduce matches to a single EC2 VPC",
        );
      }
      return vpc;
    },
  },
};

/** Undefined for a data source that does not ask what exists. @throws Error in the provider's words for something that is not there. */
export function lookUp(token: string, args: PlainMap, region: string, cloud: Cloud): WireMap | undefined {
  const lookup = LOOKUPS[token];
  if (lookup === undefined) {
    return undefined;
  }
  const things = cloud.all.filter(({ type, inputs }) => type === lookup.type && (inputs.region ?? region) === region);
  return { region, ...lookup.answer(args, things) };
}
