/** The role that the planner's page asks for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { API_GROUPS, KINDS } from "../../../src/planner/snapshot/kinds";
import { ROOT } from "../../support/program";

interface Role {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

test("may list what the planner reads, and nothing else", () => {
  const [, role = ""] = /```\n(apiVersion: rbac[^`]*)```/.exec(readFileSync(join(ROOT, "docs/planner.md"), "utf8")) ?? [];
  const { rules } = parse(role) as Role;
  expect(rules.map(({ verbs }) => verbs)).toEqual(rules.map(() => ["list"]));
  expect(rules.flatMap(({ apiGroups, resources }) => resources.map((resource) => `${String(apiGroups)}/${resource}`)).sort()).toEqual(
    Object.values(KINDS)
      .map(({ group, resource }) => `${API_GROUPS[group]}/${resource}`)
      .sort(),
  );
});
