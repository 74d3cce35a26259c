/** The two resources that are an EKS control plane. */

/** The cluster of EKS, which the program or a component registers. */
export const CLUSTER = "aws:eks/cluster:Cluster";
/** The component of @pulumi/eks, which shows what it will create before it creates it. */
export const CLUSTER_COMPONENT = "eks:index:Cluster";

/** A property that each of them has at a path of its own. A rule calls `read` only if it needs the value, because every unknown value that it reads counts. */
export interface Property {
  readonly path: string;
  readonly read: () => unknown;
}
