// Runs this project's TypeScript as it stands, types stripped and not checked (`npm run check` checks them).
// Used by the command-line tools and by the policy pack; Pulumi's host brings its own loader for the program.
const { transformSync } = require("@swc/core");
const { readFileSync } = require("node:fs");

require.extensions[".ts"] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, "utf8"), {
    filename,
    swcrc: false,
    module: { type: "commonjs" },
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
  });
  module._compile(code, filename);
};
