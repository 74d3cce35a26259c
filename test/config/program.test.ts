import { ofType, runFailingProgram } from "../support/program";
import { POOL } from "./stacks";

/** The whole program, as Pulumi runs it, on stacks that are refused. */
describe("the program registers nothing", () => {
  it.each<[what: string, config: Readonly<Record<string, unknown>>, says: RegExp]>([
    ["while nobody has said who may reach the API server", { apiServerAccess: "" }, /pulumi config set apiServerAccess private/],
    [
      "for GPUs without MIG",
      { gpuPools: [{ ...POOL, instanceType: "g5.xlarge" }] },
      /gpuPools\[0\].instanceType: "g5.xlarge": its A10G GPUs cannot be partitioned/,
    ],
    ["for an unknown key", { naGateways: "none" }, /naGateways: there is no such key; did you mean "natGateways"/],
  ])("%s", async (_what, config, says) => {
    const recording = await runFailingProgram({ config });
    expect(recording.errors.join("\n")).toMatch(says);
    expect(recording.resources).toEqual(ofType(recording, "pulumi:pulumi:Stack"));
  });
});
