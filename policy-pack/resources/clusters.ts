/** What is read of the two resources that are an EKS control plane: the cluster of EKS, and the component of @pulumi/eks that makes one. */
/** A property that each of them has at a path of its own. A rule calls `read` only if it needs the value, because every unknown value that it reads counts. */
export interface Property {
  readonly path: string;
  readonly read: () => unknown;
}
