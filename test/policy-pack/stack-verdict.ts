/** Runs one stack policy on a few resources, as the policy host does. */
import type { StackValidationPolicy } from "@pulumi/policy";
import type { Run } from "../../policy-pack/engine/run";
import { shareProperties } from "../../policy-pack/evaluation/shared-properties";
import { checkAsChild } from "./as-child";
import type { Verdict } from "./as-child";
import { behindProxy, verdictIn } from "./verdict";

export interface StackResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Names of the resources behind each property. @default none */
  readonly from?: Readonly<Record<string, readonly string[]>>;
  /** @default the name */
  readonly urn?: string;
}

export interface StackViolation {
  /** URN of the resource; empty for the stack. */
  readonly about: string;
  readonly message: string;
}

/** What policies see of a stack. They change nothing of it, so that all of them are shown the same. */
const shown = new WeakMap<readonly StackResource[], readonly object[]>();

function show(resources: readonly StackResource[]): readonly object[] {
  const seen = resources.map(({ type, name, props, urn = name }) => ({
    ...{ type, name, urn },
    props: behindProxy(props),
    opts: {},
    dependencies: [],
    propertyDependencies: {} as Record<string, unknown[]>,
  }));
  const named = new Map<string, object[]>();
  for (const resource of seen) {
    named.set(resource.name, [...(named.get(resource.name) ?? []), resource]);
  }
  for (const [index, { from = {} }] of resources.entries()) {
    for (const [property, names] of Object.entries(from)) {
      const resource = seen[index];
      if (resource !== undefined) resource.propertyDependencies[property] = names.flatMap((name) => named.get(name) ?? []);
    }
  }
  shown.set(resources, seen);
  return seen;
}

/** What a stack policy says of a stack; `found` has what it refuses with the URNs. */
export function stackVerdictOf(
  policy: StackValidationPolicy,
  resources: readonly StackResource[],
  config: object = {},
  run: Partial<Run> = {},
): Verdict & { readonly found: readonly StackViolation[] } {
  const seen = shown.get(resources) ?? show(resources);
  const found: StackViolation[] = [];
  const verdict = verdictIn(run, (reportViolation) => {
    void policy.validateStack({ resources: seen, getConfig: () => config } as never, (message, urn) => {
      if (typeof message === "string") found.push({ about: urn ?? "", message });
      reportViolation(message);
    });
  });
  return { ...verdict, found };
}

/** The violations that a policy reports, each with the name of the resource it is about (empty for the stack). */
export function stackViolations(
  policy: StackValidationPolicy,
  resources: readonly StackResource[],
  config: object = {},
): readonly StackViolation[] {
  // Read once for the three, as `engine/serve.ts` does it.
  const served = resources.map(({ props }) => shareProperties(() => props));
  checkAsChild(
    (urnOf, isPreview) => {
      const children = resources.map((resource, index) => ({
        ...{ ...resource, urn: urnOf(resource.type) },
        props: served[index]?.ticket ?? {},
      }));
      const { refused, warned } = stackVerdictOf(policy, children, config, { isPreview });
      return { refused, warned };
    },
    resources.map(({ props }) => props),
  );
  for (const { end } of served) end();
  return stackVerdictOf(policy, resources, config).found;
}
