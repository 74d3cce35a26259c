/** How policies get into the pack. */
import { basename } from "node:path";
import { policies } from "../../policy-pack/policies";
import { loadPolicyFiles, policiesOf, policyFiles } from "../../policy-pack/policy-files";

const byFile = loadPolicyFiles();

test("a file has one policy, which is named after it", () => {
  const named = byFile.map(({ file, policies: found }) => [basename(file), found.map(({ name }) => name)]);
  expect(named).toEqual(named.map(([file]) => [file, [file]]));
});

test("the pack has them all, in an order that depends on nothing but the names of the files", () => {
  expect(policies).toEqual(byFile.flatMap(({ policies: found }) => found));
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
