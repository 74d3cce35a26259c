/** Charts that are at hand: folders and archives of the program's own. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { UnreadableChart, readChartFiles } from "./files";
import type { ChartFile } from "./files";
import { objectsOfFiles } from "./manifests";
import type { ChartObject } from "./manifests";
import { programFolder } from "./program-folder";

export type LocalChart =
  /** It is fetched from a repository or registry. */
  | { readonly type: "remote" }
  /** @property reason the rest of a sentence that begins with "the chart". */
  | { readonly type: "unreadable"; readonly reason: string; readonly instead?: string }
  | { readonly type: "objects"; readonly objects: readonly ChartObject[] };

/**
 * Reads a chart as the provider finds it (`locateChart` of pulumi-kubernetes): without a repository, a path that exists is a chart, whatever else its name could
 * mean. The program can change the chart before the provider reads it.
 * @param project that registers the chart.
 */
export function readLocalChart(reference: string, project: string): LocalChart {
  const name = reference.trim();
  // Stryker disable next-line StringLiteral: an absolute path is the same from everywhere
  const folder = isAbsolute(name) ? "/" : programFolder(project);
  if (folder === undefined) {
    return /^\.{1,2}(?:\/|$)|\.tgz$/.test(name)
      ? {
          type: "unreadable",
          reason: "is in the program's folder, and this process does not know that folder",
          instead: "Write the chart's absolute path, or install the chart with kubernetes.helm.v4.Chart",
        }
      : { type: "remote" };
  }
  const path = resolve(folder, name);
  if (!existsSync(path)) {
    return isAbsolute(name) || name.startsWith(".") ? { type: "unreadable", reason: "is not there" } : { type: "remote" };
  }
  try {
    return { type: "objects", objects: parsed(readChartFiles(path)) };
  } catch (error) {
    if (error instanceof UnreadableChart) {
      return { type: "unreadable", reason: error.message };
    }
    return { type: "unreadable", reason: `cannot be read (${String((error as NodeJS.ErrnoException).code)})` };
  }
}

let last: { readonly digest: string; readonly objects: readonly ChartObject[] } | undefined;

/** Every policy asks about the same chart. Its files are read each time, and parsed when they have changed. */
function parsed(files: readonly ChartFile[]): readonly ChartObject[] {
  const hash = createHash("sha256");
  for (const { path, content } of files) {
    hash.update(JSON.stringify([path, content.length])).update(content);
  }
  // Stryker disable next-line StringLiteral: another form of it differs whenever this one does
  const digest = hash.digest("hex");
  // Stryker disable next-line ConditionalExpression: what is not remembered is parsed again
  if (last?.digest !== digest) {
    last = { digest, objects: objectsOfFiles(files) };
  }
  return last.objects;
}
