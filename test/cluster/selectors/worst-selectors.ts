/** The worst that a claim may ask kube-scheduler to evaluate: as many selectors, as long and as slow as the limits allow. */
import { LIMITS } from "../../../src/dra/selector/language/vocabulary";

const NAME = `device.attributes["gpu.nvidia.com"].productName`;
/** Every repetition goes over the whole name, from each of its characters, in vain. */
const PATTERN = `${NAME}.matches("${".*".repeat(LIMITS.patternRepetitions)}x")`;
const COMPARISON = `quantity("1") == quantity("2")`;

/** True of every device, once each part of it has been evaluated. */
const SLOW = `!(${[PATTERN, ...Array.from({ length: Math.floor((LIMITS.bytes - PATTERN.length - 3) / (COMPARISON.length + 2)) }, () => COMPARISON)].join("||")})`;

/** No device passes the last one, so the claim is tried again and again. */
export const WORST_SELECTORS: readonly string[] = [
  ...Array.from({ length: LIMITS.totalBytes / LIMITS.bytes - 1 }, () => SLOW),
  SLOW.slice(1),
];
