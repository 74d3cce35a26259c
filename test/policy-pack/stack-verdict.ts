/** Runs one stack policy on a few resources, as the policy host does. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy/proxy";

export interface StackResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Names of the resources behind each property. @default none */
  readonly from?: Readonly<Record<string, readonly string[]>>;
}

/** The violations that a policy reports, each with the name of the resource it is about (empty for the stack). */
export function stackViolations(
  policy: StackValidationPolicy,
  resources: readonly StackResource[],
  config: object = {},
): readonly { readonly about: string; readonly message: string }[] {
  const seen = resources.map(({ type, name, props }) => ({
    type,
    name,
    urn: name,
    props: (unknownCheckingProxy as (props: unknown) => Record<string, unknown>)(props),
    opts: {},
    dependencies: [],
    propertyDependencies: {} as Record<string, unknown[]>,
  }));
  for (const [index, { from = {} }] of resources.entries()) {
    for (const [property, names] of Object.entries(from)) {
      const resource = seen[index];
      if (resource !== undefined) resource.propertyDependencies[property] = seen.filter(({ name }) => names.includes(name));
    }
  }
  const reported: { about: string; message: string }[] = [];
  void policy.validateStack({ resources: seen, getConfig: () => config } as never, (message, urn) =>
    reported.push({ about: urn ?? "", message }),
  );
  return reported;
}
