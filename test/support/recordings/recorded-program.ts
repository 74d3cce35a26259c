/** Runs of the program that several test files read and none changes: the first one that asks has the run made. */
import { deserialize } from "node:v8";
import { toRunOptions } from "../program";
import type { ProgramOptions, Recording } from "../program";
import { RECORDER_VARIABLE } from "./start";

/** As `runProgram`; the run may have been made for another test file. */
export async function recordedProgram(options: Omit<ProgramOptions, "program"> = {}): Promise<Recording> {
  const recorder = process.env[RECORDER_VARIABLE];
  if (recorder === undefined) {
    throw new Error(`${RECORDER_VARIABLE} is not set: start the tests with jest and a configuration of this project`);
  }
  const response = await fetch(recorder, { method: "POST", body: JSON.stringify(toRunOptions(options)) });
  if (!response.ok) {
    throw new Error(await response.text());
  }
  const recording = ofThisFile(deserialize(Buffer.from(await response.arrayBuffer()))) as Recording;
  if (recording.errors.length > 0) {
    throw new Error(recording.errors.join("\n"));
  }
  return recording;
}

/** A value made of this test file's own objects and arrays. Node's module makes those of another realm, which `instanceof Object` does not recognize. */
function ofThisFile(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? Array.from(value, ofThisFile)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ofThisFile(inner)]));
}
