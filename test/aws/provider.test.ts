import { version } from "@pulumi/aws/package.json";
import { Role } from "@pulumi/aws/iam/role";
import { AwsProvider } from "../../src/aws/provider";
import { runProgram as run } from "../../src/rehearsal/run-program";
import { ofType, only } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";

const PROVIDER = "pulumi:providers:aws";

test("has every aws: key of the stack, as a default provider has, and secret ones as secrets", async () => {
  const recording = await run({
    program: () => {
      new Role("role", { assumeRolePolicy: "{}" }, { provider: new AwsProvider("aws") });
    },
    project: "shared-gpu",
    stack: "test",
    config: {
      "aws:region": "us-east-1",
      "aws:defaultTags": '{"tags":{"owner":"platform"}}',
      "aws:token": "hush",
      "kubernetes:namespace": "other",
      "shared-gpu:clusterName": "other",
    },
    secretKeys: ["aws:token"],
  });
  const provider = only(recording, PROVIDER);
  expect(provider.inputs).toMatchObject({ region: "us-east-1", defaultTags: '{"tags":{"owner":"platform"}}', token: "hush" });
  expect(Object.keys(provider.inputs).sort()).toEqual(expect.not.arrayContaining(["namespace", "clusterName"]));
  expect(provider.secretInputs).toEqual(["token"]);
  expect(provider.options.version).toBe(version);
  expect(only(recording, "aws:iam/role:Role").provider).toContain(provider.urn);
});

test("serves everything of AWS in the dev stack", async () => {
  const recording = await recordedProgram();
  const { urn } = only(recording, PROVIDER, "aws");
  const own = recording.resources.filter(({ type, madeBy }) => type.startsWith("aws:") && madeBy === undefined);
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter(({ provider }) => !provider.startsWith(`${urn}::`)).map((resource) => resource.urn)).toEqual([]);
  expect(ofType(recording, PROVIDER).map(({ name }) => name)).toContain("aws");
});
