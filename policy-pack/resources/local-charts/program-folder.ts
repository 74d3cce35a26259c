/** Where the program is, whose relative paths of charts the provider resolves. */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../../evaluation/snapshot";

const MAX_PROJECT_FILE_BYTES = 100_000;

/** What project files say is the project's name, by their text: a stack asks again for each of its charts. */
const names = new Map<string, unknown>();

/**
 * The folder of a project's program; undefined if this process cannot know it. The engine starts the pack in the pack's own folder and sends no other. In the
 * rehearsal the program runs in this process. In a real run the parent is the language host, which the engine starts in the program's folder, and only Linux says
 * which one that is. A folder counts only if its Pulumi.yaml is that of the project: a chart of another folder would be judged in place of the one that is installed.
 * Sources: pulumi/pulumi sdk/go/common/resource/plugin/analyzer_plugin.go and sdk/nodejs/cmd/pulumi-language-nodejs/main.go.
 */
export function programFolder(project: string): string | undefined {
  // Stryker disable next-line ConditionalExpression: it is undefined only where there is no /proc
  return [process.cwd(), workingFolderOfParent()].find((folder) => folder !== undefined && projectIn(folder) === project);
}

function workingFolderOfParent(): string | undefined {
  try {
    return readlinkSync(`/proc/${process.ppid}/cwd`);
    // Stryker disable next-line BlockStatement: without a return it is undefined as well
  } catch {
    return undefined;
  }
}

function projectIn(folder: string): unknown {
  const path = join(folder, "Pulumi.yaml");
  try {
    return lstatSync(path).size > MAX_PROJECT_FILE_BYTES ? undefined : nameIn(readFileSync(path, "utf8"));
    // Stryker disable next-line BlockStatement: without a return it is undefined as well
  } catch {
    return undefined;
  }
}

function nameIn(text: string): unknown {
  // Stryker disable next-line ConditionalExpression: a text that is parsed again says the same
  if (!names.has(text)) {
    const project: unknown = parse(text);
    names.set(text, isRecord(project) ? project["name"] : undefined);
  }
  return names.get(text);
}
