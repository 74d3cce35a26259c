// Runs this project's TypeScript as it stands, types stripped and not checked (`npm run check` checks them).
// Used by the command-line tools and by the policy pack; Pulumi's host brings its own loader for the program.
const { readFileSync } = require("node:fs");
const { version } = require("@swc/core/package.json");
const { keep, kept } = require("./compile/kept");
const { keepCode } = require("./compile/code");

const OPTIONS = {
  swcrc: false,
  module: { type: "commonjs" },
  jsc: { target: "es2022", parser: { syntax: "typescript" } },
};

/** What the result depends on, besides the source. */
const COMPILER = `@swc/core ${version} ${JSON.stringify(OPTIONS)}`;

require.extensions[".ts"] = (module, filename) => {
  module._compile(stripped(filename, readFileSync(filename, "utf8")), filename);
};

keepCode();

function stripped(filename, source) {
  const name = `stripped ${filename}`;
  const from = `${COMPILER}\n${source}`;
  const known = kept(name, from);
  if (known !== undefined) return known.toString();
  // Loaded here, because most processes need none.
  const { transformSync } = require("@swc/core");
  const { code } = transformSync(source, { filename, ...OPTIONS });
  keep(name, from, () => Buffer.from(code));
  return code;
}
