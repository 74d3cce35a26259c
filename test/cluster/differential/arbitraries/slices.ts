/** What drivers publish for one node: what NVIDIA's does for some layouts, and devices made up by hand. */
import fc from "fast-check";
import { publishSlices } from "../../../../src/dra/devices";
import type { Device, ResourceSlice } from "../../../../src/dra/types";
import { findGpuModel } from "../../../../src/hardware/gpu-models";
import type { LayoutSpec } from "../../../../src/hardware/layouts";
import { resolveLayout } from "../../../../src/hardware/layouts";
import { findRelease } from "../../../../src/releases/find";
import { deviceShape, DRIVER } from "../../../dra/allocator/scenarios";

/** A driver of which NVIDIA's selectors know nothing. */
export const OTHER_DRIVER = "other.example.com";

/** Few devices: kube-scheduler tries equal ones one by one, and gives up after 10 seconds. */
const MAX_DEVICES = 6;

const LAYOUTS: readonly (readonly [string, LayoutSpec, number])[] = [
  ["A100-SXM4-40GB", "all-balanced", 1],
  ["A100-SXM4-40GB", "all-balanced", 2],
  ["A100-SXM4-40GB", "all-1g.5gb", 1],
  ["A100-SXM4-40GB", "all-disabled", 3],
  ["A100-SXM4-80GB", "all-3g.40gb", 2],
  ["H100 80GB", "all-balanced", 1],
  ["A30 24GB", "all-balanced", 2],
  [
    "A100-SXM4-40GB",
    {
      name: "mixed",
      gpus: [
        { devices: [0], profiles: { "3g.20gb": 1, "2g.10gb": 1, "1g.5gb": 2 } },
        { devices: [1], profiles: "whole" },
      ],
    },
    2,
  ],
];

/**
 * The slices of a node; where the order is to be known, one at most.
 *
 * It decides what happens where selectors fail: kube-scheduler stops at the first device that makes one fail, if it gets there before it has what it needs.
 * The model, which calls it an error wherever the device stands, says the same only if those devices come first. So they do, and only where order is known.
 */
export function slicesOf(nodeName: string, isOrderKnown: boolean): fc.Arbitrary<readonly ResourceSlice[]> {
  const devices = fc.oneof(published(nodeName), madeUp(isOrderKnown));
  return isOrderKnown
    ? fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        {
          weight: 9,
          arbitrary: fc
            .tuple(devices, fc.constantFrom(1, 1, 1, 1, 2))
            .map(([list, sliceCount]) => [slice(nodeName, 0, list, { sliceCount })]),
        },
      )
    : devices.chain((list) => fc.constantFrom(...severalSlices(nodeName, list)));
}

/** The ways to publish the devices of a node in more than one slice. */
function severalSlices(nodeName: string, devices: readonly Device[]): readonly (readonly ResourceSlice[])[] {
  const half = Math.ceil(devices.length / 2);
  const [first, second] = [devices.slice(0, half), devices.slice(half)];
  const poolName = `${nodeName}-b`;
  return [
    [slice(nodeName, 0, first, { sliceCount: 2 }), slice(nodeName, 1, second, { sliceCount: 2 })],
    [slice(nodeName, 0, first), slice(nodeName, 1, second, { poolName })],
    [slice(nodeName, 0, first), slice(nodeName, 1, second, { driver: OTHER_DRIVER })],
    // The first of them is out of date.
    [slice(nodeName, 0, devices), slice(nodeName, 1, first, { generation: 2 })],
    // One of the second pool is still missing.
    [slice(nodeName, 0, first), slice(nodeName, 1, second, { poolName, sliceCount: 2 })],
    // A device name twice makes the pool invalid.
    [slice(nodeName, 0, devices, { sliceCount: 2 }), slice(nodeName, 1, first, { sliceCount: 2 })],
  ];
}

interface SliceOptions {
  readonly driver?: string;
  readonly poolName?: string;
  readonly generation?: number;
  readonly sliceCount?: number;
}

function slice(
  nodeName: string,
  index: number,
  devices: readonly Device[],
  { driver = DRIVER, poolName = nodeName, generation = 1, sliceCount = 1 }: SliceOptions = {},
): ResourceSlice {
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    metadata: { name: `${nodeName}-${String(index)}` },
    spec: { driver, nodeName, pool: { name: poolName, generation, resourceSliceCount: sliceCount }, devices },
  };
}

/** As NVIDIA's driver publishes them, which it does in random order. */
function published(nodeName: string): fc.Arbitrary<readonly Device[]> {
  const release = findRelease("1.34");
  return fc.constantFrom(...LAYOUTS).chain(([modelName, spec, gpus]) => {
    const model = findGpuModel(modelName);
    const resolved = model && resolveLayout(spec, model, gpus);
    if (resolved?.type !== "legal" || release === undefined) {
      throw new Error(`${JSON.stringify(spec)} is no layout of ${modelName}`);
    }
    const devices = publishSlices(nodeName, resolved.layout, release).flatMap((published) => published.spec.devices);
    return shuffled(devices);
  });
}

function madeUp(isOrderKnown: boolean): fc.Arbitrary<readonly Device[]> {
  const shape = fc
    .tuple(deviceShape({ errors: isOrderKnown, taints: true }), fc.constantFrom(undefined, 1, 2))
    .map(([{ attributes, taints }, shard]): Omit<Device, "name"> => ({
      attributes: { ...attributes, ...(shard === undefined ? {} : { "shards.example.com/shard": { int: shard } }) },
      capacity: attributes["profile"] === undefined ? {} : { memory: { value: `${attributes["profile"].string?.slice(3, -2) ?? ""}Gi` } },
      ...(taints === undefined ? {} : { taints }),
    }));
  return fc
    .array(shape, { minLength: 1, maxLength: MAX_DEVICES })
    .map((shapes) => withFailingFirst(shapes.map((device, index) => ({ ...device, name: `device-${String(index)}` }))));
}

function shuffled(devices: readonly Device[]): fc.Arbitrary<readonly Device[]> {
  return fc.shuffledSubarray([...devices], { minLength: devices.length }).map(withFailingFirst);
}

/** What lacks a profile makes selectors of profiles fail. */
function withFailingFirst(devices: readonly Device[]): readonly Device[] {
  return [...devices].sort((a, b) => Number(a.attributes["profile"] !== undefined) - Number(b.attributes["profile"] !== undefined));
}
