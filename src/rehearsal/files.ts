/** Files of the user's: what goes wrong with them is the user's to mend, and is said in one line. */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A mistake of the user's, as one line a person can act on. Never shown with a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The name that stands for the standard input. */
const STDIN = "-";

/** More text than 10,000 objects have. */
const MAX_BYTES = 64 * 2 ** 20;

/** Reads a text file, or the standard input under the name `-`. @throws UserError when it cannot be read, is no file, or has no end in sight. */
export function readText(path: string): string {
  if (path === STDIN) {
    return readStdin();
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new UserError(`${path}: is a URL. Download it, and name the file`);
  }
  try {
    return decoded(readFile(path), path);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`${path}: cannot be read (${reasonOf(error)})`);
  }
}

/** A regular file. What is only called one, such as a log of the kernel, can have no end, or keep its reader waiting: neither is waited for. */
function readFile(path: string): Buffer {
  const noFile = () => new UserError(`${path}: is no regular file. Write its content to a file, or pipe it in and name -`);
  const found = statSync(path);
  if (found.isDirectory()) {
    throw new UserError(`${path}: is a folder. Name its files, such as ${path.replace(/\/+$/, "")}/*.yaml`);
  }
  if (!found.isFile()) {
    throw noFile();
  }
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readAll(path, (chunk) => readSync(file, chunk), found.size);
  } catch (error) {
    throw reasonOf(error) === "EAGAIN" ? noFile() : error;
  } finally {
    closeSync(file);
  }
}

function readStdin(): string {
  if (fstatSync(0).isCharacterDevice()) {
    throw new UserError("-: nothing is piped in. Write < FILE behind the command, or name the file instead of -");
  }
  return decoded(readAll(STDIN, readChunk), STDIN);
}

const CHUNK_BYTES = 65_536;

/**
 * @param read fills a buffer, and answers 0 at the end.
 * @param expectedBytes what the input says of its size, which nobody relies on: a large file is read into one buffer.
 * @throws UserError for more than is read of one input.
 */
function readAll(name: string, read: (chunk: Buffer) => number, expectedBytes = 0): Buffer {
  let bytes = Buffer.allocUnsafe(Math.min(expectedBytes, MAX_BYTES) + CHUNK_BYTES);
  let size = 0;
  for (let count = read(bytes); count > 0; count = read(bytes.subarray(size))) {
    size += count;
    if (size > MAX_BYTES) {
      throw new UserError(`${name}: has more than ${String(MAX_BYTES)} bytes, which is as much as is read`);
    }
    if (size === bytes.length) {
      bytes = Buffer.concat([bytes], 2 * size);
    }
  }
  return bytes.subarray(0, size);
}

/** UTF-8, or the UTF-16 that PowerShell writes, which begins with its mark. kubectl reads both, and nothing else. */
function decoded(bytes: Buffer, path: string): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : undefined;
  if (encoding !== undefined) {
    return new TextDecoder(encoding).decode(bytes);
  }
  if (!isUtf8(bytes)) {
    throw new UserError(`${path}: is not UTF-8. Save it as UTF-8`);
  }
  // Without the mark at the beginning that some editors write.
  return new TextDecoder().decode(bytes);
}

function readChunk(buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(0, buffer);
    } catch (error) {
      // A pipe whose writer is slower than its reader.
      if (reasonOf(error) !== "EAGAIN") {
        throw new UserError(`-: cannot be read (${reasonOf(error)})`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Tries whether a file can be written, before work is done for it. @throws UserError when it cannot. */
export function requireWritable(path: string): void {
  writing(path, (draft) => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new UserError(`${path}: is a folder. Name a file`);
    }
    writeFileSync(draft, "");
    rmSync(draft);
  });
}

/** Writes a text file, and the folders that it needs: the whole text or nothing. @throws UserError when it cannot be written. */
export function writeText(path: string, text: string): void {
  writing(path, (draft) => {
    writeFileSync(draft, text);
    renameSync(draft, path);
  });
}

function writing(path: string, write: (draft: string) => void): void {
  const draft = `${path}.${String(process.pid)}.draft`;
  const refuse = (error: unknown) =>
    error instanceof UserError ? error : new UserError(`${path}: cannot be written (${reasonOf(error)})`);
  try {
    makeFolders(dirname(path));
  } catch (error) {
    throw refuse(error);
  }
  try {
    write(draft);
  } catch (error) {
    rmSync(draft, { force: true });
    throw refuse(error);
  }
}

/** As `mkdir -p`, one folder after the other: Node's own never ends where a folder exists and takes no folders, as /proc does. */
function makeFolders(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) {
    return;
  }
  if (folder !== dirname(folder)) {
    makeFolders(dirname(folder));
  }
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have been quicker.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw error;
    }
  }
}

/** Pulumi's SDK and a control plane need the folder for temporary files. @throws UserError where there is none. */
export function requireTemporaryFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UserError(`${folder}: is no folder, and TMPDIR names it for temporary files. Make it, or name another one`);
  }
}

function reasonOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
}
