import { publishSlices } from "../../../src/dra/devices";
import type { ResourceSlice } from "../../../src/dra/types";
import { gateExpectation } from "../../../src/kubernetes/partition-gate/expectation";
import type { Expectation } from "../../../src/kubernetes/partition-gate/expectation";
import { RELEASES } from "../../../src/releases/find";
import { gpuPool } from "../fixtures";
import { runGate } from "./fake-api-server";
import type { FakeCluster, FakeNode } from "./fake-api-server";

const NODE = "ip-10-0-1-2";
const balanced = slicesOf(NODE, "all-balanced");
const wholeGpus = slicesOf(NODE, "all-disabled");
const complete: FakeCluster = { nodes: [{ name: NODE, state: "success" }], slices: balanced };

/** What the DRA driver publishes for a p4d.24xlarge with a layout. */
function slicesOf(node: string, layout: string): readonly ResourceSlice[] {
  return RELEASES.slice(0, 1).flatMap((release) => publishSlices(node, gpuPool({ layout }).layout, release));
}

/** What the dev stack expects (one all-balanced p4d.24xlarge), at the pace of a test. */
function expectation(overrides: Partial<Expectation> & { readonly pools?: Parameters<typeof gateExpectation>[0] } = {}): Expectation {
  const { pools = [gpuPool()], ...rest } = overrides;
  return {
    ...gateExpectation(pools, { timeoutMinutes: 60, image: "node" }),
    timeoutSeconds: 60,
    pollSeconds: 0.005,
    graceSeconds: 0.02,
    ...rest,
  };
}

/** The same, but out of patience after the second look. */
const impatient = { timeoutSeconds: 0.006 };

function oneNode(node: Partial<FakeNode>, slices: readonly ResourceSlice[] = []): FakeCluster {
  return { nodes: [{ name: NODE, state: "success", ...node }], slices };
}

function atGeneration(slices: readonly ResourceSlice[], generation: number, resourceSliceCount = slices.length): readonly ResourceSlice[] {
  return slices.map((slice) => ({
    ...slice,
    metadata: { name: `${slice.metadata.name}-${String(generation)}` },
    spec: { ...slice.spec, pool: { ...slice.spec.pool, generation, resourceSliceCount } },
  }));
}

describe("the gate opens", () => {
  test("when every node publishes what its layout promises", async () => {
    const run = await runGate(expectation(), [complete]);
    expect(run).toMatchObject({ exitCode: 0, message: "", authorization: "Bearer secret-token" });
    expect(run.output).toContain("32 of 32 devices published: complete");
    expect(run.requests).toEqual([
      "/api/v1/nodes?labelSelector=node-role%3Dgpu&limit=250",
      "/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.driver%3Dgpu.nvidia.com&limit=250",
    ]);
  });

  test("although nodes of a pool that is being replaced are still there: Pulumi ends them once the gate has opened", async () => {
    const old = { name: "ip-10-0-1-9", state: "failed", layout: "all-1g.5gb" };
    const run = await runGate(expectation(), [{ nodes: [{ name: NODE, state: "success" }, old], slices: balanced }]);
    expect(run).toMatchObject({ exitCode: 0, message: "" });
  });

  test("after the nodes have joined, rebooted and been divided, telling each step once", async () => {
    const rounds = [
      { nodes: [], slices: [] },
      oneNode({ state: undefined, ready: false }),
      oneNode({ state: undefined }),
      oneNode({ state: "pending" }),
      oneNode({ state: "pending" }),
      oneNode({ state: "rebooting", ready: false }),
      oneNode({ state: "success" }),
      complete,
    ];
    const run = await runGate(expectation(), rounds);
    expect(run.exitCode).toBe(0);
    expect(
      run.output
        .trim()
        .split("\n")
        .map((line) => line.slice(line.indexOf(" ") + 1)),
    ).toEqual([
      "0 of 32 devices published; p4d.24xlarge with all-balanced: 0 of 1 nodes have joined",
      `0 of 32 devices published; ${NODE}: not Ready (mig.config.state=not set), 0 of 32 devices`,
      `0 of 32 devices published; ${NODE}: mig.config.state not set, 0 of 32 devices`,
      `0 of 32 devices published; ${NODE}: mig.config.state=pending, 0 of 32 devices`,
      `0 of 32 devices published; ${NODE}: not Ready (mig.config.state=rebooting), 0 of 32 devices`,
      `0 of 32 devices published; ${NODE}: mig.config.state=success, nothing published, 0 of 32 devices`,
      "32 of 32 devices published: complete",
    ]);
  });

  test.each([
    ["a pool is scaled to zero", [gpuPool({ size: [0, 0, 2] })]],
    ["there is no pool", []],
  ])("at once when %s", async (_, pools) => {
    const run = await runGate(expectation({ pools }), [{ nodes: [], slices: [] }]);
    expect(run).toMatchObject({ exitCode: 0, output: expect.stringContaining("0 of 0 devices published: complete") as string });
  });

  test("for undivided GPUs where the layout says so", async () => {
    const pools = [gpuPool({ layout: "all-disabled" })];
    const cluster = oneNode({ layout: "all-disabled" }, wholeGpus);
    expect((await runGate(expectation({ pools }), [cluster])).exitCode).toBe(0);
  });

  test("when the newest generation of a pool is right, whatever older slices say", async () => {
    const slices = [...atGeneration(wholeGpus, 1), ...atGeneration(balanced, 2)];
    expect((await runGate(expectation(), [oneNode({}, slices)])).exitCode).toBe(0);
  });

  test("over TLS, trusting the mounted certificate authority", async () => {
    expect(await runGate(expectation(), [complete], { tls: true })).toMatchObject({ exitCode: 0, message: "" });
  });

  test("for more nodes than one page of the API holds", async () => {
    const pools = [gpuPool({ size: [1, 3, 3] })];
    const names = ["a", "b", "c"];
    const cluster = {
      nodes: names.map((name) => ({ name, state: "success" })),
      slices: names.flatMap((name) => slicesOf(name, "all-balanced")),
    };
    const run = await runGate(expectation({ pools }), [cluster], { pageSize: 2 });
    expect(run.output).toContain("96 of 96 devices published: complete");
  });

  test("after the API server was overloaded and out of reach for a while", async () => {
    const rounds = [
      { status: 503, message: "overloaded" },
      { status: 500, message: "etcd" },
      { status: 429, message: "slow down" },
      complete,
    ];
    const run = await runGate(expectation(), rounds);
    expect(run.exitCode).toBe(0);
    expect(run.output).toContain("API server: 503 overloaded");
  });

  test("after a refusal that ends within the grace period: role bindings take a moment to be seen", async () => {
    const rounds = [{ status: 403, message: "forbidden" }, complete];
    expect((await runGate(expectation({ graceSeconds: 60 }), rounds)).exitCode).toBe(0);
  });
});

describe("the gate stays closed until its timeout and then names the node, its state and what to do", () => {
  test.each<[string, FakeCluster, readonly string[]]>([
    [
      "no node has joined",
      { nodes: [], slices: [] },
      ["p4d.24xlarge with all-balanced: 0 of 1 nodes have joined for 0 s; EC2 may have no capacity, or the account no quota"],
    ],
    [
      "MIG Manager has not begun",
      oneNode({ state: undefined }),
      [
        `${NODE}: mig.config.state not set for 0 s, 0 of 32 devices; kubectl -n gpu-operator get pods --field-selector spec.nodeName=${NODE}`,
      ],
    ],
    [
      "MIG Manager is at it",
      oneNode({ state: "pending" }),
      [`${NODE}: mig.config.state=pending for 0 s, 0 of 32 devices; kubectl -n gpu-operator logs -l app=nvidia-mig-manager`],
    ],
    [
      "a node does not come back",
      oneNode({ ready: false }, balanced),
      [`not Ready (mig.config.state=success) for 0 s`, `kubectl describe node ${NODE}`],
    ],
    [
      "the DRA driver has published nothing",
      oneNode({}),
      ["mig.config.state=success, nothing published", `kubectl -n nvidia-dra-driver get pods --field-selector spec.nodeName=${NODE}`],
    ],
    [
      "the DRA driver started before the GPUs were divided, and published them whole",
      oneNode({}, wholeGpus),
      [
        "0 of 32 devices (missing 16x 1g.5gb, 8x 2g.10gb, 8x 3g.20gb, unexpected 8x whole GPU)",
        `kubectl -n nvidia-dra-driver delete pod --field-selector spec.nodeName=${NODE}`,
      ],
    ],
    [
      "an older generation was right",
      oneNode({}, [...atGeneration(balanced, 1), ...atGeneration(wholeGpus, 2)]),
      ["unexpected 8x whole GPU"],
    ],
    [
      "the newest generation is not complete",
      oneNode({}, [...atGeneration(balanced, 1), ...atGeneration(balanced, 2, 2)]),
      ["mig.config.state=success, 1 of 2 slices published"],
    ],
    [
      "devices are there that the layout does not have",
      oneNode({}, slicesOf(NODE, "all-1g.5gb")),
      ["16 of 32 devices (missing 8x 2g.10gb, 8x 3g.20gb, unexpected 40x 1g.5gb)"],
    ],
    [
      "a node carries another layout than its pool",
      oneNode({ layout: "all-1g.5gb" }, balanced),
      [`${NODE}: belongs to no GPU pool of this stack (p4d.24xlarge, mig.config=all-1g.5gb)`, "0 of 1 nodes have joined"],
    ],
  ])("%s", async (_, cluster, expected) => {
    const run = await runGate(expectation(impatient), [cluster]);
    expect(run.exitCode).toBe(1);
    expect(run.message).toMatch(/^The GPUs were not divided as configured within 0 s\.\n/);
    for (const text of expected) {
      expect(run.message).toContain(text);
      expect(run.output).toContain(text);
    }
  });

  test("only the node that is stuck is named", async () => {
    const cluster = {
      nodes: [
        { name: NODE, state: "success" },
        { name: "ip-10-0-1-3", state: "pending" },
      ],
      slices: balanced,
    };
    const run = await runGate(expectation(impatient), [cluster]);
    expect(run.message).toContain("ip-10-0-1-3: mig.config.state=pending");
    expect(run.message).not.toContain(`${NODE}:`);
  });

  test("a hiccup of the API server at the end does not hide what was seen of the nodes", async () => {
    const run = await runGate(expectation({ timeoutSeconds: 0.05 }), [
      oneNode({ state: "pending" }),
      { status: 503, message: "overloaded" },
    ]);
    expect(run.message).toContain("mig.config.state=pending");
  });

  test("an API server that never answered is the reason itself", async () => {
    const run = await runGate(expectation(impatient), [{ status: 503, message: "overloaded" }]);
    expect(run).toMatchObject({ exitCode: 1, message: expect.stringContaining("API server: 503 overloaded") as string });
  });

  test("many stuck nodes fit into the 4096 bytes that the kubelet keeps, and the rest are counted", async () => {
    const nodes = Array.from({ length: 100 }, (_, index) => ({ name: `ip-10-0-1-${String(index)}`, state: "pending" }));
    const run = await runGate(expectation(impatient), [{ nodes, slices: [] }]);
    expect(Buffer.byteLength(run.message)).toBeLessThanOrEqual(4096);
    const shown = run.message.split("\n").length - 2;
    expect(run.message).toMatch(new RegExp(`\\.\\.\\. and ${String(100 - shown)} more, see the log of the Job$`));
    expect(run.output).toContain("ip-10-0-1-99:");
  });
});

describe("the gate gives up early", () => {
  test("on a node that MIG Manager gave up, with the way to make it try again", async () => {
    const run = await runGate(expectation(), [oneNode({ state: "failed" })]);
    expect(run.exitCode).toBe(1);
    expect(run.message).toContain("waiting longer does not help");
    expect(run.message).toContain(`${NODE}: mig.config.state=failed`);
    expect(run.message).toContain(`kubectl drain ${NODE} --ignore-daemonsets --delete-emptydir-data --timeout=2m`);
    expect(run.message).toContain(`kubectl -n gpu-operator delete pod -l app=nvidia-mig-manager --field-selector spec.nodeName=${NODE}`);
  });

  test("but not on a failure of an earlier layout, which MIG Manager is about to drop", async () => {
    const rounds = [oneNode({ state: "failed" }), oneNode({ state: "pending" }), complete];
    expect((await runGate(expectation({ graceSeconds: 60 }), rounds)).exitCode).toBe(0);
  });

  test("but not while the node is away: MIG Manager tries again when it comes back", async () => {
    const rounds = [
      ...Array.from({ length: 5 }, () => oneNode({ state: "failed", ready: false })),
      oneNode({ state: "pending" }),
      complete,
    ];
    expect((await runGate(expectation({ graceSeconds: 0 }), rounds)).exitCode).toBe(0);
  });

  test.each([401, 403])("when the API server goes on answering %i, with its words", async (status) => {
    const run = await runGate(expectation(), [{ status, message: 'nodes is forbidden: User "x" cannot list resource "nodes"' }]);
    expect(run.exitCode).toBe(1);
    expect(run.message).toBe(
      `API server: ${String(status)} nodes is forbidden: User "x" cannot list resource "nodes"\n` +
        "The gate's service account must be allowed to list nodes and resourceslices.",
    );
  });

  test("when the cluster has no Dynamic Resource Allocation", async () => {
    const run = await runGate(expectation(), [{ status: 404, message: "not found" }]);
    expect(run).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("Dynamic Resource Allocation needs Kubernetes 1.34") as string,
    });
  });
});

test("a gate that is stopped from outside says what it saw last, and leaves no verdict", async () => {
  const run = await runGate(expectation(), [oneNode({ state: "pending" })], { stopInRound: 1 });
  expect(run).toMatchObject({ exitCode: 143, message: "" });
  expect(run.output).toContain(`stopped by the kubelet; last seen: 0 of 32 devices published; ${NODE}: mig.config.state=pending`);
});
