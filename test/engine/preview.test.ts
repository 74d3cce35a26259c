/** This project's stack and its policy pack under the real CLI, before anything exists: half of what the program registers is unknown. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { Provider } from "@pulumi/kubernetes";
import { ResourceClaimTemplate } from "@pulumi/kubernetes/resource/v1";
import type { Output } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { SECRET, SIGNATURE } from "../../src/rehearsal/monitor/marks";
import { UNKNOWN, isWireMap } from "../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../src/rehearsal/monitor/wire";
import { runProgram } from "../support/program";
import { Workspace, errorsOf, stackProgram } from "../harness/engine/workspace";
import type { Outcome } from "../harness/engine/workspace";

/** The paths of a value at which it is unknown or secret, which the engine hides in its events. */
function marksOf(value: WireValue, path = ""): readonly string[] {
  if (value === UNKNOWN) {
    return [`${path} is unknown`];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  if (isWireMap(value) && value[SIGNATURE] !== undefined) {
    return value[SIGNATURE] === SECRET ? [`${path} is secret`] : [];
  }
  return Object.entries(value).flatMap(([key, item]: [string, WireValue]) => marksOf(item, `${path}/${key}`));
}

let workspace: Workspace;
let program: PulumiFn;
beforeAll(async () => {
  [workspace, program] = [await Workspace.open(), await stackProgram()];
});
afterAll(() => workspace.close());

const mandatory = ({ violations }: Outcome) => violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");

describe("a preview of the dev stack", () => {
  let outcome: Outcome;
  const registered = new Map<string, { readonly inputs: WireMap; readonly outputs: WireMap }>();
  beforeAll(async () => {
    outcome = await workspace.preview({
      onEvent: ({ resOutputsEvent }) => {
        const made = resOutputsEvent?.metadata.new;
        if (made !== undefined) registered.set(made.urn, { inputs: made.inputs as WireMap, outputs: made.outputs as WireMap });
      },
    });
  });

  test("passes the policy pack, and no policy gives up because something is unknown", () => {
    expect(errorsOf(outcome)).toEqual([]);
    expect(outcome.succeeded).toBe(true);
    expect(outcome.stdout).toMatch(/kubeconfig *: \[unknown\]/);
    expect(mandatory(outcome)).toEqual([]);
    expect(outcome.violations.filter(({ isDowngraded }) => isDowngraded)).toEqual([]);
  });

  test("makes nothing", () => {
    expect(workspace.standIns.controls.done).toEqual([]);
    expect(workspace.standIns.cloud.all).toEqual([]);
    expect(workspace.state().resources).toEqual([]);
  });

  test("would create what the rehearsal shows, and nothing else", async () => {
    const rehearsed = await runProgram({ mode: "preview" });
    const isShown = (type: string) => !type.startsWith("pulumi:");
    const expected = rehearsed.resources.filter(({ type }) => isShown(type)).map(({ urn }) => `create ${urn}`);
    const planned = outcome.steps.filter(({ type }) => isShown(type)).map(({ op, urn }) => `${op} ${urn}`);
    expect(planned.sort()).toEqual(expected.sort());
  });

  test("knows of every resource what the rehearsal knows, and nothing else", async () => {
    const { resources } = await runProgram({ mode: "preview" });
    const shown = resources.filter(({ urn }) => registered.has(urn));
    const marks = ({ inputs = {}, outputs = {} }: { readonly inputs?: WireMap; readonly outputs?: WireMap }) =>
      [...marksOf(inputs, "inputs"), ...marksOf(outputs, "outputs")].toSorted();
    const rehearsed = shown.map(({ urn, wire }) => [urn, marks(wire)]);
    const previewed = shown.map(({ urn }) => [urn, marks(registered.get(urn) ?? {})]);
    expect(rehearsed).toEqual(previewed);
    expect(shown.length).toBeGreaterThan(140);
  });
});

describe("a mandatory violation", () => {
  const unsafe = () => Promise.resolve({ id: new LaunchTemplate("unsafe", { metadataOptions: { httpTokens: "optional" } }).id });

  test("in the cluster fails the preview, although the cluster does not exist yet", async () => {
    const outcome = await workspace.preview({
      program: async () => {
        const { kubeconfig, ...outputs } = (await program()) as { readonly kubeconfig: Output<unknown> };
        const provider = new Provider("tenant", { kubeconfig: kubeconfig.apply((config) => JSON.stringify(config)) });
        const devices = { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }] };
        new ResourceClaimTemplate("whole-gpu", { metadata: { namespace: "mig-test" }, spec: { spec: { devices } } }, { provider });
        return outputs;
      },
    });
    expect(outcome.succeeded).toBe(false);
    const found = mandatory(outcome);
    expect(found.map(({ policy }) => policy)).toContain("enforce-balanced-mig-profiles");
    expect(found.filter(({ urn }) => !urn.endsWith("::whole-gpu"))).toEqual([]);
  });

  test("fails preview and up, and what violates is not made", async () => {
    for (const run of [() => workspace.preview({ program: unsafe }), () => workspace.up({ program: unsafe })]) {
      const outcome = await run();
      expect(outcome.succeeded).toBe(false);
      expect(mandatory(outcome).map(({ policy, urn }) => [policy, urn.split("::").at(-1)])).toContainEqual([
        "nodes-imdsv2-one-hop",
        "unsafe",
      ]);
    }
    expect(workspace.standIns.cloud.all).toEqual([]);
  });

  test("of the pack as it is configured fails the preview", async () => {
    const outcome = await workspace.preview({ packConfig: { "hourly-list-price": { maxUsdPerHour: 10 } } });
    expect(outcome.succeeded).toBe(false);
    expect(mandatory(outcome).map(({ policy }) => policy)).toEqual(["hourly-list-price"]);
    expect(mandatory(outcome)[0]?.message).toContain("22.2496 USD an hour");
  });
});
