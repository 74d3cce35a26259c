/** docs/policies.md is the record of what the policies say of themselves: names, levels, tags, remedies and settings. */
import { readFileSync } from "node:fs";
import { PAGE, pageOfPack } from "../../../policy-pack/docs/pack-page";

test("the page about the policies is up to date", () => {
  expect(pageOfPack()).toBe(readFileSync(PAGE, "utf8"));
});
