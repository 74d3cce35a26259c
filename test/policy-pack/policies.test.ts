/** How policies get into the pack. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { policies } from "../../policy-pack/policies";
import { loadPolicyFiles, policiesOf, policyFiles } from "../../policy-pack/policy-files";
import { ROOT } from "../support/program";

const byFile = loadPolicyFiles();

test("a file has one policy, which is named after it", () => {
  const named = byFile.map(({ file, policies: found }) => [basename(file), found.map(({ name }) => name)]);
  expect(named).toEqual(named.map(([file]) => [file, [file]]));
});

test("the pack has them all, in an order that depends on nothing but the names of the files", () => {
  expect(policies).toEqual(byFile.flatMap(({ policies: found }) => found));
  const folders = [...new Set(policyFiles().map((file) => file.split("/")[0]))];
  expect(folders).toEqual(["claims", "pods", "platform", "aws", "helm", "advisories"]);
  expect(policyFiles()).toEqual(
    folders.flatMap((folder) =>
      policyFiles()
        .filter((file) => file.startsWith(`${folder}/`))
        .sort(),
    ),
  );
});

test("the settings of every policy, as the engine checks them", () => {
  const withSettings = policies.filter(({ configSchema }) => configSchema !== undefined);
  expect(Object.fromEntries(withSettings.map(({ name, configSchema }) => [name, configSchema]))).toMatchSnapshot();
});

// Neither the compiler nor the pack says anything about a policy in a folder that the pack does not load, or in a list that a file exports.
test("a policy that is written anywhere in the pack is loaded", () => {
  const pack = join(ROOT, "policy-pack");
  const sources = readdirSync(pack, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.[cm]?[jt]sx?$/.test(path) && !/^(dist|node_modules)\b/.test(path),
  );
  const written = sources.flatMap((path) => {
    const count = readFileSync(join(pack, path), "utf8").match(/^\s*validate(Resource|Stack)\b\s*[:(,]/gm)?.length ?? 0;
    return count === 0 ? [] : [[path, count]];
  });
  const loaded = byFile.map(({ file, policies: found }) => [`${file}.ts`, found.length]);
  expect(written.sort()).toEqual(loaded.sort());
});

test("what is no policy is not taken for one", () => {
  const policy = policies[0];
  expect(policiesOf({ policy, SETTING: 7, reader: () => [], nothing: null, text: "validateResource" })).toEqual([policy]);
});
