/** The worst that a claim may ask kube-scheduler to evaluate: as many selectors, as long and as slow as the limits allow. */
import { LIMITS } from "../../../src/dra/selector/language/vocabulary";

const NAME = `device.attributes["gpu.nvidia.com"].productName`;
/** Every repetition goes over the whole name, from each of its characters, in vain. */
const PATTERN = `${NAME}.matches("${".*".repeat(LIMITS.patternRepetitions)}x")`;
const COMPARISON = `quantity("1") == quantity("2")`;

const SELECTORS = LIMITS.totalBytes / LIMITS.bytes;
/** Its share of the slowest that a claim may have, and comparisons in the rest of the bytes. */
const PATTERNS = Array.from({ length: LIMITS.patterns / SELECTORS }, () => PATTERN).join("||");
const COMPARISONS = Math.floor((LIMITS.bytes - PATTERNS.length - 3) / `||${COMPARISON}`.length);

/** True of every device, once each part of it has been evaluated. */
const SLOW = `!(${[PATTERNS, ...Array.from({ length: COMPARISONS }, () => COMPARISON)].join("||")})`;

/** No device passes the last one, so the claim is tried again and again. */
export const WORST_SELECTORS: readonly string[] = [...Array.from({ length: SELECTORS - 1 }, () => SLOW), SLOW.slice(1)];
