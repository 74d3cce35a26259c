/** Programs that this machine has, looked for where envtest and Pulumi's CLI look for them. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** The folders of PATH, first come first served. */
export function pathFolders(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Where `pulumi plugin install` puts a resource plugin of a version: `~/.pulumi/plugins/resource-eks-v4.3.0`. */
export function pluginFolder(plugin: string, version: string): string {
  return join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins", `resource-${plugin}-v${version}`);
}

/** The version of a provider's SDK in this project, which is the version of the plugin that belongs to it. */
export function sdkVersion(plugin: string): string {
  return (JSON.parse(readFileSync(require.resolve(`@pulumi/${plugin}/package.json`), "utf8")) as { readonly version: string }).version;
}
