/**
 * Maximal unknownness: whatever the plugins of remote components leave unknown in a first preview, the pack passes it; and at `up`, where everything is
 * known, it refuses what it refuses anywhere. Made of the policies and of what the stacks register, so that a new policy and a new stack are in it.
 */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { RecordedResource } from "../../../../src/rehearsal/monitor/recording";
import { checkAsChild, childUrn } from "../../as-child";
import { verdictOf } from "../../verdict";
import { STACK_NAMES, asChildren, distinct, distinctOf, firstPreviews, isChild } from "./first-previews";
import type { Run, Runs } from "./first-previews";
import { allUnknown, refused, refusedInStack, resourcePolicies } from "./refusals";
import { onlyKnown, pathsOf, withPart, withUnknown } from "./values";

let runs: Runs;
beforeAll(async () => {
  runs = await firstPreviews();
}, 1_800_000);

function runOf(name: string): Run {
  const run = runs.get(name);
  if (run === undefined) throw new RangeError(name);
  return run;
}

describe.each(STACK_NAMES)("a first preview of %s passes", (name) => {
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

test("each input of each child, and each part of it, can be unknown alone", () => {
  const found = distinct(runs, isChild).flatMap((child) =>
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

describe("whatever the stacks register, made by a component's plugin", () => {
  test("passes a preview with all its inputs unknown, and with each part of them unknown alone", () => {
    const found = asChildren(runs).flatMap((child) =>
      [allUnknown(child.inputs), ...pathsOf(child.inputs).map((path) => withUnknown(child.inputs, [path]))].flatMap((inputs) =>
        refused([{ ...child, inputs }]),
      ),
    );
    expect(found).toEqual([]);
  });

  test("says in a preview what `up` would refuse, if the unknown stayed unknown", () => {
    for (const { type, inputs } of asChildren(runs)) {
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
      const looked = distinct(runs, isChild).filter((child) => isAbout(policy, child));
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
