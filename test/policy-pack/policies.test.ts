/** How policies get into the pack. */
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { policies } from "../../policy-pack/policies";
import { policiesOf, policyFiles } from "../../policy-pack/policy-files";
import { ROOT } from "../support/program";

const load = createRequire(join(ROOT, "policy-pack/policies.ts")) as (path: string) => object;
const byFile = policyFiles().map((file) => ({ file, found: policiesOf(load(`./${file}.ts`)) }));

test("a file has one policy, which is named after it", () => {
  const named = byFile.filter(({ found }) => found.length > 0).map(({ file, found }) => [basename(file), found.map(({ name }) => name)]);
  expect(named).toEqual(named.map(([file]) => [file, [file]]));
});

test("the pack has them all, in an order that depends on nothing but the names of the files", () => {
  expect(policies).toEqual(byFile.flatMap(({ found }) => found));
  const folders = [...new Set(policyFiles().map((file) => file.split("/")[0]))];
  expect(folders).toEqual(["claims", "pods", "platform", "aws", "helm"]);
  expect(policyFiles()).toEqual(
    folders.flatMap((folder) =>
      policyFiles()
        .filter((file) => file.startsWith(`${folder}/`))
        .sort(),
    ),
  );
});

test("what is no policy is not taken for one", () => {
  const policy = policies[0];
  expect(policiesOf({ policy, SETTING: 7, reader: () => [], nothing: null, text: "validateResource" })).toEqual([policy]);
});
