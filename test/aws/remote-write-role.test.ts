import { ofType, only, runComponents } from "../support/program";
import type { Recording } from "../support/program";
import { buildPlatform } from "./platform";
import { remoteWritePolicy } from "../../src/aws/remote-write-role";

const WORKSPACE = { type: "sigv4", region: "eu-central-1", workspaceId: "ws-0123abcd-4567-89ab-cdef-0123456789ab" } as const;
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

const run = (auth: typeof WORKSPACE | { readonly type: "bearer"; readonly token: { readonly name: string; readonly value: string } }) =>
  runComponents(async () => {
    await buildPlatform({
      monitoring: {
        type: "remoteWrite",
        retentionDays: 2,
        storageGiB: 20,
        receivers: [],
        remoteWrite: { url: "https://example.com", auth },
      },
    });
  });

describe("with signatures", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await run(WORKSPACE);
  });

  test("the role can write to the workspace, in its region, and do nothing else", () => {
    const { policy } = only(recording, "aws:iam/rolePolicy:RolePolicy").inputs;
    expect(JSON.parse(String(policy))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "aps:RemoteWrite",
          Resource: expect.stringMatching(
            /^arn:aws:aps:eu-central-1:\d{12}:workspace\/ws-0123abcd-4567-89ab-cdef-0123456789ab$/,
          ) as unknown,
        },
      ],
    });
  });

  test("only the service account of Prometheus takes the role on", () => {
    const { assumeRolePolicy } = only(recording, "aws:iam/role:Role", "remote-write").inputs;
    expect(JSON.parse(String(assumeRolePolicy))).toMatchObject({
      Statement: [
        {
          Principal: { Service: "pods.eks.amazonaws.com" },
          Condition: {
            StringEquals: {
              "aws:RequestTag/kubernetes-namespace": "monitoring",
              "aws:RequestTag/kubernetes-service-account": "kube-prometheus-stack-prometheus",
            },
          },
        },
      ],
    });
    expect(only(recording, ASSOCIATION).inputs).toMatchObject({
      namespace: "monitoring",
      serviceAccount: "kube-prometheus-stack-prometheus",
    });
  });
});

test("with a token there is no role", async () => {
  expect(ofType(await run({ type: "bearer", token: { name: "t", value: "x" } }), ASSOCIATION)).toEqual([]);
});

test("the workspace is in the partition of its region", () => {
  const policy = remoteWritePolicy({ ...WORKSPACE, region: "us-gov-west-1" }, "111122223333");
  expect(JSON.stringify(policy)).toContain("arn:aws-us-gov:aps:us-gov-west-1:111122223333:workspace/");
});
