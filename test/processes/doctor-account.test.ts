/** What `--aws` asks, and what is found in the answers: the doctor runs an `aws` that takes what the AWS CLI takes, in a simulated account. */
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { junitOf } from "../../src/cli/doctor-junit";
import { readDoctorArguments } from "../../src/cli/doctor-arguments";
import { formatDiagnosis } from "../../src/cli/doctor-text";
import { awsCli } from "../../src/doctor/account/aws-cli";
import { observeAccount } from "../../src/doctor/account/observe";
import type { AwsCli } from "../../src/doctor/account/observe";
import type { Declaration } from "../../src/doctor/declaration";
import { diagnose } from "../../src/doctor/diagnose";
import type { Diagnosis } from "../../src/doctor/finding";
import { FINDINGS } from "../../src/doctor/findings";
import type { FindingKind } from "../../src/doctor/findings";
import { PLAIN } from "../../src/rehearsal/report/style";
import { answerCall } from "../harness/engine/aws-cli/answer";
import type { Printed } from "../harness/engine/aws-cli/answer";
import type { CapacityState } from "../harness/engine/aws-cli/capacity";
import { serve } from "../harness/engine/aws-cli/serve";
import { runCommand } from "../support/child";
import { makeFolder } from "../support/folder";
import { recordedProgram } from "../support/recordings/recorded-program";
import { doctorPage } from "../doctor/documented";
import { READ_AT, healthy, observed, runningPod } from "../doctor/healthy";
import type { Healthy } from "../doctor/healthy";

const ROOT = join(__dirname, "../..");
const BLOCK = "cr-0123456789abcdef0";
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(READ_AT + days * DAY_MS).toISOString().replace(".000Z", "+00:00");

let dev: Healthy;
/** The dev stack, whose GPU pool runs in a capacity block. */
let declaration: Declaration;
let account: CapacityState;
/** What `aws` was called with. */
let calls: string[] = [];
/** What it prints in place of the account's answer, by service and operation. */
let instead: Readonly<Record<string, Printed>> = {};
let env: { PATH: string };
let end: () => void;

beforeAll(async () => {
  dev = healthy(await recordedProgram());
  const folder = makeFolder({});
  const socket = join(folder, "aws.sock");
  const client = join(ROOT, "test/harness/engine/aws-cli/aws.js");
  writeFileSync(join(folder, "aws"), `#!/bin/sh\nexec '${process.execPath}' '${client}' '${socket}' "$@"\n`);
  chmodSync(join(folder, "aws"), 0o700);
  end = await serve(socket, (args) => {
    calls.push(args.join(" "));
    return Promise.resolve(instead[args.slice(0, 2).join(" ")] ?? answerCall(args, account));
  });
  env = { PATH: [folder, process.env["PATH"] ?? ""].join(delimiter) };
  process.env["PATH"] = env.PATH;
});
afterAll(() => {
  end();
});

const gpuNode = () => {
  const found = dev.nodes.find(({ layout }) => layout !== undefined);
  if (found === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  return found;
};

beforeEach(() => {
  [calls, instead] = [[], {}];
  const endDate = inDays(20);
  declaration = {
    ...dev.declaration,
    reservations: [{ id: BLOCK, pool: "a100", instanceType: "p4d.24xlarge", nodes: 1, endDate }],
  };
  const own = dev.objects.Node.map((node) => String((node as { spec: { providerID: string } }).spec.providerID).replace(/^.*\//, ""));
  const { clusterName, nodeGroups } = declaration;
  account = {
    clusterName,
    subnets: [
      { id: "subnet-0a", zone: gpuNode().zone, free: 4000 },
      { id: "subnet-0b", zone: "us-east-1b", free: 4000 },
    ],
    interfaces: [],
    instances: own.map((id) => ({ id, type: "p4d.24xlarge", cores: 48, cluster: clusterName })),
    quotas: new Map([
      [
        "L-417A185B",
        { name: "Running On-Demand P instances", byDefault: 0, own: 96 * (nodeGroups.find(({ pool }) => pool === "a100")?.max ?? 0) },
      ],
      ["L-1216C47A", { name: "Running On-Demand Standard instances", byDefault: 1000 }],
    ]),
    reservations: [{ id: BLOCK, state: "active", type: "p4d.24xlarge", count: 1, endDate }],
  };
});

const examine = async (aws: AwsCli = awsCli("us-east-1"), objects = dev.objects): Promise<Diagnosis> =>
  diagnose(observed(objects), declaration, "prod", await observeAccount(aws, declaration));

test("an account with room is healthy, and every call names the region and is one that only reads", async () => {
  expect(await examine()).toMatchObject({ verdict: "healthy", findings: [], notYet: [], unchecked: [], notSeen: [] });
  expect(calls.filter((call) => !call.includes("--region us-east-1 --output json"))).toEqual([]);
  expect([...new Set(calls.map((call) => call.split(" ").slice(0, 2).join(" ")))].sort()).toEqual([
    ...["ec2 describe-capacity-reservations", "ec2 describe-instances", "ec2 describe-subnets", "eks describe-cluster"],
    ...["service-quotas get-aws-default-service-quota", "service-quotas get-service-quota"],
  ]);
});

interface Case {
  readonly id: keyof typeof FINDINGS;
  readonly severity?: string;
  readonly fault: () => void;
  readonly nearMiss: () => void;
  readonly seen: RegExp;
  /** What a person does, or AWS, beside the commands as they are printed. */
  readonly mended?: () => void;
}

const subnet = (free: number) => () => Object.assign(account.subnets[0] ?? {}, { free });
const block = (change: object) => () => Object.assign(account.reservations[0] ?? {}, change);
const quota = (own: number) => () => Object.assign(account.quotas.get("L-417A185B") ?? {}, { own });
const both = (days: number) => () => {
  block({ endDate: inDays(days) })();
  declaration = { ...declaration, reservations: declaration.reservations.map((each) => ({ ...each, endDate: inDays(days) })) };
};

test.each<Case>([
  {
    id: "subnet-nearly-full",
    severity: "warning",
    fault: subnet(15),
    nearMiss: subnet(16),
    seen: /15 addresses are left/,
    mended: subnet(16),
  },
  { id: "subnet-nearly-full", severity: "error", fault: subnet(0), nearMiss: subnet(16), seen: /^0 addresses/, mended: subnet(16) },
  { id: "quota-too-small", severity: "error", fault: quota(95), nearMiss: () => undefined, seen: /is 95 vCPUs\. The stack needs 96/ },
  {
    ...{ id: "quota-too-small", severity: "error", seen: /other instances of the account have 96/ },
    fault: () => {
      quota(191)();
      account.instances.push({ id: "i-0ff", type: "p4de.24xlarge", cores: 48 });
    },
    nearMiss: () => {
      account.instances.push({ id: "i-0ff", type: "p4de.24xlarge", cores: 48, lifecycle: "spot" });
    },
  },
  {
    id: "reservation-ends",
    severity: "warning",
    fault: both(2.9),
    nearMiss: both(3.1),
    seen: /is active, and ends at 2026-12-01/,
    mended: both(30),
  },
  {
    id: "reservation-ends",
    severity: "error",
    fault: block({ state: "expired" }),
    nearMiss: block({ state: "active" }),
    seen: /is expired/,
    mended: block({ state: "active" }),
  },
  {
    ...{ id: "reservation-differs", fault: block({ endDate: inDays(10) }), nearMiss: block({ endDate: inDays(20) }) },
    ...{ seen: /^it ends at 2026-12-08T09:00:00\.000Z, and the stack says 2026-12-18/, mended: block({ endDate: inDays(20) }) },
  },
  {
    ...{ id: "reservation-differs", fault: block({ type: "p5.48xlarge" }), nearMiss: block({ count: 2 }) },
    ...{ seen: /^it is for p5\.48xlarge/, mended: block({ type: "p4d.24xlarge" }) },
  },
])("$id, $severity: $seen", async ({ id, severity, fault, nearMiss, seen, mended }) => {
  nearMiss();
  expect((await examine()).findings).toEqual([]);
  fault();
  const { findings, verdict } = await examine();
  expect(findings).toMatchObject([{ id, ...(severity === undefined ? {} : { severity }), seen: expect.stringMatching(seen) as string }]);
  expect(verdict).toBe("findings");
  const commands = findings[0]?.commands ?? [];
  expect(commands).not.toEqual([]);
  for (const command of commands.filter((each) => each.startsWith("aws "))) {
    expect([command, await runCommand("bash", ["--norc", "-c", command], { cwd: ROOT, env })]).toMatchObject([
      command,
      { code: 0, stderr: "" },
    ]);
  }
  mended?.();
  expect(await examine()).toMatchObject({ verdict: "healthy", findings: [] });
});

test("a quota that is enough for the nodes of the moment, and not for the most that the pools may have, is a warning", async () => {
  declaration = {
    ...declaration,
    nodeGroups: declaration.nodeGroups.map((group) => (group.pool === "a100" ? { ...group, desired: 1, max: 3 } : group)),
  };
  quota(96)();
  const { findings } = await examine();
  expect(findings).toMatchObject([
    { id: "quota-too-small", severity: "warning", seen: expect.stringContaining("needs 288 when its pools") as string },
  ]);
  expect(findings[0]?.commands).toEqual([
    "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-417A185B --desired-value 288 --region us-east-1",
  ]);
});

test("a full subnet hurts the pods that wait on nodes of its zone", async () => {
  subnet(0)();
  const pod = runningPod("mig-test", "waits", gpuNode().name, 1);
  const waiting = { ...pod, status: { phase: "Pending" } };
  const { findings } = await examine(awsCli("us-east-1"), { ...dev.objects, Pod: [...dev.objects.Pod, waiting] });
  expect(findings).toMatchObject([{ id: "subnet-nearly-full", hurts: ["mig-test/waits"] }]);
});

test("a reservation that has not begun is not yet", async () => {
  block({ state: "scheduled" })();
  expect(await examine()).toMatchObject({ verdict: "healthy", notYet: [{ waitsFor: "it is scheduled" }] });
});

describe("what is not understood is named, and not passed", () => {
  const printed = (json: unknown): Printed => ({ code: 0, stdout: JSON.stringify(json), stderr: "" });
  const denied: Printed = {
    code: 254,
    stdout: "",
    stderr:
      "\naws: [ERROR]: An error occurred (UnauthorizedOperation) when calling the operation: You are not authorized to perform this operation.\n",
  };

  test.each<[string, string, Printed, RegExp]>([
    ["no rights", "ec2 describe-subnets", denied, /^aws ec2 describe-subnets: .*UnauthorizedOperation/],
    ["no JSON", "ec2 describe-subnets", { code: 0, stdout: "SUBNETS\t251", stderr: "" }, /its answer is not JSON/],
    ["a part of the answer", "ec2 describe-subnets", printed({ Subnets: [], NextToken: "more" }), /not as AWS documents it: NextToken/],
    ["no subnet", "ec2 describe-subnets", printed({ Subnets: [] }), /does not have subnet-0a, subnet-0b/],
    ["another cluster's answer", "eks describe-cluster", printed({ cluster: {} }), /not as AWS documents it: cluster\.resourcesVpcConfig/],
    [
      "a number of another type",
      "ec2 describe-subnets",
      printed({ Subnets: [{ SubnetId: "subnet-0a", AvailabilityZone: "a", AvailableIpAddressCount: "9" }] }),
      /Subnets\.0\.AvailableIpAddressCount/,
    ],
    ["another quota", "service-quotas get-service-quota", printed({ Quota: { QuotaCode: "L-1", Value: 9000 } }), /the answer is about L-1/],
    [
      "a quota with an error",
      "service-quotas get-service-quota",
      printed({ Quota: { QuotaCode: "L-417A185B", Value: 9000, ErrorReason: { ErrorCode: "DEPENDENCY_SERVICE_ERROR" } } }),
      /Quota\.ErrorReason/,
    ],
    [
      "an unheard-of kind of instance",
      "ec2 describe-instances",
      printed({
        Reservations: [
          {
            Instances: [
              {
                InstanceId: "i-0a",
                InstanceType: "p4d.24xlarge",
                InstanceLifecycle: "new",
                CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
              },
            ],
          },
        ],
      }),
      /InstanceLifecycle/,
    ],
    ["no reservation", "ec2 describe-capacity-reservations", printed({ CapacityReservations: [] }), /does not have cr-/],
    [
      "an unheard-of state",
      "ec2 describe-capacity-reservations",
      printed({
        CapacityReservations: [
          { CapacityReservationId: BLOCK, State: "resting", InstanceType: "p4d.24xlarge", TotalInstanceCount: 1, EndDateType: "unlimited" },
        ],
      }),
      /CapacityReservations\.0\.State/,
    ],
    [
      "an end without a date",
      "ec2 describe-capacity-reservations",
      printed({
        CapacityReservations: [
          { CapacityReservationId: BLOCK, State: "active", InstanceType: "p4d.24xlarge", TotalInstanceCount: 1, EndDateType: "limited" },
        ],
      }),
      /there is no EndDate/,
    ],
  ])("%s", async (_, operation, answer, reason) => {
    instead = { [operation]: answer };
    const { verdict, findings, unchecked } = await examine();
    expect([verdict, findings]).toEqual(["unknown", []]);
    expect(unchecked.map((each) => each.reason).join("\n")).toMatch(reason);
  });

  test("a machine without the AWS CLI", async () => {
    const { PATH } = process.env;
    process.env["PATH"] = makeFolder({});
    const { unchecked } = await examine().finally(() => {
      process.env["PATH"] = PATH;
    });
    expect(unchecked.length).toBeGreaterThan(2);
    expect(unchecked[0]?.reason).toMatch(/the program aws is not on your PATH/);
  });

  test.each<[string, string, RegExp]>([
    ["what does not end", "sleep 30", /describe-cluster: it has not answered within 0\.5 s$/],
    ["what does not end by itself", "trap '' TERM; while :; do sleep 0.1; done", /it has not answered within 0\.5 s$/],
    ["what has left something behind that keeps its output open", "sleep 30 & exit 0", /it has not answered within 0\.5 s$/],
    ["a long answer", "yes", /describe-cluster: its answer is longer than 100000 bytes$/],
    ["a long reason", "yes error | head -c 90000 | tr -d '\\n' >&2; exit 255", /^aws eks describe-cluster: .{500}$/],
  ])(
    "a program aws with %s",
    async (_, script, reason) => {
      const { PATH } = process.env;
      const folder = makeFolder({ aws: `#!/bin/sh\n${script}\n` });
      chmodSync(join(folder, "aws"), 0o700);
      process.env["PATH"] = [folder, PATH ?? ""].join(delimiter);
      const answer = await awsCli("us-east-1", { ms: 500, bytes: 100_000 })("eks", "describe-cluster").finally(() => {
        process.env["PATH"] = PATH;
      });
      expect(answer).toMatchObject({ type: "failed", reason: expect.stringMatching(reason) as string });
    },
    5000,
  );

  test("an account that has none of the cluster's instances, in which nothing would be missing", async () => {
    account.instances.splice(0, account.instances.length, { id: "i-0ff", type: "p4d.24xlarge", cores: 48 });
    expect(await examine()).toMatchObject({
      verdict: "unknown",
      unchecked: [{ reason: expect.stringContaining("AWS_PROFILE") as string }],
    });
  });
});

test("a cluster without GPU nodes is told from another account's by its other nodes", async () => {
  account.instances.splice(0, account.instances.length, { id: "i-0ff", type: "p4d.24xlarge", cores: 48 });
  const Node = dev.objects.Node.filter(({ metadata }) => (metadata as { name: string }).name !== gpuNode().name);
  const { unchecked } = await examine(awsCli("us-east-1"), { ...dev.objects, Node });
  expect(unchecked).toMatchObject([{ reason: expect.stringContaining("AWS_PROFILE") as string }]);
});

describe("without --aws", () => {
  test("text and JSON say what nobody has asked for and how to ask, which changes no verdict", () => {
    const diagnosis = diagnose(observed(dev.objects), declaration, "prod");
    expect(diagnosis).toMatchObject({
      verdict: "healthy",
      notSeen: [expect.stringContaining("npm run doctor -- --context prod --stack dev --aws")],
    });
    expect(formatDiagnosis(diagnosis, { style: PLAIN, width: 80 })).toMatch(/Not seen\n.*addresses left in the subnets/);
  });

  test("JUnit has no test case for what was not asked", async () => {
    const ofAccount = Object.entries<FindingKind>(FINDINGS).filter(([, { isOfAccount }]) => isOfAccount === true);
    const named = (diagnosis: Diagnosis) => ofAccount.filter(([id]) => junitOf(diagnosis).includes(`name="${id}"`)).length;
    expect(named(diagnose(observed(dev.objects), declaration, "prod"))).toBe(0);
    expect(named(await examine())).toBe(ofAccount.length);
  });

  test("nor for what AWS has not answered", async () => {
    instead = { "service-quotas get-service-quota": { code: 255, stdout: "", stderr: "Unable to locate credentials" } };
    const text = junitOf(await examine());
    expect(text).not.toContain('name="quota-too-small"');
    expect(text).toContain('name="subnet-nearly-full"');
    account.instances.splice(0, account.instances.length);
    expect(junitOf(await examine())).not.toMatch(/name="(quota-too-small|subnet-nearly-full|reservation-)/);
  });

  test("a file is no account", () => {
    expect(() => readDoctorArguments(["--from", "state.json", "--aws"])).toThrow("of a file AWS is not asked");
    expect(readDoctorArguments(["--context", "prod", "--aws"])).toMatchObject({ asksAws: true });
  });
});

test("the documented policy allows the calls that are made, and nothing else", async () => {
  await examine();
  const SERVICES: Readonly<Record<string, string>> = { ec2: "ec2", eks: "eks", "service-quotas": "servicequotas" };
  const actionOf = (call: string) => {
    const [service = "", operation = ""] = call.split(" ");
    const name = operation.replace(/(^|-)aws-/, "$1AWS-").replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
    return `${SERVICES[service] ?? service}:${name.replaceAll("-", "")}`;
  };
  const [, text = ""] = /^```json\n(\{\n {2}"Version"[^]*?)^```/m.exec(doctorPage()) ?? [];
  const { Statement } = JSON.parse(text) as {
    readonly Statement: readonly { readonly Effect: string; readonly Action: string | readonly string[] }[];
  };
  expect(Statement.every(({ Effect }) => Effect === "Allow")).toBe(true);
  expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual([...new Set(calls.map(actionOf))].sort());
});
