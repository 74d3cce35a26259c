/** What keeps GPU nodes from being what the stack says, without the gate's script around it. */
import { readinessOf } from "../../src/cluster/readiness";
import type { GpuNode, NodeGroup } from "../../src/cluster/readiness";
import { publishSlices } from "../../src/dra/devices";
import { RELEASES } from "../../src/releases/find";
import { gpuPool } from "../kubernetes/fixtures";

const NAMESPACES = { operatorNamespace: "gpu-operator", driverNamespace: "nvidia-dra-driver" };
const GROUP: NodeGroup = {
  instanceType: "p4d.24xlarge",
  layout: "all-balanced",
  nodes: 1,
  devices: { "1g.5gb": 16, "2g.10gb": 8, "3g.20gb": 8 },
};

function node(name: string, state: string | undefined, layout = "all-balanced", ready = "True"): GpuNode {
  return {
    metadata: {
      name,
      labels: {
        "node.kubernetes.io/instance-type": "p4d.24xlarge",
        "nvidia.com/mig.config": layout,
        ...(state !== undefined && { "nvidia.com/mig.config.state": state }),
      },
    },
    status: { conditions: [{ type: "Ready", status: ready }] },
  };
}

const slicesOf = (name: string, layout = "all-balanced") =>
  RELEASES.slice(0, 1).flatMap((release) => publishSlices(name, gpuPool({ layout }).layout, release));

test("a cluster that publishes what its groups promise is ready", () => {
  const readiness = readinessOf([GROUP], { nodes: [node("a", "success")], slices: slicesOf("a") }, NAMESPACES);
  expect(readiness).toEqual({ published: 32, wanted: 32, findings: [] });
});

test("a cluster without groups is ready, whatever nodes it has", () => {
  expect(readinessOf([], { nodes: [node("a", "failed")], slices: [] }, NAMESPACES).findings).toEqual([]);
});

test.each([
  ["has not joined yet", [], "0 of 1 nodes have joined", false],
  ["is not ready", [node("a", "success", "all-balanced", "Unknown")], "not Ready (mig.config.state=success)", false],
  ["has no state yet", [node("a", undefined)], "mig.config.state not set", false],
  ["is being partitioned", [node("a", "rebooting")], "mig.config.state=rebooting", false],
  ["could not be partitioned", [node("a", "failed")], "mig.config.state=failed", true],
  ["publishes nothing", [node("a", "success")], "mig.config.state=success, nothing published", false],
] as const)("a node that %s is a finding", (_, nodes, state, final) => {
  const { published, wanted, findings } = readinessOf([GROUP], { nodes, slices: [] }, NAMESPACES);
  expect({ published, wanted, findings }).toMatchObject({ published: 0, wanted: 32, findings: [{ state, final }] });
});

test("a node that publishes other devices than its layout promises is told what is missing and what is too much", () => {
  const { findings } = readinessOf([GROUP], { nodes: [node("a", "success")], slices: slicesOf("a", "all-disabled") }, NAMESPACES);
  expect(findings).toMatchObject([
    { subject: "a", detail: "0 of 32 devices (missing 16x 1g.5gb, 8x 2g.10gb, 8x 3g.20gb, unexpected 8x whole GPU)", final: false },
  ]);
});

test("a node of no group matters only while a group lacks nodes", () => {
  const stray = node("stray", "success", "all-1g.5gb");
  const complete = readinessOf([GROUP], { nodes: [node("a", "success"), stray], slices: slicesOf("a") }, NAMESPACES);
  expect(complete.findings).toEqual([]);
  const lacking = readinessOf([GROUP], { nodes: [stray], slices: [] }, NAMESPACES);
  expect(lacking.findings.map(({ subject }) => subject)).toEqual(["stray", "p4d.24xlarge with all-balanced"]);
});
