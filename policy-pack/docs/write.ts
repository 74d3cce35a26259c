/** `npm run docs:policies`: writes docs/policies.md. With `--check` it fails instead if the file is not up to date. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPolicyFiles } from "../policy-files";
import { policyPage } from "./page";

const ROOT = join(__dirname, "../..");
const PAGE = join(ROOT, "docs/policies.md");

const sections = new Set(readFileSync(join(ROOT, "docs/policy-pack.md"), "utf8").match(/(?<=^### ).*$/gm));
const page = policyPage(
  loadPolicyFiles().flatMap(({ file, policies }) =>
    policies.map((policy) => ({
      policy,
      file,
      hasDetails: sections.has(policy.name),
      hasCorpus: existsSync(join(ROOT, "test/corpus", policy.name)),
    })),
  ),
);

if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, page);
} else if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page) {
  console.error("docs/policies.md is not up to date: run `npm run docs:policies`");
  process.exitCode = 1;
}
