import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "coverage", ".stryker-tmp", ".rehearsal", "policy-pack/dist", "**/*.js", "**/*.cjs", "**/*.mjs"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      // Pulumi's resources and components work by being constructed.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  { files: ["policy-pack/**/*.ts"], rules: { curly: "error" } },
  {
    // The pure cores: no console, no process, no clock.
    files: ["src/{hardware,well-known,releases,cel,dra,cluster,config,monitoring,planner}/**/*.ts"],
    rules: { "no-console": "error", "no-restricted-globals": ["error", "process", "fetch", "setTimeout", "setInterval"] },
  },
  {
    // A process serves a policy pack once, and most test files of `npm test` share their processes.
    files: ["test/**/*.ts"],
    ignores: ["test/support/project-pack.ts", "test/rehearsal/policy.test.ts", "test/{bench,cluster,engine,processes}/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["**/rehearsal/policy/load-pack"], message: "Take the pack of test/support/project-pack.ts." }] },
      ],
    },
  },
);
