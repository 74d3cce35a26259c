import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { figuresOf } from "./figures";
import type { SimulatedNode } from "./figures";

const SOURCES = ["state.c", "devices.c", "instances.c"].map((name) => join(__dirname, name));

/**
 * Compiles the simulated NVML for a node.
 * @param path of the library.
 * @throws Error when the machine has no C compiler.
 */
export function compileLibrary(node: SimulatedNode, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const figures = `${path}.figures.c`;
  writeFileSync(figures, figuresOf(node));
  const flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", `-I${__dirname}`];
  const { status, stderr, error } = spawnSync("cc", [...flags, "-o", path, figures, ...SOURCES], { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error(`cc cannot be started (${error.message}). Install a C compiler`);
  }
  if (status !== 0) {
    throw new Error(`the simulated NVML does not compile:\n${stderr}`);
  }
}
