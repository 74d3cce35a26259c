/** @type {import("jest").Config} */
module.exports = {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/cluster/", "<rootDir>/test/engine/"],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }] },
  testEnvironment: "node",
  // Pulumi keeps process-wide state in globals of its own; jest's clean-up of globals only warns about it.
  testEnvironmentOptions: { globalsCleanup: "off" },
};
