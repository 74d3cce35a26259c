import type { Guardrail } from "./guardrail";
import { CLAIM_SUBJECTS, claimGuardrail } from "./guardrail-claims";
import {
  DEVICE_CLASS_GUARDRAIL,
  EPHEMERAL_CONTAINER_GUARDRAIL,
  NAMESPACE_GUARDRAIL,
  NODE_PROXY_GUARDRAIL,
  SYSTEM_PODS_GUARDRAIL,
} from "./guardrail-platform";
import { POD_SUBJECTS, podGuardrail } from "./guardrail-pods";
import { SERVICE_GUARDRAIL } from "./guardrail-services";

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
