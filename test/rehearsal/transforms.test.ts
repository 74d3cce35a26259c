/** Transforms and hooks of a program work in the rehearsal as they do in the engine. */
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import { Cluster } from "@pulumi/eks/cluster";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { ComponentResource, ErrorHook, ResourceHook, isSecret, output, runtime, secret } from "@pulumi/pulumi";
import type { ResourceHookArgs, ResourceTransform } from "@pulumi/pulumi";
import { runProgram } from "../../src/rehearsal/run-program";
import { collectRejections } from "../harness/engine/rejections";
import { UNKNOWN, ofType, only, runComponents } from "../support/program";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";

class Outer extends ComponentResource {
  constructor(transforms: readonly ResourceTransform[] = []) {
    super("shared-gpu:test:Outer", "outer", {}, { transforms: [...transforms] });
    new SecurityGroup("group", { tags: { at: "" } }, { parent: this, transforms: [mark("own")] });
    this.registerOutputs();
  }
}

/** Appends a letter to the tag `at` of security groups: the order of the letters is that of the transforms. */
function mark(text: string): ResourceTransform {
  return ({ type, props, opts }) => {
    if (type !== GROUP) return undefined;
    const { tags } = props as { readonly tags: { readonly at: string } };
    return { props: { ...props, tags: { at: `${tags.at} ${text}`.trim() } }, opts };
  };
}

const networkArgs = {
  availabilityZoneNames: ["us-east-1a", "us-east-1b"],
  subnetStrategy: "Auto" as const,
  subnetSpecs: [{ type: "Private" as const, cidrMask: 19 }],
  natGateways: { strategy: "None" as const },
};

const run = (program: () => unknown) =>
  runProgram({ program, project: "shared-gpu", stack: "test", config: { "aws:region": "us-east-1" } });

/** Runs a program that fails. @returns what it says. */
async function failureOf(program: () => unknown): Promise<string> {
  const { result, rejections } = await collectRejections(() => run(program));
  return [...result.errors, ...rejections.map(String)].join("\n");
}

describe("transforms", () => {
  test("run in the engine's order: the resource's own, its parents', the stack's", async () => {
    const recording = await runComponents(() => {
      runtime.registerResourceTransform(mark("stack"));
      runtime.registerResourceTransform(mark("later"));
      new Outer([mark("first"), mark("second")]);
    });
    expect(only(recording, GROUP).inputs.tags).toEqual({ at: "own first second stack later" });
  });

  test("of a remote component reach what its plugin makes, at every depth", async () => {
    const seen: string[] = [];
    const recording = await runComponents(() => {
      const prefix: ResourceTransform = ({ custom, name, type, props, opts }) => {
        seen.push(`${type} ${name}`);
        const { tags } = props as { readonly tags?: object };
        return custom && tags !== undefined ? { props: { ...props, tags: { ...tags, Name: `shared-${name}` } }, opts } : undefined;
      };
      new Vpc("net", networkArgs, { transforms: [prefix] });
    });
    const tagged = recording.resources.filter(({ inputs }) => inputs.tags !== undefined && inputs.subnetSpecs === undefined);
    expect(tagged.map(({ name, inputs }) => [name, inputs.tags.Name])).toEqual(tagged.map(({ name }) => [name, `shared-${name}`]));
    expect(tagged.map(({ type }) => type)).toEqual(expect.arrayContaining(["aws:ec2/vpc:Vpc", "aws:ec2/routeTable:RouteTable"]));
    // The component itself is seen twice: when the program asks for it, and when its plugin registers it.
    expect(seen.filter((what) => what === "awsx:ec2:Vpc net")).toHaveLength(2);
    expect(seen).toContain("aws:ec2/routeTableAssociation:RouteTableAssociation net-private-2");
  });

  test("change options, and what is inherited with them", async () => {
    const recording = await runComponents(() => {
      const protect: ResourceTransform = ({ type, props, opts }) =>
        type === "aws:ec2/vpc:Vpc"
          ? {
              props,
              opts: { ...opts, protect: true, ignoreChanges: ["tags"], aliases: [{ name: "old" }], customTimeouts: { create: "7m" } },
            }
          : undefined;
      new Vpc("net", networkArgs, { transforms: [protect] });
    });
    expect(only(recording, "aws:ec2/vpc:Vpc").options).toMatchObject({
      protect: true,
      ignoreChanges: ["tags"],
      aliases: ["urn:pulumi:test::shared-gpu::awsx:ec2:Vpc$aws:ec2/vpc:Vpc::old"],
      customTimeouts: { create: "7m" },
    });
    // Children of the VPC have it from there, and the component does not.
    expect(ofType(recording, "aws:ec2/subnet:Subnet").map(({ options }) => options.protect)).toEqual([true, true]);
    expect(only(recording, "awsx:ec2:Vpc").options.protect).toBe(false);
  });

  test("see unknown values and secrets as outputs, and lose none of them", async () => {
    const secrets: boolean[] = [];
    const recording = await runComponents(
      () => {
        const vpc = new Vpc("net", networkArgs);
        const look: ResourceTransform = async ({ props, opts }) => {
          const { description, vpcId } = props as { readonly description: string; readonly vpcId: string };
          secrets.push(await isSecret(output(description)));
          return { props: { ...props, name: output(vpcId).apply((id) => `of ${id}`) }, opts };
        };
        new SecurityGroup("group", { vpcId: vpc.vpcId, description: secret("hidden") }, { transforms: [look] });
      },
      { mode: "preview" },
    );
    expect(secrets).toEqual([true]);
    const group = only(recording, GROUP);
    expect(group.inputs).toMatchObject({ vpcId: UNKNOWN, name: UNKNOWN, description: "hidden" });
    expect(group.secretInputs).toEqual(["description"]);
    expect(group.dependencies).toContain(only(recording, "awsx:ec2:Vpc").urn);
  });

  test("do not make up for what Pulumi's SDK refuses: a remote component that is deleted with another resource", async () => {
    const failure = await failureOf(() => {
      new Vpc("net", networkArgs, { deletedWith: new SecurityGroup("group") });
    });
    expect(failure).toContain("invalid DeletedWith URN");
  });

  test("that throw fail the registration with their words", async () => {
    const failure = await failureOf(() => {
      new SecurityGroup(
        "group",
        {},
        {
          transforms: [
            () => {
              throw new Error("not this one");
            },
          ],
        },
      );
    });
    expect(failure).toContain("not this one");
  });
});

describe("hooks", () => {
  const calls: string[] = [];
  beforeEach(() => {
    calls.length = 0;
  });
  const note = ({ name, newInputs, newOutputs }: ResourceHookArgs, moment: string) => {
    calls.push(
      `${moment} ${name} ${String((newInputs as { description?: string }).description)} ${newOutputs === undefined ? "" : "made"}`.trim(),
    );
  };
  const noted = (moment: string, options = {}) =>
    new ResourceHook(
      moment,
      (args) => {
        note(args, moment);
      },
      options,
    );

  test("are called around the creation, and those of moments that do not come never", async () => {
    const recording = await runComponents(() => {
      const hooks = {
        beforeCreate: [noted("before")],
        afterCreate: [noted("after")],
        beforeUpdate: [noted("update")],
        beforeDelete: [noted("delete")],
        onError: [new ErrorHook("error", () => true)],
      };
      new SecurityGroup("group", { description: "one" }, { hooks });
    });
    expect(calls).toEqual(["before group one", "after group one made"]);
    expect(only(recording, GROUP).options.hooks).toEqual({
      beforeCreate: ["before"],
      afterCreate: ["after"],
      beforeUpdate: ["update"],
      beforeDelete: ["delete"],
      onError: ["error"],
    });
  });

  test("are called in a preview only where they ask for it", async () => {
    await runComponents(
      () => {
        const hooks = { beforeCreate: [noted("never"), noted("always", { onDryRun: true })] };
        new SecurityGroup("group", { description: "one" }, { hooks });
      },
      { mode: "preview" },
    );
    expect(calls).toEqual(["always group one"]);
  });

  test("of a component are called around its children", async () => {
    await runComponents(() => {
      class Component extends ComponentResource {
        constructor() {
          super("shared-gpu:test:Component", "outer", {}, { hooks: { beforeCreate: [noted("before")], afterCreate: [noted("after")] } });
          const group = new SecurityGroup("group", { description: "one" }, { parent: this, hooks: { afterCreate: [noted("child")] } });
          this.registerOutputs({ id: group.id });
        }
      }
      new Component();
    });
    expect(calls).toEqual(["before outer undefined", "child group one made", "after outer undefined made"]);
  });

  const fails = (name: string, options = {}) =>
    new ResourceHook(
      name,
      () => {
        throw new Error("not today");
      },
      options,
    );

  test("that fail before the creation fail it", async () => {
    const failure = await failureOf(() => {
      new SecurityGroup("group", {}, { hooks: { beforeCreate: [fails("guard")] } });
    });
    expect(failure).toContain('before hook "guard" failed: not today');
  });

  test("that fail before the creation end a program that waits for the resource", async () => {
    const recording = await run(async () => {
      const group = new SecurityGroup("group", {}, { hooks: { beforeCreate: [fails("guard")] } });
      const id = await new Promise<string>((resolve) => group.id.apply(resolve));
      new SecurityGroup("next", { description: id });
    });
    expect(recording.errors).toEqual(['before hook "guard" failed: not today']);
  });

  test("that fail after the creation fail the run, and what exists stays", async () => {
    const program = () => {
      const group = new SecurityGroup("group", {}, { hooks: { afterCreate: [fails("check")] } });
      new SecurityGroup("next", { description: group.id });
    };
    const recording = await run(program);
    expect(recording.errors).toEqual(['after hook "check" failed: not today']);
    expect(ofType(recording, GROUP).map(({ name }) => name)).toEqual(["group", "next"]);
  });

  test("may be allowed to fail: then there is a warning", async () => {
    const { logs } = await runComponents(() => {
      new Namespace("team", {}, { hooks: { beforeCreate: [fails("guard", { ignoreErrors: true })] } });
    });
    expect(logs).toContainEqual(expect.objectContaining({ severity: "warning", message: 'beforeCreate hook "guard" failed: not today' }));
  });

  test("reach a remote component only where its plugin's SDK hands them on", async () => {
    await runComponents(() => {
      const hooks = (name: string) => ({ afterCreate: [noted(name)] });
      const vpc = new Vpc("net", networkArgs, { hooks: hooks("awsx") });
      const args = { authenticationMode: "API", skipDefaultNodeGroup: true, skipDefaultSecurityGroups: true, vpcId: vpc.vpcId } as const;
      new Cluster("main", args, { hooks: hooks("eks") });
    });
    expect(calls).toEqual(["awsx net undefined made"]);
  });

  test("have names of their own", async () => {
    expect(await failureOf(() => [noted("twice"), noted("twice")])).toContain('resource hook already registered for name "twice"');
  });
});
