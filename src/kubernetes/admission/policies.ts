import type { Guardrail } from "./policy";
import { CLAIM_SUBJECTS, claimGuardrail } from "./claims";
import {
  DEVICE_CLASS_GUARDRAIL,
  EPHEMERAL_CONTAINER_GUARDRAIL,
  NAMESPACE_GUARDRAIL,
  NODE_PROXY_GUARDRAIL,
  SYSTEM_PODS_GUARDRAIL,
} from "./platform";
import { POD_SUBJECTS, podGuardrail } from "./pods";
import { SERVICE_GUARDRAIL } from "./services";

/** Every guardrail of the cluster. */
export const GUARDRAILS: readonly Guardrail[] = [
  ...CLAIM_SUBJECTS.map(claimGuardrail),
  ...POD_SUBJECTS.map(podGuardrail),
  EPHEMERAL_CONTAINER_GUARDRAIL,
  SERVICE_GUARDRAIL,
  SYSTEM_PODS_GUARDRAIL,
  NODE_PROXY_GUARDRAIL,
  NAMESPACE_GUARDRAIL,
  DEVICE_CLASS_GUARDRAIL,
];
