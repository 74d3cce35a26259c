import { publishSlices } from "../../src/dra/devices";
import { renderSliceMetrics } from "../../src/monitoring/sources/slices";
import type { ClaimObject, ClusterObjects, KnownDevices } from "../../src/monitoring/sources/slices";
import { sliceMetricsSettings } from "../../src/monitoring/settings";
import { RELEASES, defaultRelease } from "../../src/releases/find";
import { gpuPool } from "../kubernetes/fixtures";

const SETTINGS = sliceMetricsSettings();
const NODE = "ip-10-0-1-2";
const slices = publishSlices(NODE, gpuPool().layout, defaultRelease());
const nodes: ClusterObjects["nodes"] = [
  {
    metadata: {
      name: NODE,
      labels: {
        "node.kubernetes.io/instance-type": "p4d.24xlarge",
        "nvidia.com/mig.config": "all-balanced",
        "nvidia.com/mig.config.state": "success",
      },
    },
  },
];
const devices = slices.flatMap(({ spec }) => spec.devices);

function deviceOf(profile: string): string {
  const device = devices.find(({ attributes }) => attributes["profile"]?.string === profile);
  if (device === undefined) {
    throw new Error(`no device has the profile ${profile}`);
  }
  return device.name;
}

function claim(
  namespace: string,
  name: string,
  device?: string,
  overrides: Partial<{ adminAccess: boolean; driver: string }> = {},
): ClaimObject {
  const results = [{ request: "gpu", driver: "gpu.nvidia.com", pool: NODE, device: device ?? "", ...overrides }];
  return {
    metadata: { namespace, name, creationTimestamp: "2026-11-28T08:00:00Z", ownerReferences: [{ kind: "Pod" }] },
    spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } },
    ...(device !== undefined && { status: { allocation: { devices: { results } } } }),
  };
}

function linesOf(name: string, objects: Partial<ClusterObjects>, known: KnownDevices = new Map()): readonly string[] {
  const { text } = renderSliceMetrics({ slices, claims: [], nodes, ...objects }, SETTINGS, known);
  return text.split("\n").filter((line) => line.startsWith(`${name}{`));
}

test("a node is there with its instance type, its layout and the state of MIG Manager", () => {
  expect(linesOf("shared_gpu_node_info", {})).toEqual([
    `shared_gpu_node_info{node="${NODE}",instance_type="p4d.24xlarge",layout="all-balanced",mig_state="success"} 1`,
  ]);
});

test.each(RELEASES.map((release) => [release.kubernetesVersion, release] as const))(
  "each published slice is there once, with the tier that it is (%s)",
  (_, release) => {
    const lines = linesOf("shared_gpu_slice_published", { slices: publishSlices(NODE, gpuPool().layout, release) });
    expect(lines).toHaveLength(32);
    const tiers = lines.map((line) => /tier="(\w*)"/.exec(line)?.[1]);
    expect(["small", "medium", "large"].map((tier) => tiers.filter((each) => each === tier).length)).toEqual([16, 8, 8]);
    expect(new Set(lines.map((line) => /gpu_uuid="([^"]+)"/.exec(line)?.[1])).size).toBe(8);
  },
);

test("a whole GPU has no profile, and its own UUID", () => {
  const [line = ""] = linesOf("shared_gpu_slice_published", {
    slices: publishSlices(NODE, gpuPool({ layout: "all-disabled" }).layout, defaultRelease()),
  });
  expect(line).toMatch(/gpu_uuid="GPU-[^"]+",device="gpu-0",profile="",product="NVIDIA A100-SXM4-40GB",tier=""/);
});

test("slices of an older generation of a pool do not count, as for the scheduler", () => {
  const newer = slices.map((slice) => ({
    ...slice,
    spec: { ...slice.spec, pool: { ...slice.spec.pool, generation: 7 }, devices: slice.spec.devices.slice(0, 2) },
  }));
  expect(linesOf("shared_gpu_slice_published", { slices: [...slices, ...newer] })).toHaveLength(2 * newer.length);
});

describe("an allocated slice", () => {
  test("has its team and all that the slice has", () => {
    expect(linesOf("shared_gpu_slice_allocated", { claims: [claim("team-a", "train", deviceOf("3g.20gb"))] })).toEqual([
      expect.stringMatching(
        /^shared_gpu_slice_allocated\{team="team-a",node="ip-10-0-1-2",instance_type="p4d.24xlarge",gpu_uuid="GPU-[^"]+",device="gpu-[^"]+",profile="3g.20gb",product="NVIDIA A100-SXM4-40GB",tier="large"\} 1$/,
      ),
    ]);
  });

  test("counts once for a team whose claims share it, and once for each team", () => {
    const device = deviceOf("1g.5gb");
    const claims = [claim("team-a", "one", device), claim("team-a", "two", device), claim("team-b", "three", device)];
    expect(linesOf("shared_gpu_slice_allocated", { claims })).toHaveLength(2);
  });

  test.each([
    ["admin access", { adminAccess: true }],
    ["another driver", { driver: "neuron.amazonaws.com" }],
  ])("is none with %s", (_, overrides) => {
    expect(linesOf("shared_gpu_slice_allocated", { claims: [claim("team-a", "one", deviceOf("1g.5gb"), overrides)] })).toEqual([]);
  });

  test("stays what it was while its node publishes nothing", () => {
    const claims = [claim("team-a", "train", deviceOf("3g.20gb"))];
    const before = renderSliceMetrics({ slices, claims, nodes }, SETTINGS, new Map());
    const during = renderSliceMetrics({ slices: [], claims, nodes: [] }, SETTINGS, before.known);
    const later = renderSliceMetrics({ slices: [], claims, nodes: [] }, SETTINGS, during.known);
    const allocated = (text: string) => text.split("\n").filter((line) => line.startsWith("shared_gpu_slice_allocated{"));
    expect(allocated(later.text)).toEqual(allocated(before.text));
    expect(renderSliceMetrics({ slices: [], claims: [], nodes: [] }, SETTINGS, later.known).known.size).toBe(0);
  });

  test("that nothing has seen published has the tier of the class that its request names", () => {
    expect(linesOf("shared_gpu_slice_allocated", { slices: [], claims: [claim("team-a", "train", "gpu-9")] })).toEqual([
      'shared_gpu_slice_allocated{team="team-a",node="ip-10-0-1-2",instance_type="p4d.24xlarge",gpu_uuid="",device="gpu-9",profile="",product="",tier="small"} 1',
    ]);
  });
});

describe("a claim that waits", () => {
  test("has the time at which it was created, and its tier", () => {
    expect(linesOf("shared_gpu_claim_pending_since_seconds", { claims: [claim("team-a", "train")] })).toEqual([
      'shared_gpu_claim_pending_since_seconds{team="team-a",claim="train",tier="small",for_pod="true"} 1795852800',
    ]);
  });

  test("says that no pod made it", () => {
    const { metadata, spec } = claim("team-a", "shared");
    const [line] = linesOf("shared_gpu_claim_pending_since_seconds", {
      claims: [{ metadata: { ...metadata, ownerReferences: [] }, spec }],
    });
    expect(line).toContain('for_pod="false"');
  });

  test("has the tier of the alternative that comes first", () => {
    const { metadata } = claim("team-a", "any");
    const firstAvailable = [{ deviceClassName: "other" }, { deviceClassName: "mig-large.nvidia.com" }];
    const [line] = linesOf("shared_gpu_claim_pending_since_seconds", {
      claims: [{ metadata, spec: { devices: { requests: [{ name: "gpu", firstAvailable }] } } }],
    });
    expect(line).toContain('tier="large"');
  });
});

test("what ends a line or a value in the text format is escaped", () => {
  const odd = [{ metadata: { name: 'a"b\\c\nd', labels: {} } }];
  expect(linesOf("shared_gpu_node_info", { nodes: odd })).toEqual([
    String.raw`shared_gpu_node_info{node="a\"b\\c\nd",instance_type="",layout="",mig_state=""} 1`,
  ]);
});
