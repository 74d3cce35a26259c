/** The test files that must notice a change of a rule. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["test/policy-pack", "test/kubernetes/admission", "test/dra/reach", "test/dra/selector/language", "test/well-known"];
const FILES = ["test/dra/reach.test.ts", "test/cluster-model/pod-security.test.ts"];
/** They start processes, or run the whole program. */
const LEFT_OUT = [
  ...["test/policy-pack/programs.test.ts", "test/policy-pack/engine/", "test/policy-pack/docs/page.test.ts"],
  ...["test/well-known/labels.test.ts", "test/well-known/namespaces.test.ts"],
  ...["test/policy-pack/evaluation/unknowns/previews.test.ts", "test/policy-pack/evaluation/unknowns/any-parts.test.ts"],
  // How the pack reads, which is no rule. They use what only jest itself has.
  ...["test/policy-pack/evaluation/clock.test.ts", "test/policy-pack/evaluation/shared-properties.test.ts"],
];

export function testFiles(root) {
  const inFolders = FOLDERS.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`));
  return [...inFolders, ...FILES].filter((file) => file.endsWith(".test.ts") && !LEFT_OUT.some((each) => file.startsWith(each))).sort();
}
