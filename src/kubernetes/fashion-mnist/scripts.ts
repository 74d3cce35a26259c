import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ConfigMapArgs } from "@pulumi/kubernetes/core/v1";
import { contentHash } from "../content-hash";

/** The Python package of the workloads, in the project's checkout. */
export const SCRIPTS_DIR = join(__dirname, "..", "..", "..", "workloads", "fashion_mnist");

/** The API server takes ConfigMaps up to 1 MiB; this leaves room for its metadata and for the copy of the content in managed fields. */
const MAX_KIB = 900;

/** What a ConfigMap carries of the package, by file name. */
export interface Scripts {
  /** The Python files. */
  readonly modules: Readonly<Record<string, string>>;
  /** The libraries that lie beside them as wheels, which Python imports as they are: in base64, as `binaryData` has it. */
  readonly wheels: Readonly<Record<string, string>>;
}

/**
 * Reads the workloads' Python files and wheels, when the program runs.
 * @throws Error when there are none or they do not fit into a ConfigMap.
 */
export function readScripts(directory: string = SCRIPTS_DIR): Scripts {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const modules = names.filter((name) => name.endsWith(".py"));
  const wheels = names.filter((name) => name.endsWith(".whl"));
  if (modules.length === 0) {
    throw new Error(
      `fashionMnist: ${directory} has no Python files, which the workloads run; take the whole checkout, or set fashionMnist to "none"`,
    );
  }
  const sizes = [...modules, ...wheels].map((name) => ({ name, bytes: statSync(join(directory, name)).size }));
  const kib = Math.ceil(sizes.reduce((total, { bytes }) => total + bytes, 0) / 1024);
  if (kib > MAX_KIB) {
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    throw new Error(
      `fashionMnist: the Python files and wheels in ${directory} are ${String(kib)} KiB together (${largest.name} alone ${String(Math.ceil(largest.bytes / 1024))} KiB), ` +
        `and a ConfigMap holds ${String(MAX_KIB)} KiB; put what is large into the image`,
    );
  }
  const read = (of: readonly string[], encoding: "utf8" | "base64") =>
    Object.fromEntries(of.map((name) => [name, readFileSync(join(directory, name), encoding)]));
  return { modules: read(modules, "utf8"), wheels: read(wheels, "base64") };
}

/** The scripts as an immutable ConfigMap, which kubelets need not watch. Its name changes with the content, and with it the pods that mount it. */
export function scriptsConfigMap(scripts: Scripts, namespace: string): ConfigMapArgs & { readonly metadata: { readonly name: string } } {
  return {
    metadata: { name: `fashion-mnist-${contentHash({ ...scripts.modules, ...scripts.wheels })}`, namespace },
    immutable: true,
    data: { ...scripts.modules },
    binaryData: { ...scripts.wheels },
  };
}
