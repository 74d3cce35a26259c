import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ConfigMapArgs } from "@pulumi/kubernetes/core/v1";
import { contentHash } from "../content-hash";

/** The Python package of the workloads, in the project's checkout. */
export const SCRIPTS_DIR = join(__dirname, "..", "..", "..", "workloads", "fashion_mnist");

/** The API server takes ConfigMaps up to 1 MiB; this leaves room for its metadata and for the copy of the content in managed fields. */
const MAX_KIB = 900;

/** The Python files of the package, by file name. */
export type Scripts = Readonly<Record<string, string>>;

/**
 * Reads the workloads' Python files, when the program runs.
 * @throws Error when there are none or they do not fit into a ConfigMap.
 */
export function readScripts(directory: string = SCRIPTS_DIR): Scripts {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".py")) : [];
  if (names.length === 0) {
    throw new Error(
      `fashionMnist: ${directory} has no Python files, which the workloads run; take the whole checkout, or set fashionMnist to "none"`,
    );
  }
  const scripts = Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
  const sizes = Object.entries(scripts).map(([name, content]) => ({ name, bytes: Buffer.byteLength(content) }));
  const kib = Math.ceil(sizes.reduce((total, { bytes }) => total + bytes, 0) / 1024);
  if (kib > MAX_KIB) {
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    throw new Error(
      `fashionMnist: the Python files in ${directory} are ${String(kib)} KiB together (${largest.name} alone ${String(Math.ceil(largest.bytes / 1024))} KiB), ` +
        `and a ConfigMap holds ${String(MAX_KIB)} KiB; put what is large into the image`,
    );
  }
  return scripts;
}

/** The scripts as an immutable ConfigMap, which kubelets need not watch. Its name changes with the content, and with it the pods that mount it. */
export function scriptsConfigMap(scripts: Scripts, namespace: string): ConfigMapArgs & { readonly metadata: { readonly name: string } } {
  return { metadata: { name: `fashion-mnist-${contentHash(scripts)}`, namespace }, immutable: true, data: { ...scripts } };
}
