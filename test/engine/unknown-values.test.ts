/**
 * Who imitates the platform gets a preview and nothing that is made: the real engine asks the pack again at `up`, when every value is known and before
 * the provider hears of the resource.
 */
import { Cluster } from "@pulumi/aws/eks/cluster";
import { Key } from "@pulumi/aws/kms/key";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComponentResource, runtime } from "@pulumi/pulumi";
import type { Input, Output } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { Workspace } from "../harness/engine/workspace";
import type { Outcome } from "../harness/engine/workspace";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ binaries: ["pulumi"], program: () => Promise.resolve({}) });
});
afterAll(() => workspace.close());

type EncryptionConfig = NonNullable<ConstructorParameters<typeof Cluster>[1]>["encryptionConfig"];

const cluster = (encryptionConfig: EncryptionConfig, parent?: ComponentResource) =>
  new Cluster(
    "cluster",
    {
      ...{ name: "imitation", roleArn: "arn:aws:iam::123456789012:role/cluster", encryptionConfig },
      vpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: true, subnetIds: ["subnet-1", "subnet-2"] },
      accessConfig: { authenticationMode: "API" },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      version: "1.34",
    },
    { parent },
  );

/** A program of anybody's with components of the names that the platform's have. @param keyName a new one, so that a preview knows nothing of the key. */
const imitation =
  (keyName: string, makeEncryption: (keyArn: Output<string>) => EncryptionConfig): PulumiFn =>
  () => {
    const key = new Key(keyName, { enableKeyRotation: true });
    const platform = new ComponentResource("shared-gpu:aws:ControlPlane", "platform");
    const remote = new ComponentResource("awsx:ec2:Vpc", "remote", {}, { parent: platform });
    cluster(makeEncryption(key.arn), remote);
    return Promise.resolve({});
  };

const said = ({ violations }: Outcome) =>
  violations.map(({ policy, enforcementLevel, urn }) => [policy, enforcementLevel, urn.split("::").at(-1)]);
const made = () => workspace.standIns.cloud.all.map(({ type }) => type);

const GOOD = { resources: ["secrets"] };

describe.each<[string, (keyArn: Output<string>) => EncryptionConfig]>([
  ["turns out to encrypt nothing", (keyArn) => keyArn.apply((arn) => ({ provider: { keyArn: arn }, resources: [] as string[] }))],
  ["turns out to be nothing", (keyArn) => keyArn.apply(() => undefined) as unknown as EncryptionConfig],
  // The engine takes the mark for a value that is unknown, and drops it before it asks the provider.
  ["is said to be unknown at `up` too", () => runtime.unknownValue as unknown as EncryptionConfig],
  [
    "has a part that is said to be unknown at `up` too",
    (keyArn) => keyArn.apply((arn) => ({ provider: { keyArn: arn }, resources: [runtime.unknownValue] })),
  ],
])("an encryption of another resource's making that %s", (title, makeEncryption) => {
  const program = imitation(title.replaceAll(/\W+/g, "-"), makeEncryption);

  test("passes the preview with a warning, is refused at `up`, and is not made", async () => {
    const preview = await workspace.preview({ program });
    expect(said(preview)).toContainEqual(["eks-secrets-encrypted", "advisory", "cluster"]);
    expect(preview.violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
    expect(preview.succeeded).toBe(true);

    const up = await workspace.up({ program });
    expect(up.succeeded).toBe(false);
    expect(said(up)).toContainEqual(["eks-secrets-encrypted", "mandatory", "cluster"]);
    expect(made()).not.toContain("aws:eks/cluster:Cluster");
  });
});

test("one that turns out to be right is made", async () => {
  const up = await workspace.up({
    program: imitation("right", (keyArn) => keyArn.apply((arn) => ({ provider: { keyArn: arn }, ...GOOD }))),
  });
  expect(up.violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
  expect(made()).toContain("aws:eks/cluster:Cluster");
});

const PROGRAM = `
import { Cluster } from "@pulumi/aws/eks/cluster";
import { Key } from "@pulumi/aws/kms/key";
import { ComponentResource } from "@pulumi/pulumi";

const platform = new ComponentResource("shared-gpu:aws:ControlPlane", "platform");
const remote = new ComponentResource("eks:index:Cluster", "remote", {
  ...{ encryptionConfigKeyArn: "arn", authenticationMode: "API", endpointPublicAccess: false, skipDefaultNodeGroup: true },
  enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
}, { parent: platform });
new Cluster("cluster", {
  ...{ name: "imitation", roleArn: "arn:aws:iam::123456789012:role/cluster", version: "1.34" },
  vpcConfig: { endpointPublicAccess: false, subnetIds: ["subnet-1", "subnet-2"] },
  accessConfig: { authenticationMode: "API" },
  enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
  encryptionConfig: new Key("by-command-line", {}).arn.apply((keyArn) => ({ provider: { keyArn }, resources: [] as string[] })),
}, { parent: remote });
`;

test("plain `pulumi up` previews and makes with one answer each", async () => {
  const other = await Workspace.open({ binaries: ["pulumi"], program: () => Promise.resolve({}) });
  try {
    writeFileSync(join(other.folder, "project/index.ts"), PROGRAM);
    const { code, stdout } = await other.commandLine(["up", "--yes", "--stack", "dev", "--policy-pack", "policy-pack"]);
    expect(code).not.toBe(0);
    const [preview = "", up = ""] = stdout.split(/^Updating/m);
    expect(preview).toContain("[advisory] [severity: low]  eks-secrets-encrypted");
    expect(preview).toMatch(/encryptionConfig" is unknown until .pulumi up., .* checks it before it makes the resource/);
    expect(up).toMatch(/encryptionConfig.resources" is \[\]\. Add "secrets"/);
    expect(other.standIns.cloud.all.map(({ type }) => type)).toEqual(["aws:kms/key:Key"]);
  } finally {
    await other.close();
  }
});

test("outside of such components the preview refuses what is unknown", async () => {
  const preview = await workspace.preview({
    program: () => {
      const encryption: Input<object> = new Key("other", {}).arn.apply((arn) => ({ provider: { keyArn: arn }, ...GOOD }));
      cluster(encryption as EncryptionConfig);
      return Promise.resolve({});
    },
  });
  expect(preview.succeeded).toBe(false);
  expect(said(preview)).toContainEqual(["eks-secrets-encrypted", "mandatory", "cluster"]);
});
