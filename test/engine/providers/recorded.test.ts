/**
 * eks and awsx under the real engine: what they register is what the real plugins were seen to register. Stand-ins, or the plugins where they are installed.
 */
import { mergeOptions } from "@pulumi/pulumi";
import type { ResourceTransform } from "@pulumi/pulumi";
import { UNKNOWN } from "../../../src/rehearsal/monitor/wire";
import { differences, recordedChildren, rehearsedChildren } from "../../support/component-children";
import type { ComponentChild } from "../../support/component-children";
import { recordedProgram } from "../../rehearsal/recorded/programs";
import { runComponents } from "../../support/program";
import { previewedChildren } from "../../harness/engine/providers/components/previewed";

test.each(["dev", "protected", "private"] as const)("a first preview registers what was recorded: %s", async (name) => {
  const recorded = recordedChildren(name);
  const previewed = await previewedChildren(recordedProgram(name));
  expect(differences(withoutMissingInputs(recorded, previewed), previewed)).toEqual([]);
  expect(previewed).toHaveLength(recorded.length);
});

/**
 * eks 4.3.0 as it is released registers its components without inputs: its SDK is older than the one that the recordings were made with. Of such a component
 * only what it creates is compared.
 */
function withoutMissingInputs(recorded: readonly ComponentChild[], previewed: readonly ComponentChild[]): readonly ComponentChild[] {
  const isWithout = (urn: string) =>
    previewed.some((child) => child.urn === urn && !child.custom && Object.keys(child.inputs).length === 0);
  return recorded.map((child) => (isWithout(child.urn) ? { ...child, inputs: {} } : child));
}

test("transforms of the program make of the children in the engine what they make of them in the rehearsal", async () => {
  const named: ResourceTransform = ({ name, props, opts }) => {
    const { tags } = props as { readonly tags?: object };
    return tags === undefined ? undefined : { props: { ...props, tags: { ...tags, Name: `shared-${name}` } }, opts };
  };
  const kept: ResourceTransform = ({ type, props, opts }) =>
    type === "aws:eks/cluster:Cluster"
      ? { props, opts: mergeOptions(opts, { protect: true, ignoreChanges: ["vpcConfig.subnetIds"] }) }
      : undefined;
  const program = recordedProgram("private", [named, kept]);
  const rehearsed = rehearsedChildren(await runComponents(program, { mode: "preview" }));
  const previewed = await previewedChildren(program);
  expect(differences(rehearsed, previewed)).toEqual([]);
  const cluster = previewed.find(({ type }) => type === "aws:eks/cluster:Cluster");
  expect(cluster).toMatchObject({
    protect: true,
    inputs: { encryptionConfig: UNKNOWN, tags: { Name: "shared-control-plane-eksCluster" } },
  });
});
