/**
 * Service quotas of EC2 that count vCPUs of running On-Demand instances, by instance family.
 * Source: Amazon EC2 user guide, "Amazon EC2 instance type quotas" (read 2026-11-29).
 */
export interface VcpuQuota {
  readonly code: string;
  readonly name: string;
  /** Names of the instance types that it counts. */
  readonly families: RegExp;
  /** Beginnings of these names, and of some that other quotas count. */
  readonly beginnings: readonly string[];
  readonly startsAt: string;
}

export const VCPU_QUOTAS: readonly VcpuQuota[] = [
  {
    code: "L-417A185B",
    name: "Running On-Demand P instances",
    families: /^p\d/,
    beginnings: ["p"],
    startsAt: "New accounts often have 0",
  },
  {
    code: "L-DB2E81BA",
    name: "Running On-Demand G and VT instances",
    families: /^(g|gr|vt)\d/,
    beginnings: ["g", "vt"],
    startsAt: "New accounts often have 0",
  },
  {
    code: "L-1216C47A",
    name: "Running On-Demand Standard instances",
    families: /^(a|c|d|h|i|im|is|m|r|t|z)\d/,
    beginnings: ["a", "c", "d", "h", "i", "m", "r", "t", "z"],
    startsAt: "New accounts have few",
  },
];
