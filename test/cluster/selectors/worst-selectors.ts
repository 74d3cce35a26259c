/** The worst that a claim may ask kube-scheduler to evaluate: as many selectors, as long and as slow as the language allows. */
import { LIMITS } from "../../../src/dra/selector/language/vocabulary";

const TERM = `device.attributes["gpu.nvidia.com"].productName.lowerAscii().matches("${"(.*)*".repeat(12)}x")`;

/** True of every device, once each of its patterns has been tried in vain. */
const SLOW = `!(${Array.from({ length: Math.floor((LIMITS.bytes - 3) / (TERM.length + 2)) }, () => TERM).join("||")})`;

/** No device passes the last one, so the claim is tried again and again. */
export const WORST_SELECTORS: readonly string[] = [...Array.from({ length: LIMITS.selectors - 1 }, () => SLOW), SLOW.slice(1)];
