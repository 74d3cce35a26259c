/** Sources of this project as programs that run inside the cluster, with nothing to install. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transformSync } from "@swc/core";

/**
 * TypeScript sources as plain modules of JavaScript, by file name. They import one another as siblings, which they are in a ConfigMap.
 * @param sources a program and all that it imports, relative to `directory`, without their ending.
 */
export function scriptModules(directory: string, sources: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sources.map((source) => [`${basename(source)}.mjs`, strip(readFileSync(join(directory, `${source}.ts`), "utf8"))]),
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
