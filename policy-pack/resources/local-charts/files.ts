/** The files of a chart in a folder or in an archive. A chart comes from the program's author, so everything about it has a bound. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Parser } from "tar";

export interface ChartFile {
  /** Path in the chart: `templates/job.yaml`. */
  readonly path: string;
  readonly content: Buffer;
}

/** A chart that cannot be read. Its message is the rest of a sentence that begins with "the chart". */
export class UnreadableChart extends Error {}

/** Charts of which every object can be written without templates are far smaller. Helm itself stores at most 1 MiB. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_FILES = 1_000;
const MAX_FOLDERS_DEEP = 12;
/** Archives inside of archives. */
const MAX_ARCHIVES_DEEP = 3;

/** What is left of the bounds while a chart is read. */
interface Budget {
  bytes: number;
  files: number;
}

/** @throws UnreadableChart with the reason. */
export function readChartFiles(path: string): readonly ChartFile[] {
  const budget: Budget = { bytes: MAX_BYTES, files: MAX_FILES };
  const stats = lstatSync(path);
  const files = stats.isDirectory() ? filesOfFolder(path, "", 0, budget) : filesOfArchive(readFile(path, budget), 0, budget);
  if (!files.some((file) => file.path === "Chart.yaml")) {
    throw new UnreadableChart("has no Chart.yaml");
  }
  return files;
}

function take(budget: Budget, bytes: number): void {
  budget.bytes -= bytes;
  budget.files -= 1;
  if (budget.bytes < 0 || budget.files < 0) {
    throw new UnreadableChart(`is larger than ${MAX_BYTES} bytes or ${MAX_FILES} files`);
  }
}

function filesOfFolder(folder: string, prefix: string, depth: number, budget: Budget): readonly ChartFile[] {
  if (depth > MAX_FOLDERS_DEEP) {
    throw new UnreadableChart(`has more than ${MAX_FOLDERS_DEEP} folders in each other`);
  }
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const [path, inChart] = [join(folder, entry.name), `${prefix}${entry.name}`];
    if (entry.isDirectory()) {
      take(budget, 0);
      return filesOfFolder(path, `${inChart}/`, depth + 1, budget);
    }
    return withArchives({ path: inChart, content: readFile(path, budget, inChart) }, 0, budget);
  });
}

/** Reads a regular file without following a link and without waiting for a pipe. */
function readFile(path: string, budget: Budget, name = "itself"): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new UnreadableChart(
      `has ${name} as a link, or as a file that cannot be opened (${String((error as NodeJS.ErrnoException).code)})`,
    );
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) {
      throw new UnreadableChart(`has ${name} as something else than a file`);
    }
    take(budget, stats.size);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** A file, and if it is a packed dependency, what is in it. */
function withArchives(file: ChartFile, depth: number, budget: Budget): readonly ChartFile[] {
  if (!/^(?:charts\/[^/]+\/)*charts\/[^/]+\.tgz$/.test(file.path)) {
    return [file];
  }
  if (depth >= MAX_ARCHIVES_DEEP) {
    throw new UnreadableChart(`has more than ${MAX_ARCHIVES_DEEP} archives in each other`);
  }
  return filesOfArchive(file.content, depth + 1, budget).map((inner) => ({ ...inner, path: `${file.path}/${inner.path}` }));
}

function filesOfArchive(archive: Buffer, depth: number, budget: Budget): readonly ChartFile[] {
  let tar: Buffer;
  try {
    tar = gunzipSync(archive, { maxOutputLength: Math.max(1, 2 * budget.bytes) });
  } catch (error) {
    throw new UnreadableChart(
      (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
        ? `is larger than ${MAX_BYTES} bytes when it is unpacked`
        : "is neither a folder nor an archive of a chart",
    );
  }
  // Go's reader gives sparse files other names and contents than this one.
  if (tar.includes("GNU.sparse.")) {
    throw new UnreadableChart("has sparse files in its archive");
  }
  return entriesOf(tar, budget)
    .map(({ path, chunks }) => ({ path: pathInChart(path), content: Buffer.concat(chunks) }))
    .flatMap((file) => withArchives(file, depth, budget));
}

interface Entry {
  readonly path: string;
  readonly chunks: Buffer[];
}

function entriesOf(tar: Buffer, budget: Budget): readonly Entry[] {
  const entries: Entry[] = [];
  const problems: Error[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const { path, type, size, globalExtended } = entry;
      if ((type !== "File" && type !== "Directory") || globalExtended !== undefined) {
        problems.push(new UnreadableChart(`has ${path} as something else than a file or folder`));
      }
      const chunks: Buffer[] = [];
      if (type !== "Directory") {
        entries.push({ path, chunks });
      }
      entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      try {
        take(budget, size);
      } catch (error) {
        problems.push(error as Error);
      }
    },
  });
  // Stryker disable next-line BooleanLiteral: only a parser that waits for something would leave it so
  let isRead = false;
  parser.on("error", (error: Error) => problems.push(error));
  parser.on("end", () => {
    isRead = true;
  });
  // The parser has no work to wait for: it ends before this returns.
  parser.end(tar);
  const [problem] = problems;
  if (problem instanceof UnreadableChart) {
    throw problem;
  }
  if (problem !== undefined || !isRead) {
    throw new UnreadableChart("is not an archive of a chart");
  }
  return entries;
}

/** Helm takes off the first folder, whatever its name. */
function pathInChart(path: string): string {
  const [first, ...rest] = path.split("/");
  const isPlain = first !== "" && rest.length > 0 && rest.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain || path.includes("\\")) {
    throw new UnreadableChart(`has a path in its archive that leads elsewhere: ${JSON.stringify(path)}`);
  }
  return rest.join("/");
}
