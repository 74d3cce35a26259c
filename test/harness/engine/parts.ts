/**
 * Which of Pulumi's own parts the runs of this tier take for real, decided here for all of them: each that is installed, where the CLI looks for it. A stand-in takes
 * the place of an awsx or eks plugin and of a language host that is not there; a Kubernetes provider that is not there is built. AWS is a stand-in always, for
 * every version that anything asks for: the engine attaches by name.
 */
import { realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { findInstalled } from "../../support/go-binaries";
import { findProgram } from "../../../src/control-plane/programs/executables";
import { pathFolders, pluginFolder, sdkVersion } from "../../support/installed";

const COMPONENTS = ["awsx", "eks"] as const;
export type ComponentPlugin = (typeof COMPONENTS)[number];

export type PartName = "language host" | "kubernetes plugin" | `${ComponentPlugin} plugin`;

/** The path of each part that is installed; undefined: it is not. */
export type Parts = Readonly<Record<PartName, string | undefined>>;

export const LANGUAGE_HOST = "pulumi-language-nodejs";

/** With the value `true` a run fails unless every part is installed. */
export const REQUIRED = "REQUIRE_INSTALLED_PLUGINS";

const INSTEAD: Readonly<Record<PartName, string>> = {
  "language host": "stand-in",
  "kubernetes plugin": "built from its Go module",
  "awsx plugin": "stand-in",
  "eks plugin": "stand-in",
};

/** What the CLI would take: what is on PATH, whatever its version, then the installed plugin of the SDK's version; a language host also from beside the CLI. */
export function installedParts(): Parts {
  const cli = findInstalled("pulumi");
  const besideCli = cli === undefined ? [] : [dirname(realpathSync(cli))];
  return {
    "language host": findProgram(LANGUAGE_HOST, [...pathFolders(), ...besideCli]),
    "kubernetes plugin": findInstalled("pulumi-resource-kubernetes"),
    "awsx plugin": installedPlugin("awsx"),
    "eks plugin": installedPlugin("eks"),
  };
}

/** A line for each part: what it is in this run. @throws Error when parts are required and missing, with the commands that install them. */
export function describeParts(parts: Parts): readonly string[] {
  const entries = Object.entries(parts) as [PartName, string | undefined][];
  const missing = entries.filter(([, path]) => path === undefined).map(([name]) => name);
  if (process.env[REQUIRED] === "true" && missing.length > 0) {
    throw new Error(`${REQUIRED} is true, and not installed: ${missing.map((name) => `${name} (${remedy(name)})`).join(", ")}`);
  }
  return [
    ...entries.map(([name, path]) => `${name}: ${path ?? INSTEAD[name]}`),
    "aws plugin: stand-in, always",
    "random plugin: stand-in, always",
  ];
}

/**
 * Puts the component plugins that are installed into a folder on PATH.
 * @param attach ports of all stand-ins, `aws:40001,awsx:40002,...`. @returns those that are needed beside the real ones.
 */
export function linkComponents(parts: Parts, folder: string, attach: string): string {
  const real = COMPONENTS.filter((plugin) => {
    const path = parts[`${plugin} plugin`];
    if (path !== undefined) {
      symlinkSync(path, join(folder, `pulumi-resource-${plugin}`));
    }
    return path !== undefined;
  });
  return attach
    .split(",")
    .filter((entry) => !real.some((plugin) => entry.startsWith(`${plugin}:`)))
    .join(",");
}

function installedPlugin(plugin: ComponentPlugin): string | undefined {
  return findProgram(`pulumi-resource-${plugin}`, [...pathFolders(), pluginFolder(plugin, sdkVersion(plugin))]);
}

function remedy(name: PartName): string {
  const [, plugin] = /^(\S+) plugin$/.exec(name) ?? [];
  return plugin === undefined ? "comes with a released Pulumi CLI" : `pulumi plugin install resource ${plugin} v${sdkVersion(plugin)}`;
}
