/** Logs that an EKS control plane can send to CloudWatch (Amazon EKS API, `LogSetup`). All are off by default. */
export const CONTROL_PLANE_LOG_TYPES: readonly string[] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
