const unit = require("../../../jest.config.js");

/** `npm run test:seeds` names the files. @type {import("jest").Config} */
module.exports = {
  ...unit,
  rootDir: "../../..",
  setupFilesAfterEnv: [...unit.setupFilesAfterEnv, "<rootDir>/test/support/seeds/every-seed.ts"],
  reporters: ["default"],
  // A limit against hanging: some properties take a second with each seed.
  testTimeout: 3_600_000,
};
