/** A demand over time on a fleet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import loadHighs from "highs";
import type { JsonObject } from "../../../src/cluster/objects";
import { schedulePods } from "../../../src/dra/allocator";
import type { CustomGpus } from "../../../src/hardware/layouts";
import { WHOLE_GPU } from "../../../src/hardware/node-devices";
import { highsSolver } from "../../../src/planner/design/highs";
import type { GpuContents } from "../../../src/planner/design/suppliers";
import { devicesFor, parseFleet } from "../../../src/planner/replay/fleet";
import type { FleetNodes } from "../../../src/planner/replay/fleet";
import { contentsOf, everywhere } from "../../../src/planner/replay/layouts";
import { replay } from "../../../src/planner/replay/replay";
import { run } from "../../../src/planner/replay/run";
import { readTrace } from "../../../src/planner/replay/trace";
import type { TracePod } from "../../../src/planner/replay/trace";
import { ROOT } from "../../support/program";
import { testedRelease } from "../../support/tested-release";
import { clusterOf, gpuNode, pod, using } from "../clusters";

function fleetOf(text: string): FleetNodes {
  const reading = parseFleet(text);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return reading.nodes;
}

const tracePod = (arrivalSeconds: number, durationSeconds: number, share: number, gpus = 1): TracePod => ({
  ...{ name: "pod", arrivalSeconds, durationSeconds, gpus, share, cpuMillis: 0, memoryMiB: 0 },
});

describe("a run", () => {
  const one = fleetOf("1xp5.4xlarge");
  const whole = everywhere(one, { [WHOLE_GPU]: 1 });

  it("has pods wait until another one is gone, and counts what is in use", () => {
    const result = run(one, whole, [tracePod(0, 100, 1), tracePod(50, 100, 1), tracePod(200, 10, 1)]);
    expect(result).toMatchObject({ accepted: 3, waitSeconds: { mean: 50 / 3, p95: 50 } });
    expect(result.usedGpus).toBeCloseTo(200 / 200);
  });

  it("gives up pods that wait too long", () => {
    const result = run(one, whole, [tracePod(0, 7200, 1), tracePod(10, 10, 0.5), tracePod(7000, 10, 1)]);
    expect(result.accepted).toBe(2);
    expect(result.shareable).toEqual({ asked: (0.5 * 10) / 3600, accepted: 0 });
  });

  it("calls GPUs fragmented that are free while pods wait", () => {
    const result = run(one, everywhere(one, { "1g.10gb": 7 }), [tracePod(0, 100, 1), tracePod(3600, 1, 0.1)]);
    expect(result.fragmentedGpus).toBeCloseTo(1);
    expect(result.accepted).toBe(1);
  });

  it("needs CPU and memory of the node", () => {
    const greedy = { ...tracePod(0, 100, 0.1), cpuMillis: 1_000_000 };
    expect(run(one, whole, [greedy, tracePod(1, 1, 0.1)]).accepted).toBe(1);
  });
});

/** A pod as the scheduler's model gets it: alternatives in the order of their size. */
function podOf(name: string, { gpus, share }: TracePod, { model }: FleetNodes): { readonly claim: JsonObject; readonly pod: JsonObject } {
  const firstAvailable = devicesFor({ gpus, share }, model).map((device, index) => {
    const isWhole = device === WHOLE_GPU;
    const expression = `device.attributes["gpu.nvidia.com"].profile == "${device}"`;
    return {
      ...{ name: `way-${String(index)}`, deviceClassName: isWhole ? "gpu.nvidia.com" : "mig.nvidia.com", count: gpus },
      ...(isWhole ? {} : { selectors: [{ cel: { expression } }] }),
    };
  });
  return {
    claim: {
      ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace: "default" } },
      spec: { devices: { requests: [{ name: "slice", firstAvailable }] } },
    },
    pod: pod("default", name, using({ resourceClaimName: name })),
  };
}

it("places as many pods as the model of kube-scheduler does", () => {
  const fleet = fleetOf("3xg7e.12xlarge");
  const contents = contentsOf(fleet.model);
  const profiles = (of: GpuContents): CustomGpus["profiles"] => (WHOLE_GPU in of ? "whole" : of);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...contents), { minLength: 6, maxLength: 6 }),
      fc.array(fc.constantFrom([1, 0.1], [1, 0.3], [1, 0.6], [1, 1], [2, 1]), { minLength: 1, maxLength: 14 }),
      (layout, drawn) => {
        const pods = drawn.map(([gpus = 1, share = 1]) => tracePod(0, 1e6, share, gpus));
        const made = pods.map((each, index) => podOf(`pod-${String(index)}`, each, fleet));
        const nodes = [0, 1, 2].flatMap((node) => {
          const gpus = [0, 1].map((device) => ({ devices: [device], profiles: profiles(layout[node * 2 + device] ?? {}) }));
          return gpuNode(`node-${String(node)}`, { instanceType: "g7e.12xlarge", layout: { name: "drawn", gpus } });
        });
        const cluster = clusterOf([...nodes, ...made.flatMap((each) => [each.claim, each.pod])]);
        const results = schedulePods(
          cluster.state,
          cluster.pending.map((each) => each.pod),
          testedRelease().kubernetes,
        );
        expect(run(fleet, layout, pods).accepted).toBe(results.filter(({ type }) => type === "placed").length);
      },
    ),
    { numRuns: 40 },
  );
});

describe("a replay of the example", () => {
  const trace = readTrace(readFileSync(join(ROOT, "docs/examples/trace.csv"), "utf8"));
  const pods = trace.type === "trace" ? trace.pods : [];

  it("designs a layout that accepts at least 10 % more of the shares than the balanced one, and finds none that accepts more than the best", async () => {
    const solve = highsSolver(await loadHighs(), () => Promise.resolve());
    const answer = await replay(fleetOf("1xp4d.24xlarge"), pods, 0, solve);
    const named = (name: RegExp) => answer.layouts.find((each) => name.test(each.name));
    const [designed, balanced, best] = [named(/^designed/), named(/^all-balanced/), named(/hindsight/)];
    expect(designed?.shareablePercent).toBeGreaterThan((balanced?.shareablePercent ?? 0) * 1.1);
    expect(best?.acceptedPercent).toBe(Math.max(...answer.layouts.map(({ acceptedPercent }) => acceptedPercent)));
    expect(answer.layouts.every(({ gpus }) => gpus.reduce((sum, { count }) => sum + count, 0) === 8)).toBe(true);
    expect(
      answer.layouts.every(({ idleUsdPerHour, usedGpus }) => Math.abs((idleUsdPerHour ?? 0) - ((8 - usedGpus) * 21.957642) / 8) < 0.2),
    ).toBe(true);
  });
});

describe("a trace", () => {
  const HEADING = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time";

  it("has its columns in any order, and others beside them", () => {
    const text = "gpu_milli,qos,name,cpu_milli,memory_mib,num_gpu,deletion_time,creation_time\n500,LS,a,1,2,1,30,10\n0,LS,b,1,2,0,30,10\n";
    expect(readTrace(text)).toEqual({
      ...{ type: "trace", withoutGpu: 1 },
      pods: [{ name: "a", arrivalSeconds: 10, durationSeconds: 20, gpus: 1, share: 0.5, cpuMillis: 1, memoryMiB: 2 }],
    });
  });

  it.each([
    ["name,gpu_milli\n", /line 1: the heading has no cpu_milli, memory_mib, num_gpu, creation_time, deletion_time/],
    [`${HEADING}\na,1,1,1,x,0,1`, /line 2: gpu_milli is "x": write a number from 0/],
    [`${HEADING}\na,1,1,1,500,0,`, /line 2: deletion_time is ""/],
    [`${HEADING}\na,1,1,1,500,5,1`, /line 2: a pod ends after it begins/],
    [`${HEADING}\na,1,1,2,500,0,1`, /a part of one GPU or several whole ones/],
    [`${HEADING}\na,1,1,1,1500,0,1`, /a part of one GPU/],
    [`${HEADING}\na,1,1,0,0,0,1`, /no pod uses a GPU/],
  ])("%j is refused", (text, message) => {
    const reading = readTrace(text);
    expect(reading.type === "invalid" ? reading.problems.join("\n") : "").toMatch(message);
  });

  it.each([
    ["p4d.24xlarg", /has no GPUs that can be divided/],
    ["m6i.large", /"m6i\.large" has no GPUs/],
    ["9 nodes", /is no number and instance type/],
    ["2000xp4d.24xlarge", /more than 1000 nodes/],
  ])("%s is no fleet", (text, message) => {
    const reading = parseFleet(text);
    expect(reading.type === "invalid" ? reading.reason : "").toMatch(message);
  });
});
