/** The addresses that the VPC CNI holds on a node for pods. Source: aws/amazon-vpc-cni-k8s `docs/eni-and-ip-target.md` (read 2026-11-28). */
export const NODE_ADDRESSES = {
  /** From its start on: enough for its daemons and a few workloads. */
  minimum: 20,
  /** Beside those that pods have. */
  spare: 5,
} as const;
