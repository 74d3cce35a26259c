/** The page about the policies, for two made-up ones. */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { policyPage } from "../../../policy-pack/docs/page";

const CORE: ResourceValidationPolicy = {
  name: "cores-cooled",
  displayName: "Cores are cooled",
  description: "Checks that a core is cooled by water|oil.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["cores", "safety"],
  remediationSteps: "Set coolant to water or oil.",
  configSchema: {
    properties: {
      coolants: {
        type: "array",
        items: { type: "string", enum: ["a", "b", "c", "d", "e", "f", "g", "h"] },
        minItems: 1,
        uniqueItems: true,
        description: "The coolants that pass.",
      },
      degrees: { type: "number", default: 20, exclusiveMinimum: 0, maximum: 99, description: "The highest temperature." },
      rod: { type: "string", pattern: "^\\d$", default: "1", description: "The rod." },
    },
  },
  validateResource: () => undefined,
};
const STACK: StackValidationPolicy = {
  name: "cores-few",
  description: "Checks that a stack has few cores.",
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["cores"],
  remediationSteps: "Remove cores.",
  validateStack: () => undefined,
};

const page = policyPage([
  { policy: CORE, file: "aws/nodes/cores-cooled", hasDetails: true, hasCorpus: true },
  { policy: STACK, file: "aws/nodes/cores-few", hasDetails: false, hasCorpus: false },
]);

test("it counts the policies by level", () => {
  expect(page).toContain("The policy pack has 2 policies: 1 mandatory and 1 advisory.");
});

test("a folder has a heading and a table, whose cells keep their columns", () => {
  expect(page).toContain(
    [
      "## AWS: nodes",
      "",
      "| policy | checks that | level | severity |",
      "|---|---|---|---|",
      "| [cores-cooled](#cores-cooled) | a core is cooled by water\\|oil | mandatory | high |",
      "| [cores-few](#cores-few) | a stack has few cores | advisory | low |",
    ].join("\n"),
  );
});

test("a policy has its description, facts, links and settings", () => {
  expect(page).toContain(
    [
      "### cores-cooled",
      "",
      "**Cores are cooled.** Checks that a core is cooled by water|oil.",
      "",
      "- Checks: each resource, before it is created.",
      "- Level: mandatory. Severity: high. Tags: cores, safety.",
      "- Remediation: Set coolant to water or oil.",
      "- See: [Details](policy-pack.md#cores-cooled), [good and bad manifests](../test/corpus/cores-cooled), [source](../policy-pack/aws/nodes/cores-cooled.ts).",
      "",
      "| setting | type | default | legal values | meaning |",
      "|---|---|---|---|---|",
      "| `coolants` | array of string | see meaning | `a`, `b`, `c`, `d`, `e`, `f`, 2 more of the catalogue; at least 1 entry; no duplicates | The coolants that pass. |",
      "| `degrees` | number | `20` | more than 0; at most 99 | The highest temperature. |",
      '| `rod` | string | `"1"` | matches `^\\d$` | The rod. |',
      "",
    ].join("\n"),
  );
});

test("a policy for the whole stack says so, and has no links to what does not exist", () => {
  expect(page).toContain("- Checks: the whole stack, when its resources are known.");
  expect(page).toContain("- See: [source](../policy-pack/aws/nodes/cores-few.ts).");
});
