/**
 * Maximal unknownness: whatever the plugins of remote components leave unknown in a first preview, the pack passes it; and at `up`, where everything is
 * known, it refuses what it refuses anywhere. Made of the policies and of what the stacks register, so that a new policy and a new stack are in it.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import fc from "fast-check";
import { policies } from "../../../../policy-pack/policies";
import type { RecordedResource, Recording } from "../../../../src/rehearsal/monitor/recording";
import { STACK_CONFIGS } from "../../../support/stack-configs";
import type { StackSettings } from "../../../support/stack-configs";
import { ROOT } from "../../../support/program";
import { recordedProgram } from "../../../support/recordings/recorded-program";
import { checkAsChild, childUrn } from "../../as-child";
import { stackVerdictOf } from "../../stack-verdict";
import { UNKNOWN, verdictOf } from "../../verdict";
import { onlyKnown, pathsOf, scalarsOf, withPart, withUnknown } from "./values";

const mandatory = policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");
const resourcePolicies = mandatory.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const stackPolicies = mandatory.filter((policy): policy is StackValidationPolicy => "validateStack" in policy);

const example = JSON.parse(readFileSync(join(ROOT, "docs/examples/policy-config.json"), "utf8")) as Readonly<Record<string, object>>;
/** The documented settings, but for the price, which not every stack stays below and not every GPU has. */
const settingsOf = (name: string): object => (name === "hourly-list-price" ? {} : (example[name] ?? {}));

const stackNames = readdirSync(ROOT).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.slice(1) ?? []);
const MORE_NETWORKS: Readonly<Record<string, StackSettings>> = {
  "open to one address, protected, with an administrator": {
    ...{ natGateways: "onePerAz", apiServerAccess: "203.0.113.0/24", deletionProtection: true, supportType: "STANDARD" },
    adminPrincipalArns: ["arn:aws:iam::123456789012:role/ops"],
  },
  "without a way out, on a capacity block": {
    natGateways: "none",
    interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts", "logs"],
    gpuPools: [
      {
        ...{ name: "a100", instanceType: "p4d.24xlarge", size: { desired: 1 }, availabilityZone: "us-east-1a" },
        capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" },
      },
    ],
  },
};
const stacks: readonly (readonly [string, { readonly stack?: string; readonly config?: StackSettings }])[] = [
  ...stackNames.map((stack) => [`the stack ${stack}`, { stack }] as const),
  ...Object.entries({ ...STACK_CONFIGS, ...MORE_NETWORKS })
    .filter(([, config]) => Object.keys(config).length > 0)
    .map(([name, config]) => [name, { config }] as const),
];

const isChild = ({ madeBy }: RecordedResource) => madeBy !== undefined;

interface Run {
  readonly preview: Recording;
  /** The same with every value known; of another stack where the components are given the same. */
  readonly known: Recording;
  /** What the program gives the components and knows itself. */
  readonly literals: ReadonlySet<unknown>;
}
const runs = new Map<string, Run>();
beforeAll(async () => {
  const sameComponents = new Map<string, Recording>();
  for (const [name, options] of stacks) {
    const preview = await recordedProgram({ ...options, mode: "preview" });
    const given = preview.resources.filter(({ kind }) => kind === "remoteComponent").map(({ inputs }) => inputs);
    const key = JSON.stringify(given);
    const known = sameComponents.get(key) ?? (await recordedProgram(options));
    sameComponents.set(key, known);
    runs.set(name, { preview, known, literals: new Set(scalarsOf(given)) });
  }
}, 1_800_000);

function runOf(name: string): Run {
  const run = runs.get(name);
  if (run === undefined) throw new RangeError(name);
  return run;
}

/** What the policies refuse of these resources. */
function refused(resources: readonly Pick<RecordedResource, "type" | "urn" | "inputs">[], isPreview = true): readonly string[] {
  return resources.flatMap(({ type, urn, inputs }) =>
    resourcePolicies.flatMap((policy) =>
      verdictOf(policy, { type, urn, props: inputs, config: settingsOf(policy.name) }, { isPreview }).refused.map(
        (message) => `${urn}: ${policy.name}: ${message}`,
      ),
    ),
  );
}

/** What the policies for whole stacks refuse in a preview in which resources have these outputs. */
function refusedInStack(
  { resources }: Recording,
  outputsOf: (resource: RecordedResource) => RecordedResource["outputs"],
): readonly string[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const members = resources.map((resource) => ({
    ...{ type: resource.type, name: resource.urn, urn: resource.urn, props: outputsOf(resource) },
    from: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([property, urns]) => [property, urns.filter((urn) => byUrn.has(urn))]),
    ),
  }));
  return stackPolicies.flatMap((policy) =>
    stackVerdictOf(policy, members, settingsOf(policy.name), { isPreview: true }).refused.map((message) => `${policy.name}: ${message}`),
  );
}

/** Every input or output unknown. */
const allUnknown = (properties: object) => Object.fromEntries(Object.keys(properties).map((key) => [key, UNKNOWN]));

describe.each(stacks.map(([name]) => name))("a first preview of %s passes", (name) => {
  test("as the rehearsal knows it", () => {
    const { preview } = runOf(name);
    expect(refused(preview.resources)).toEqual([]);
    expect(refusedInStack(preview, ({ outputs }) => outputs)).toEqual([]);
  });

  test("and so does `up`, where everything is known", () => {
    const { known } = runOf(name);
    expect(refused(known.resources, false)).toEqual([]);
    expect(refusedInStack(known, ({ outputs }) => outputs)).toEqual([]);
  });

  test("with every input of the components' children unknown that is no literal of the program", () => {
    const { known, literals } = runOf(name);
    const children = known.resources.filter(isChild);
    expect(
      refused(children.map((child) => ({ ...child, inputs: onlyKnown(child.inputs, literals) as RecordedResource["inputs"] }))),
    ).toEqual([]);
  });

  test("with all inputs and outputs of the children unknown", () => {
    const { known, preview } = runOf(name);
    expect(refused(known.resources.filter(isChild).map((child) => ({ ...child, inputs: allUnknown(child.inputs) })))).toEqual([]);
    for (const recording of [preview, known]) {
      expect(refusedInStack(recording, (resource) => (isChild(resource) ? allUnknown(resource.outputs) : resource.outputs))).toEqual([]);
    }
  });
});

test("what any remote component makes is left to `up`", () => {
  const components = [...runs.values()].flatMap(({ preview }) => preview.resources).filter(({ kind }) => kind === "remoteComponent");
  expect(components.length).toBeGreaterThan(0);
  for (const { urn } of components) {
    const [before, type] = [urn.slice(0, urn.lastIndexOf("::")), "aws:eks/cluster:Cluster"];
    const inputs = allUnknown({ accessConfig: {}, enabledClusterLogTypes: [], encryptionConfig: {}, vpcConfig: {} });
    expect(refused([{ type, urn: `${before}$${type}::child`, inputs }])).toEqual([]);
  }
});

/** One of each type and shape, of every stack. */
function distinct(isMeant: (resource: RecordedResource) => boolean): readonly RecordedResource[] {
  const all = [...runs.values()].flatMap(({ known, preview }) => [...known.resources, ...preview.resources]);
  return distinctOf(all.filter(isMeant));
}

function distinctOf(resources: readonly RecordedResource[]): readonly RecordedResource[] {
  return [...new Map(resources.map((resource) => [`${resource.type} ${JSON.stringify(shapeOf(resource.inputs))}`, resource])).values()];
}

/** Of lists one entry of each shape, of texts nothing: enough to tell apart what policies may judge differently. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "boolean" ? value : typeof value;
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))];
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

test("each input of each child, and each part of it, can be unknown alone", () => {
  const found = distinct(isChild).flatMap((child) =>
    pathsOf(child.inputs).flatMap((path) => refused([{ ...child, inputs: withUnknown(child.inputs, [path]) }])),
  );
  expect(found).toEqual([]);
});

test("each output of each child, and each part of it, can be unknown alone", () => {
  const { known } = runOf("open to one address, protected, with an administrator");
  const found = distinctOf(known.resources.filter(isChild)).flatMap((child) =>
    pathsOf(child.outputs).flatMap((path) =>
      refusedInStack(known, (resource) => (resource === child ? withUnknown(child.outputs, [path]) : resource.outputs)),
    ),
  );
  expect(found).toEqual([]);
});

// A component of a later version may make what the program makes by itself today.
describe("whatever the stacks register, made by a component's plugin", () => {
  const asChildren = () => distinct(({ kind }) => kind === "custom").map((resource) => ({ ...resource, urn: childUrn(resource.type) }));

  test("passes a preview with all its inputs unknown, and with each part of them unknown alone", () => {
    const found = asChildren().flatMap((child) =>
      [allUnknown(child.inputs), ...pathsOf(child.inputs).map((path) => withUnknown(child.inputs, [path]))].flatMap((inputs) =>
        refused([{ ...child, inputs }]),
      ),
    );
    expect(found).toEqual([]);
  });

  test("passes a preview with any of its parts unknown", () => {
    fc.assert(
      fc.property(fc.constantFrom(...asChildren()), fc.infiniteStream(fc.boolean()), (child, coins) => {
        const paths = pathsOf(child.inputs).filter(() => coins.next().value);
        expect(refused([{ ...child, inputs: withUnknown(child.inputs, paths) }])).toEqual([]);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test("says in a preview what `up` would refuse, if the unknown stayed unknown", () => {
    for (const { type, inputs } of asChildren()) {
      const props = allUnknown(inputs);
      for (const policy of resourcePolicies)
        checkAsChild((urn, isPreview) => verdictOf(policy, { type, props, urn: urn(type) }, { isPreview }), props);
    }
  });
});

/** Values that are wrong for many a property: what somebody gets hold of would make of them. */
const WRONG: readonly unknown[] = [
  ...[undefined, true, false, 0, 2, "", "*", "world", "0.0.0.0/0", [], {}],
  "arn:aws:iam::aws:policy/AdministratorAccess",
  JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Principal: "*" }] }),
];

describe("a child that is wrong and known", () => {
  const isAbout = (policy: ResourceValidationPolicy, { type, inputs }: RecordedResource): boolean => {
    let isRead = false;
    const props = new Proxy(inputs as object, {
      ownKeys: (target) => {
        isRead = true;
        return Reflect.ownKeys(target);
      },
    });
    verdictOf(policy, { type, props: props as Readonly<Record<string, unknown>> });
    return isRead;
  };

  test.each(resourcePolicies.map((policy) => [policy.name, policy] as const))(
    "is refused by %s in the preview and at `up`, wherever the policy looks at such children",
    (_, policy) => {
      const looked = distinct(isChild).filter((child) => isAbout(policy, child));
      let refusals = 0;
      for (const { type, inputs } of looked) {
        for (const path of pathsOf(inputs)) {
          for (const wrong of WRONG) {
            const props = withPart(inputs, path, wrong);
            checkAsChild((urn, isPreview) => verdictOf(policy, { type, props, urn: urn(type) }, { isPreview }), props);
            refusals += verdictOf(policy, { type, props, urn: childUrn(type) }).refused.length;
          }
        }
      }
      expect(refusals > 0).toBe(looked.length > 0);
    },
  );
});
