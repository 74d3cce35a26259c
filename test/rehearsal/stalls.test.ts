/** A program that waits for what will not come: the engine would end it, and the rehearsal does. */
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { ResourceHook } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import { waitFor } from "../../src/live/wait";
import { Activity } from "../../src/rehearsal/monitor/activity";
import { runProgram } from "../../src/rehearsal/run-program";
import { collectRejections } from "../harness/engine/rejections";

const run = (program: () => unknown) =>
  runProgram({ program, project: "shared-gpu", stack: "test", config: { "aws:region": "us-east-1" } });

const valueOf = <T>(value: Output<T>) => new Promise<T>((resolve) => value.apply(resolve));

test("a program that waits for a resource whose registration was refused ends with the refusal", async () => {
  const { result } = await collectRejections(() =>
    run(async () => {
      new SecurityGroup("group");
      const twice = new SecurityGroup("group");
      await valueOf(twice.id);
    }),
  );
  expect(result.errors.join("\n")).toContain("Duplicate resource URN");
});

/** Connections that keep this process from ending. */
const connections = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

test("a hook that waits for a resource that waits for it ends with what the program registered last, and with its connections", async () => {
  const before = connections();
  let called: () => void = () => undefined;
  const hookWaits = new Promise<void>((resolve) => {
    called = resolve;
  });
  // As it ends after two minutes, without these.
  const stall = jest.spyOn(Activity.prototype, "stall").mockImplementation(() => hookWaits.then(() => ({ type: "idle", seconds: 120 })));
  const { result } = await collectRejections(() =>
    run(() => {
      const waits = new ResourceHook("waits", () => {
        called();
        return new Promise<void>(() => undefined);
      });
      const first = new SecurityGroup("first", {}, { hooks: { beforeCreate: [waits] } });
      new SecurityGroup("second", { description: first.id });
    }),
  );
  stall.mockRestore();
  expect(result.errors.join("\n")).toMatch(
    /asked nothing of the engine for 120 seconds: .* The last resource that it registered is .*::first$/,
  );
  await waitFor("the end of the connections", () => Promise.resolve(connections() <= before));
});

test("a run that ends is no stall", async () => {
  const ended = new AbortController();
  const stall = new Activity().stall(ended.signal);
  ended.abort();
  expect(await stall).toBeUndefined();
});
