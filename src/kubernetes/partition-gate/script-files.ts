import { scriptModules } from "../script-modules";

/** The file that the Job starts. */
export const ENTRY = "partition-gate.mjs";

/** The gate's script and all that it imports: sources from here, without their ending. A test starts the script with nothing else beside it. */
const SOURCES = [
  "script/partition-gate",
  "script/api-server",
  "../../cluster/readiness",
  "../../hardware/node-devices",
  "../../well-known/attributes",
  "../../well-known/labels",
];

/** The script as plain modules of JavaScript, by file name. */
export function scriptFiles(): Readonly<Record<string, string>> {
  return scriptModules(__dirname, SOURCES);
}
