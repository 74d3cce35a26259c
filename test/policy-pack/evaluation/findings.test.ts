/** What happens to a finding that depends on an unknown value: by run, by URN, by settings. */
import { eksControlPlaneLogsOn } from "../../../policy-pack/aws/cluster/eks-control-plane-logs-on";
import { eksSecretsEncrypted } from "../../../policy-pack/aws/cluster/eks-secrets-encrypted";
import { gpuNodesHardenToolkit } from "../../../policy-pack/aws/gpu-pools/gpu-nodes-harden-toolkit";
import type { Run } from "../../../policy-pack/engine/run";
import { childUrn } from "../as-child";
import { stackVerdictOf } from "../stack-verdict";
import { UNKNOWN, verdictOf } from "../verdict";

const CLUSTER = "aws:eks/cluster:Cluster";
const PREVIEW: Partial<Run> = { isPreview: true };

const judge = (types: string, { project = "shared-gpu", run = PREVIEW }: { project?: string; run?: Partial<Run> } = {}) =>
  verdictOf(
    eksSecretsEncrypted,
    { type: CLUSTER, props: { encryptionConfig: UNKNOWN }, urn: `urn:pulumi:dev::${project}::${types}::cluster` },
    run,
  );

const COMPONENT = "shared-gpu:aws:ControlPlane$eks:index:Cluster";
const SENTENCE = '"encryptionConfig" is unknown until `pulumi up`, so this policy cannot check whether Secrets are encrypted';
const left = { refused: [], warned: [`${SENTENCE} yet; \`pulumi up\` checks it before it makes the resource.`] };
const refused = { refused: [`${SENTENCE}. Use a value that is known at preview.`], warned: [] };

test.each([
  ["a child of the component", `${COMPONENT}$${CLUSTER}`],
  ["a child of its child", `${COMPONENT}$eks:index:ServiceRole$${CLUSTER}`],
  ["a child of the other component", `shared-gpu:aws:Network$awsx:ec2:Vpc$${CLUSTER}`],
])("%s is left to `up` by a preview, and refused by `up`", (_, types) => {
  expect(judge(types)).toEqual(left);
  expect(judge(types, { run: { isPreview: false } })).toEqual(refused);
});

test.each([
  ["what the program makes itself", CLUSTER],
  ["what the platform's own component makes", `shared-gpu:aws:ControlPlane$${CLUSTER}`],
  ["the child of a component that nothing of the platform is around", `eks:index:Cluster$${CLUSTER}`],
  ["the child of a component beside the platform's", `other:index:Thing$shared-gpu:aws:ControlPlane$eks:index:Cluster$${CLUSTER}`],
  ["a component itself", COMPONENT],
])("a preview refuses %s", (_, types) => {
  expect(judge(types)).toEqual(refused);
});

test("a project counts as the platform's that any policy's settings name", () => {
  const types = `${COMPONENT}$${CLUSTER}`;
  const run = { isPreview: true, settings: { "forbid-node-access": { platformProjects: ["gpus"] }, "volumes-encrypted": {} } };
  expect(judge(types, { project: "gpus" })).toEqual(refused);
  expect(judge(types, { project: "gpus", run })).toEqual(left);
  expect(judge(types, { run })).toEqual(refused);
});

test("a rule that takes an unknown value for a missing one is not believed, and one that finds a known fault is", () => {
  const verdict = (enabledClusterLogTypes: unknown, version: unknown) =>
    verdictOf(eksControlPlaneLogsOn, { type: CLUSTER, urn: childUrn(CLUSTER), props: { enabledClusterLogTypes, version } }, PREVIEW);
  expect(verdict(["api", UNKNOWN], "1.34")).toMatchObject({
    refused: [],
    warned: [expect.stringContaining('"enabledClusterLogTypes[1]"')],
  });
  expect(verdict(["api"], UNKNOWN)).toMatchObject({ refused: [expect.stringContaining("off: audit")], warned: [] });
});

test("a policy for the whole stack leaves the component's node group to the end of `up`, and no other", () => {
  const type = "aws:eks/nodeGroup:NodeGroup";
  const pool = (urn: string) =>
    stackVerdictOf(gpuNodesHardenToolkit, [{ type, name: "gpu", urn, props: { instanceTypes: UNKNOWN } }], {}, PREVIEW);
  expect(pool(childUrn(type))).toMatchObject({
    refused: [],
    warned: [
      '"instanceTypes" is unknown until `pulumi up`, so this policy cannot check this resource yet; `pulumi up` checks it when it ends.',
    ],
  });
  expect(pool("urn:pulumi:dev::shared-gpu::aws:eks/nodeGroup:NodeGroup::gpu").refused).toEqual([
    expect.stringContaining("no launch template"),
  ]);
});
