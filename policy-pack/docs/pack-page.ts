/** The page about the policies that this pack has. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPolicyFiles } from "../policy-files";
import { policyPage } from "./page";

const ROOT = join(__dirname, "../..");

/** Where the page is. */
export const PAGE = join(ROOT, "docs/policies.md");

/** What is to be in it. */
export function pageOfPack(): string {
  const sections = new Set(readFileSync(join(ROOT, "docs/policy-pack.md"), "utf8").match(/(?<=^### ).*$/gm));
  return policyPage(
    loadPolicyFiles().flatMap(({ file, policies }) =>
      policies.map((policy) => ({
        policy,
        file,
        hasDetails: sections.has(policy.name),
        hasCorpus: existsSync(join(ROOT, "test/corpus", policy.name)),
      })),
    ),
  );
}
