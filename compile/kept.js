/**
 * What earlier processes compiled, in node_modules/.cache, which `npm ci` empties: a file for each command and each V8 with its flags.
 * A result is used for exactly the text that it was made from. Without a file that can be read and written, a process compiles for itself.
 */
const { createHash, randomUUID } = require("node:crypto");
const { mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { basename, dirname, isAbsolute, join } = require("node:path");
const { cachedDataVersionTag } = require("node:v8");
const { crc32 } = require("node:zlib");

/** The path of the command. What `--eval` runs has none, and is not kept: every text would be a command of its own. */
const COMMAND = process.argv[1] ?? "";

/** The flags are in the tag. */
const FILE = join(
  __dirname,
  "../node_modules/.cache/shared-gpu/compiled",
  `${basename(COMMAND)}-${digestOf(`${COMMAND}\n${process.version}\n${process.arch}\n${cachedDataVersionTag()}`)}`,
);

/** By name: the digest of the text that the result was made from, and the result. */
const results = read();
let isChanged = false;

/** The result that is kept under this name, if it was made from this text. */
exports.kept = (name, text) => {
  const result = results.get(name);
  return result?.digest === digestOf(text) ? result.bytes() : undefined;
};

/** `bytes` is asked when the process ends: by then V8 has compiled what the process uses. */
exports.keep = (name, text, bytes) => {
  results.set(name, { digest: digestOf(text), bytes });
  isChanged = true;
};

/** For a process that a signal will end. The others do it by themselves. */
exports.writeKept = write;
process.on("exit", write);

// The file has the checksum of the rest in its first line, and the name, digest and length of each result in its second.

/** What is not asked for stays in the file: all of it is 10 MB. */
function read() {
  try {
    // Open until the process ends. If another process replaces the file, this one reads on in its own.
    const file = openSync(FILE);
    const content = readFileSync(file);
    const start = content.indexOf("\n") + 1;
    const body = content.subarray(start);
    if (content.toString("latin1", 0, start - 1) !== String(crc32(body))) return new Map();
    const indexEnd = body.indexOf("\n");
    let next = start + indexEnd + 1;
    return new Map(
      JSON.parse(body.toString("utf8", 0, indexEnd)).map(([name, digest, length]) => {
        const at = next;
        next += length;
        return [name, { digest, bytes: () => part(file, at, length) }];
      }),
    );
  } catch {
    return new Map();
  }
}

function part(file, at, length) {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  return bytes;
}

/** All at once, for processes that read or write the file at the same time. The last one wins. */
function write() {
  if (!isChanged || !isAbsolute(COMMAND)) return;
  isChanged = false;
  const unfinished = `${FILE}.${randomUUID()}`;
  try {
    const all = [...results].map(([name, { digest, bytes }]) => ({ name, digest, bytes: bytes() }));
    const index = JSON.stringify(all.map(({ name, digest, bytes }) => [name, digest, bytes.length]));
    const body = Buffer.concat([Buffer.from(`${index}\n`), ...all.map(({ bytes }) => bytes)]);
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(unfinished, Buffer.concat([Buffer.from(`${crc32(body)}\n`), body]));
    renameSync(unfinished, FILE);
  } catch {
    try {
      rmSync(unfinished, { force: true });
    } catch {
      // What could not be written cannot be removed either.
    }
  }
}

function digestOf(text) {
  return createHash("sha256").update(text).digest("base64url");
}
