import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transformSync } from "@swc/core";

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

/** The script as plain modules of JavaScript, by file name. They import one another as siblings, which they are in the gate's ConfigMap. */
export function scriptFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SOURCES.map((source) => [`${basename(source)}.mjs`, strip(readFileSync(join(__dirname, `${source}.ts`), "utf8"))]),
  );
}

/** Strips the types. Comments stay: whoever reads the ConfigMap in a cluster has nothing else to go by. */
function strip(typescript: string): string {
  const { code } = transformSync(typescript, {
    swcrc: false,
    configFile: false,
    sourceMaps: false,
    module: { type: "es6" },
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
  });
  return code.replace(/(from ")\.[^"]*\/([^"/]+)"/g, '$1./$2.mjs"');
}
