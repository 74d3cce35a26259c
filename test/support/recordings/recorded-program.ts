/** Runs of the program that several test files read and none changes: the first one that asks has the run made. */
import { toRunOptions } from "../program";
import type { ProgramOptions, Recording } from "../program";
import { RECORDER_VARIABLE } from "./start";

/** What this test file asked for, by the options as JSON text. */
const asked = new Map<string, Promise<Recording>>();

/** As `runProgram`; the run may have been made for another test file, and is the same object each time. */
export function recordedProgram(options: Omit<ProgramOptions, "program"> = {}): Promise<Recording> {
  const key = JSON.stringify(toRunOptions(options));
  const known = asked.get(key) ?? ask(key);
  asked.set(key, known);
  return known;
}

async function ask(options: string): Promise<Recording> {
  const recorder = process.env[RECORDER_VARIABLE];
  if (recorder === undefined) {
    throw new Error(`${RECORDER_VARIABLE} is not set: start the tests with jest and a configuration of this project`);
  }
  const response = await fetch(recorder, { method: "POST", body: options });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(text);
  }
  // As JSON text, so that the objects are of this test file's own realm: `instanceof Object` does not recognize others.
  const recording = JSON.parse(text) as Recording;
  if (recording.errors.length > 0) {
    throw new Error(recording.errors.join("\n"));
  }
  return recording;
}
