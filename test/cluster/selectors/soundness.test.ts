/**
 * The language of selectors, proven: what our evaluator says of its expressions is what Kubernetes' own packages say. First every expression up to a size, then
 * expressions at random: 20,000 of them, or as many as SHARED_GPU_SELECTORS says (a million take about half an hour).
 */
import fc from "fast-check";
import { selectorProblem } from "../../../src/dra/selector/language/check";
import { compileSelector } from "../../../src/dra/selector/selector";
import { ALL_DEVICES } from "../../dra/selector/devices";
import { atoms, joined } from "../../dra/selector/language/enumeration";
import { selectors } from "../../dra/selector/language/generator";
import { PUBLISHED } from "../../dra/selector/language/published";
import { RULES } from "../../support/rules";
import { askKubernetes } from "./kubernetes-verdicts";

const COUNT = Number(process.env["SHARED_GPU_SELECTORS"] ?? 20_000);
/** Expressions that are drawn at a time. */
const DRAWN = 10_000;

function ourVerdict(expression: string): string {
  const selector = compileSelector(expression, RULES);
  if (selector.type === "invalid") {
    return "refused";
  }
  return ALL_DEVICES.map((device) => selector.evaluate(device).type.charAt(0)).join("");
}

/** How many expressions were compared, what they were answered, and the first on which the two differ. */
async function compare(expressions: Iterable<string>) {
  const differences: object[] = [];
  const answers = { refused: 0, m: 0, n: 0, e: 0 };
  let compared = 0;
  await askKubernetes(expressions, ALL_DEVICES, (expression, theirs) => {
    const ours = ourVerdict(expression);
    compared++;
    if (theirs === "refused") {
      answers.refused++;
    } else {
      [...theirs].forEach((answer) => answers[answer as "m" | "n" | "e"]++);
    }
    if (ours !== theirs && differences.length < 10) {
      differences.push({ expression, ours, theirs });
    }
  });
  return { compared, answers, differences };
}

function* inTheLanguage(expressions: Iterable<string>): Generator<string> {
  for (const expression of expressions) {
    if (selectorProblem(expression) === undefined) {
      yield expression;
    }
  }
}

function* random(count: number): Generator<string> {
  const seed = Number(process.env["SHARED_GPU_TEST_SEED"] ?? 1);
  for (let drawn = 0; drawn < count; drawn += DRAWN) {
    yield* fc.sample(selectors, { numRuns: Math.min(DRAWN, count - drawn), seed: seed + drawn });
  }
}

function say(what: string, { compared, answers }: Awaited<ReturnType<typeof compare>>): void {
  const verdicts = `${answers.m.toLocaleString("en")} matches, ${answers.n.toLocaleString("en")} without, ${answers.e.toLocaleString("en")} errors`;
  process.stdout.write(
    `${what}: ${compared.toLocaleString("en")} selectors on ${String(ALL_DEVICES.length)} devices, ${verdicts}, ${answers.refused.toLocaleString("en")} refused by both\n`,
  );
}

test("every selector up to a size", async () => {
  const result = await compare(inTheLanguage([...PUBLISHED, ...atoms(), ...joined()]));
  say("enumerated", result);
  expect(result.differences).toEqual([]);
  expect(result.compared).toBeGreaterThan(5_000);
}, 600_000);

test("selectors at random", async () => {
  const result = await compare(random(COUNT));
  say("at random", result);
  expect(result.differences).toEqual([]);
  expect(result.compared).toBe(COUNT);
}, 7_200_000);
