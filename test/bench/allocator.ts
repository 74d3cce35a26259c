/**
 * Allocation at scale: pods with claims over p4d.24xlarge nodes (32 MIG devices each, all-balanced), half of the devices taken beforehand.
 * Every size runs in a process of its own, so that its memory can be told.
 */
import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { schedulePods } from "../../src/dra/allocator";
import type { ClusterState } from "../../src/dra/allocator";
import { readClaim } from "../../src/dra/claims";
import type { ResourceClaim, ResourceClaimTemplate } from "../../src/dra/claims";
import { publishSlices } from "../../src/dra/devices";
import { barePod } from "../../src/dra/pods";
import type { Pod } from "../../src/dra/pods";
import { catalogueTierClasses, TIERS } from "../../src/dra/tiers";
import type { ResourceSlice } from "../../src/dra/types";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import { findRelease } from "../../src/releases/find";
import { RULES } from "../support/rules";

const SIZES = [10, 100, 1000, 10_000];
const PODS_PER_NODE = 10;
/** Of 20 pods: one asks for three devices of one GPU, the others for one device each. */
const MIX = ["colocated", ..."small ".repeat(11).trim().split(" "), ...Array<string>(4).fill("medium"), ...Array<string>(4).fill("large")];

interface Measurement {
  readonly nodes: number;
  readonly devices: number;
  readonly pods: number;
  readonly placed: number;
  /** From the first look at the slices to the last pod. */
  readonly wallMs: number;
  /** The same as the time that all threads had a processor: what one core would have taken at most, however busy the machine is. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const measurements = SIZES.map(measureInOwnProcess);
  const rows = measurements.map(
    ({ nodes, devices, pods, placed, wallMs, cpuMs, peakMiB }) =>
      `${count(nodes)} nodes, ${count(devices)} devices: ${count(placed)} of ${count(pods)} claims in ${cpuMs.toFixed(0)} ms of CPU ` +
      `(${((1000 * cpuMs) / pods).toFixed(0)} us each; ${wallMs.toFixed(0)} ms on the clock), process peak ${peakMiB.toFixed(0)} MiB`,
  );
  const target = measurements.find(({ nodes }) => nodes === 1000);
  const verdict = target !== undefined && target.placed === target.pods && target.cpuMs < 2000 && target.peakMiB < 500 ? "met" : "MISSED";
  return { name: "allocator", lines: [...rows, `target: 10,000 claims over 1,000 nodes in under 2 s and 500 MiB: ${verdict}`] };
}

function measureInOwnProcess(nodes: number): Measurement {
  const output = execFileSync(process.execPath, ["--require", "./transpile.js", __filename, String(nodes)], { encoding: "utf8" });
  return JSON.parse(output) as Measurement;
}

function measure(nodes: number): Measurement {
  const cluster = makeCluster(nodes);
  const pods = Array.from({ length: nodes * PODS_PER_NODE }, (_, index) => makePod(index));
  const [start, cpuStart] = [performance.now(), process.cpuUsage()];
  const results = schedulePods(cluster, pods, RULES);
  const [wallMs, cpu] = [performance.now() - start, process.cpuUsage(cpuStart)];
  return {
    nodes,
    devices: cluster.slices.reduce((sum, { spec }) => sum + spec.devices.length, 0),
    pods: pods.length,
    placed: results.filter(({ type }) => type === "placed").length,
    wallMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

function makeCluster(nodes: number): ClusterState {
  const names = Array.from({ length: nodes }, (_, index) => `node-${String(index)}`);
  const slices = names.flatMap(publish);
  return {
    nodes: names.map((name) => ({ metadata: { name }, status: { allocatable: { cpu: "95690m", memory: "1130Gi", pods: "737" } } })),
    slices,
    deviceClasses: catalogueTierClasses(),
    claims: slices.flatMap(holdHalf),
    templates: [
      ...TIERS.map(({ name, className }) => template(name, [{ name: "device", exactly: { deviceClassName: className } }], [])),
      template(
        "colocated",
        TIERS.map(({ name, className }) => ({ name, exactly: { deviceClassName: className } })),
        [{ matchAttribute: "gpu.nvidia.com/parentUUID" }],
      ),
    ],
    namespaces: undefined,
    services: [],
    volumes: undefined,
    pods: [],
  };
}

function publish(nodeName: string): readonly ResourceSlice[] {
  const model = findGpuModel("A100-SXM4-40GB");
  const release = findRelease("1.34");
  const layout = model && resolveLayout("all-balanced", model, 8);
  if (layout?.type !== "legal" || release === undefined) {
    throw new Error("no layout all-balanced of A100-SXM4-40GB, or no release 1.34");
  }
  return publishSlices(nodeName, layout.layout, release);
}

/** On every other node whole GPUs are taken; on the rest the small slices of even GPUs, medium and large ones of odd GPUs. */
function holdHalf({ spec }: ResourceSlice, index: number): readonly ResourceClaim[] {
  return spec.devices.flatMap(({ name, attributes }): ResourceClaim[] => {
    const isEvenGpu = Number(/\d+/.exec(name)?.[0]) % 2 === 0;
    const isSmall = attributes["profile"]?.string === "1g.5gb";
    if (index % 2 === 0 ? !isEvenGpu : isEvenGpu !== isSmall) {
      return [];
    }
    const devices = [{ request: "device", driver: spec.driver, pool: spec.pool.name, device: name, adminAccess: false }];
    return [
      {
        kind: "ResourceClaim",
        apiVersion: "resource.k8s.io/v1",
        name: `holds-${spec.nodeName}-${name}`,
        namespace: "earlier",
        spec: { requests: [], constraints: [], config: [] },
        allocation: { devices, nodeName: spec.nodeName },
        reservations: 1,
      },
    ];
  });
}

function template(name: string, requests: readonly unknown[], constraints: readonly unknown[]): ResourceClaimTemplate {
  const reading = readClaim(
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: { name, namespace: "bench" },
      spec: { spec: { devices: { requests, constraints } } },
    },
    RULES,
  );
  if (reading.type !== "claim" || reading.claim.kind !== "ResourceClaimTemplate") {
    throw new Error(`template ${name} is invalid`);
  }
  return reading.claim;
}

function makePod(index: number): Pod {
  return {
    ...barePod(`pod-${String(index)}`, "bench"),
    claims: [{ name: "gpu", source: { type: "template", templateName: MIX[index % MIX.length] ?? "small" } }],
    requests: { cpu: 1000, memory: 4 * 2 ** 30 },
  };
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

if (require.main === module) {
  process.stdout.write(JSON.stringify(measure(Number(process.argv[2]))));
}
