/** The ranges that EKS takes the addresses of Services from, one or the other, unless a cluster names its own. Source: Amazon EKS API, KubernetesNetworkConfigRequest.serviceIpv4Cidr (2026-11). */
export const SERVICE_RANGES = ["10.100.0.0/16", "172.20.0.0/16"] as const;
