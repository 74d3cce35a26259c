/** The types of an SDK of Pulumi, as its classes register them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./program";

/** Reading takes a second, and several tests of a process ask. */
const read = new Map<string, readonly string[]>();

/** @param name of the package: `aws`, `kubernetes`. */
export function sdkTypes(name: string): readonly string[] {
  const types = read.get(name) ?? readTypes(name);
  read.set(name, types);
  return types;
}

function readTypes(name: string): readonly string[] {
  const folder = join(ROOT, "node_modules/@pulumi", name);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".js") && !/(^|\/)(node_modules|types|scripts)\//.test(file),
  );
  const registered = new RegExp(`(?:__pulumiType = |super\\()["']${name}:[^"']+["']`, "g");
  const found = files.flatMap((file) => readFileSync(join(folder, file), "utf8").match(registered) ?? []);
  return [...new Set(found.map((text) => text.slice(text.indexOf(`${name}:`), -1)))].sort();
}
