/**
 * Selectors as the API server sees them: every one that the project has is put to it in a claim, and what it says of it, and in which words, is what our
 * compiler says.
 */
import { VENDOR_DEVICE_CLASSES } from "../../../src/dra/device-classes";
import { compileSelector } from "../../../src/dra/selector/selector";
import { catalogueTierClasses } from "../../../src/dra/tiers";
import { corpusCases } from "../../corpus/corpus";
import { isWordedOurWay, JUDGEMENTS, notModelled, REFUSED_HERE_ONLY } from "../../dra/selector/corpus/corpus";
import type { ApiServer } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { RULES } from "../../support/rules";
import { testedRelease } from "../../support/tested-release";

/** Requests under way at a time. */
const PARALLEL = 16;

const CORPUS = Object.values(JUDGEMENTS).flatMap((judgements) => judgements.map(({ expression }) => expression));
const CLASSES = [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()].flatMap(({ selectors }) => selectors);
const MANIFESTS = corpusCases().flatMap(({ manifest }) => expressionsIn(manifest));

interface Answer {
  readonly expression: string;
  /** Undefined: the API server takes it. */
  readonly refusal: string | undefined;
}

let controlPlane: ControlPlane;
let answers: readonly Answer[];

beforeAll(async () => {
  controlPlane = await startControlPlane();
  answers = await inParallel([...new Set([...CORPUS, ...CLASSES, ...MANIFESTS])], (expression) => ask(controlPlane.api, expression));
});

afterAll(() => controlPlane.stop());

describe("the API server and our compiler", () => {
  it("take the same selectors, but for those that are listed", () => {
    const disputed = answers
      .filter(({ expression }) => notModelled(expression) === undefined && !(expression in REFUSED_HERE_ONLY))
      .map(({ expression, refusal }) => ({ expression, refusal, ours: wordingOf(expression) }))
      .filter(({ refusal, ours }) => (refusal === undefined) !== (ours === undefined));
    expect(disputed).toEqual([]);
  });

  it("take every selector of our device classes", () => {
    expect(answers.filter(({ expression, refusal }) => CLASSES.includes(expression) && refusal !== undefined)).toEqual([]);
  });

  it("refuse in the same words, syntax errors aside", () => {
    const otherwise = answers
      .map(({ expression, refusal = "" }) => ({ expression, refusal, ours: wordingOf(expression) ?? "" }))
      .filter(({ expression, refusal }) => refusal !== "" && !refusal.includes("Syntax error") && !isWordedOurWay(expression))
      .filter(({ expression, refusal, ours }) => notModelled(expression) === undefined && !refusal.includes(ours));
    expect(otherwise).toEqual([]);
  });

  it("differ on what is not modelled: so many selectors are refused here for what they are about, of which Kubernetes takes so many", () => {
    const counts: Record<string, readonly [refused: number, taken: number]> = {};
    for (const { expression, refusal } of answers) {
      const topic = notModelled(expression);
      if (topic !== undefined) {
        const [refused, taken] = counts[topic] ?? [0, 0];
        counts[topic] = [refused + 1, taken + (refusal === undefined ? 1 : 0)];
      }
    }
    expect(counts).toEqual({
      "IP addresses": [43, 43],
      URLs: [19, 18],
      times: [70, 56],
      "named formats": [20, 17],
      "tables of Unicode": [5, 5],
      messages: [2, 1],
      // An API server of 1.34 does not have them.
      ...(testedRelease().kubernetesVersion === "1.34" ? {} : { "cel-go's lists": [7, 6] }),
    });
  });

  it.each(Object.entries(REFUSED_HERE_ONLY))("differ on %s: %s", (expression) => {
    expect(answers.find((answer) => answer.expression === expression)?.refusal).toBeUndefined();
    expect(wordingOf(expression)).toBeDefined();
  });
});

function wordingOf(expression: string): string | undefined {
  const selector = compileSelector(expression, RULES);
  return selector.type === "invalid" ? selector.message : undefined;
}

async function ask(api: ApiServer, expression: string): Promise<Answer> {
  const exactly = { deviceClassName: "any", selectors: [{ cel: { expression } }] };
  const { status, body } = await api.tryCreate(
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: { name: "asked", namespace: "default" },
      spec: { devices: { requests: [{ name: "gpu", exactly }] } },
    },
    { dryRun: true },
  );
  return { expression, refusal: status < 400 ? undefined : String(body?.message ?? body) };
}

async function inParallel<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += PARALLEL) {
    results.push(...(await Promise.all(items.slice(first, first + PARALLEL).map(run))));
  }
  return results;
}

/** Every `cel.expression` of a manifest, wherever it stands. */
function expressionsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const { cel } = value as { readonly cel?: { readonly expression?: unknown } };
  const own = typeof cel?.expression === "string" ? [cel.expression] : [];
  return [...own, ...Object.values(value).flatMap(expressionsIn)];
}
