import { gateExpectation } from "../../../src/kubernetes/partition-gate/expectation";
import { gateClusterRole, gateConfigMap, gateJob } from "../../../src/kubernetes/partition-gate/job";
import { gpuPool } from "../fixtures";

const GATE = { timeoutMinutes: 60, image: "registry.example.com/node:24" };

describe("gateExpectation", () => {
  test("is 32 devices on one all-balanced p4d.24xlarge", () => {
    const { groups, timeoutSeconds } = gateExpectation([gpuPool()], GATE);
    expect(groups).toEqual([
      { instanceType: "p4d.24xlarge", layout: "all-balanced", nodes: 1, devices: { "1g.5gb": 16, "2g.10gb": 8, "3g.20gb": 8 } },
    ]);
    expect(timeoutSeconds).toBe(3600);
  });

  test("counts undivided GPUs too", () => {
    const layout = {
      name: "mixed",
      gpus: [
        { devices: [0, 1, 2, 3], profiles: "whole" as const },
        { devices: [4, 5, 6, 7], profiles: { "3g.20gb": 2 } },
      ],
    };
    expect(gateExpectation([gpuPool({ layout })], GATE).groups[0]?.devices).toEqual({ "whole GPU": 4, "3g.20gb": 8 });
  });

  test("adds up pools whose nodes are alike, and keeps others apart", () => {
    const pools = [
      gpuPool({ name: "a", size: [1, 2, 4] }),
      gpuPool({ name: "b", size: [0, 1, 1] }),
      gpuPool({ name: "c", layout: "all-1g.5gb" }),
      gpuPool({ name: "d", instanceType: "p5.48xlarge", size: [0, 0, 1] }),
    ];
    expect(gateExpectation(pools, GATE).groups.map(({ instanceType, layout, nodes }) => [instanceType, layout, nodes])).toEqual([
      ["p4d.24xlarge", "all-balanced", 3],
      ["p4d.24xlarge", "all-1g.5gb", 1],
      ["p5.48xlarge", "all-balanced", 0],
    ]);
  });
});

describe("gateConfigMap", () => {
  const expectation = gateExpectation([gpuPool()], GATE);

  test("holds the script with all it imports, and is immutable", () => {
    const { data, immutable } = gateConfigMap(expectation);
    const files = data as Record<string, string>;
    expect(immutable).toBe(true);
    const imported = Object.values(files).flatMap((text) => [...text.matchAll(/from "\.\/(.*)"/g)].map(([, name]) => name));
    expect(Object.keys(files)).toEqual(expect.arrayContaining(imported));
    expect(JSON.parse(files["expectation.json"] ?? "")).toEqual(expectation);
  });

  test("has another name when the expectation is another, so that the Job is replaced", () => {
    const another = gateExpectation([gpuPool({ size: [1, 2, 2] })], GATE);
    expect(gateConfigMap(another).metadata.name).not.toBe(gateConfigMap(expectation).metadata.name);
    expect(gateConfigMap(gateExpectation([gpuPool()], GATE)).metadata.name).toBe(gateConfigMap(expectation).metadata.name);
  });
});

describe("gateJob", () => {
  const job = gateJob({
    expectation: gateExpectation([gpuPool()], GATE),
    configMapName: "script",
    image: "node",
    installed: ["gpu-operator v1"],
  });

  test("ends with the first verdict, but survives evictions, and never disappears by itself", () => {
    expect(job.spec).toMatchObject({
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: "Ignore" }, { action: "Ignore", onExitCodes: { values: [137, 143] } }] },
    });
    expect(job.spec).not.toHaveProperty("ttlSecondsAfterFinished");
    expect(job.metadata).toMatchObject({ annotations: { "pulumi.com/replaceUnready": "true" } });
  });

  test("gives the script more time than the script gives itself, so that its verdict is not cut off", () => {
    expect(job.spec).toMatchObject({ activeDeadlineSeconds: 4200 });
  });

  test("runs again when an operator changes, whose devices may be others", () => {
    expect(job.spec).toMatchObject({ template: { metadata: { annotations: { "shared-gpu/installed": "gpu-operator v1" } } } });
  });
});

test("the gate may list nodes and resource slices, and nothing else", () => {
  expect(gateClusterRole().rules).toEqual([
    { apiGroups: [""], resources: ["nodes"], verbs: ["list"] },
    { apiGroups: ["resource.k8s.io"], resources: ["resourceslices"], verbs: ["list"] },
  ]);
});
