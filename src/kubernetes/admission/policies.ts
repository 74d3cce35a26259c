import type { AdmissionPolicy } from "./policy";
import { CLAIM_SUBJECTS, claimPolicy } from "./claims";
import { DEVICE_CLASS_POLICY, EPHEMERAL_CONTAINER_POLICY, NAMESPACE_POLICY, NODE_PROXY_POLICY, SYSTEM_PODS_POLICY } from "./platform";
import { POD_SUBJECTS, podPolicy } from "./pods";
import { SERVICE_POLICY } from "./services";

/** Every admission policy of the cluster. */
export const ADMISSION_POLICIES: readonly AdmissionPolicy[] = [
  ...CLAIM_SUBJECTS.map(claimPolicy),
  ...POD_SUBJECTS.map(podPolicy),
  EPHEMERAL_CONTAINER_POLICY,
  SERVICE_POLICY,
  SYSTEM_PODS_POLICY,
  NODE_PROXY_POLICY,
  NAMESPACE_POLICY,
  DEVICE_CLASS_POLICY,
];
