import { inlineDocuments } from "../../../policy-pack/resources/iam-documents";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

test("a role has the documents that its inline policies have", () => {
  const inlinePolicies = [{ name: "none" }, { name: "one", policy: "{}" }, UNKNOWN, { name: "unknown", policy: UNKNOWN }];
  expect(inlineDocuments({ inlinePolicies } as never)).toEqual([
    { path: "inlinePolicies[1].policy", value: "{}" },
    { path: "inlinePolicies[2].policy", value: UNKNOWN },
    { path: "inlinePolicies[3].policy", value: UNKNOWN },
  ]);
  expect(inlineDocuments({ inlinePolicies: UNKNOWN } as never)).toEqual([{ path: "inlinePolicies", value: UNKNOWN }]);
  expect(inlineDocuments({} as never)).toEqual([]);
});
