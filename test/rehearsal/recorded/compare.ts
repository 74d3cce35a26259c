/** Prints how a recording of the real components differs from what the stand-ins make of the same stack: `compare.ts RECORDING [KEY=VALUE ...]`. */
import { runProgram } from "../../support/program";
import { differences, readRecording, rehearsedChildren } from "../../support/component-children";

async function main([path, ...settings]: readonly string[]): Promise<number> {
  if (path === undefined) {
    console.error("usage: node --require ./transpile.js test/rehearsal/recorded/compare.ts RECORDING [KEY=VALUE ...]");
    return 2;
  }
  const config = Object.fromEntries(
    settings.map((setting) => {
      const split = setting.indexOf("=");
      return [setting.slice(0, split), setting.slice(split + 1)];
    }),
  );
  const recorded = readRecording(path);
  const found = differences(recorded, rehearsedChildren(await runProgram({ config, mode: "preview" })));
  console.log([...found, `${found.length} differences, ${recorded.length} children in the recording`].join("\n"));
  return found.length === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
