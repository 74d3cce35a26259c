/** On which GPU model a claim counts, how much its requests add up to there, and which selectors tie it to one GPU. */
import { claimShare, reachRule } from "../../../policy-pack/claims/reach-rule";
import { forbidGpuFromSlices } from "../../../policy-pack/claims/forbid-gpu-from-slices";
import { readClaim } from "../../../src/dra/claims";
import { judgedRelease } from "../../../policy-pack/evaluation/judged-release";
import { violations } from "../verdict";

const RULES = judgedRelease().release.kubernetes;
const gpu = (name: string) => `device.attributes["gpu.nvidia.com"].${name}`;

interface Asked {
  readonly deviceClassName?: string;
  readonly selector?: string;
  readonly count?: number;
  readonly allocationMode?: string;
}

const slice = ({ selector, deviceClassName = "mig.nvidia.com", ...more }: Asked) => ({
  ...{ deviceClassName, ...more },
  selectors: selector === undefined ? [] : [{ cel: { expression: selector } }],
});

const claim = (requests: readonly (Asked | readonly Asked[])[], constraints: readonly object[] = []) => ({
  ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "c" } },
  spec: {
    devices: {
      requests: requests.map((asked, at) =>
        "length" in asked
          ? { name: `r${String(at)}`, firstAvailable: asked.map((each, other) => ({ name: `a${String(other)}`, ...slice(each) })) }
          : { name: `r${String(at)}`, exactly: slice(asked) },
      ),
      constraints,
    },
  },
});

const specOf = (manifest: object) => {
  const reading = readClaim(manifest, RULES);
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join());
  }
  return reading.claim.spec;
};

const shareOf = (manifest: object) => {
  const settings = reachRule({});
  expect(settings.type).toBe("rule");
  const share = settings.type === "rule" ? claimShare(specOf(manifest), settings.rule) : undefined;
  return share && `${String(share.computeSlices)}+${String(share.memorySlices)} of ${share.model.name}`;
};

/** All of a GPU with four slices, and four of seven on the others. */
const TWO_MEDIUM = { deviceClassName: "mig-medium.nvidia.com", count: 2 };
const PARENT = "gpu.nvidia.com/parentUUID";

const ON_THE_SMALLEST_SHARE = "4+4 of A100-SXM4-40GB";
const ON_THE_LARGEST_SHARE = "4+12 of RTX PRO 6000 96GB";

test.each<[string, object, string | undefined]>([
  ["slices that are not tied to a GPU count where they are the smallest share", claim([TWO_MEDIUM]), ON_THE_SMALLEST_SHARE],
  [
    "slices that must have one parent count where they are the largest",
    claim([TWO_MEDIUM], [{ matchAttribute: PARENT }]),
    ON_THE_LARGEST_SHARE,
  ],
  ["slices that must have different parents are not tied", claim([TWO_MEDIUM], [{ distinctAttribute: PARENT }]), ON_THE_SMALLEST_SHARE],
  ["nor are slices of one product", claim([TWO_MEDIUM], [{ matchAttribute: "gpu.nvidia.com/productName" }]), ON_THE_SMALLEST_SHARE],
  ["a GPU's name in a selector ties", claim([{ ...TWO_MEDIUM, selector: `${gpu("parentUUID")} == "GPU-1"` }]), ON_THE_LARGEST_SHARE],
  [
    "beside an attribute that GPUs have in common too",
    claim([{ ...TWO_MEDIUM, selector: `${gpu("type")} == "mig" && ${gpu("parentUUID")} == "GPU-1"` }]),
    ON_THE_LARGEST_SHARE,
  ],
  [
    "attributes that GPUs have in common do not tie",
    claim([{ ...TWO_MEDIUM, selector: `${gpu("type")} == "mig"` }]),
    ON_THE_SMALLEST_SHARE,
  ],
  [
    "nor do capacities",
    claim([{ ...TWO_MEDIUM, selector: `device.capacity["gpu.nvidia.com"].memory.isGreaterThan(quantity("1Gi"))` }]),
    ON_THE_SMALLEST_SHARE,
  ],
  [
    "a selector on all attributes at once ties",
    claim([{ ...TWO_MEDIUM, selector: `device.attributes["gpu.nvidia.com"].size() > 0` }]),
    ON_THE_LARGEST_SHARE,
  ],
  [
    "one request with a GPU's name is enough",
    claim([
      { ...TWO_MEDIUM, count: 1 },
      { ...TWO_MEDIUM, count: 1, selector: `${gpu("uuid")} == "MIG-1"` },
    ]),
    ON_THE_LARGEST_SHARE,
  ],
  [
    "all slices of a class are more than any GPU has",
    claim([{ deviceClassName: "mig-medium.nvidia.com", allocationMode: "All" }]),
    "Infinity+Infinity of A100-SXM4-40GB",
  ],
  [
    "a request that cannot be evaluated counts nothing",
    claim([{ deviceClassName: "nobody" }, { deviceClassName: "mig-small.nvidia.com" }]),
    "1+3 of RTX PRO 6000 96GB",
  ],
  [
    "the smallest share counts wherever the model stands in the catalogue",
    claim([{ selector: `${gpu("profile")} in ["4g.20gb", "1g.6gb"]` }]),
    "1+1 of A30 24GB",
  ],
  ["nothing but such requests is no share", claim([{ deviceClassName: "nobody" }]), undefined],
  [
    "of alternatives, the larger counts",
    claim([[{ deviceClassName: "mig-large.nvidia.com" }, { deviceClassName: "mig-small.nvidia.com" }]]),
    "3+4 of A100-SXM4-40GB",
  ],
  [
    "where no model has all requests, the largest share counts",
    claim([
      { selector: `${gpu("profile")} == "1g.6gb"` },
      { selector: `${gpu("profile")} == "1g.5gb"` },
      { selector: `${gpu("profile")} == "3g.40gb"` },
    ]),
    "3+4 of H100 80GB",
  ],
])("%s", (_, manifest, share) => {
  expect(shareOf(manifest)).toBe(share);
});

test.each([
  ["memorySlice0", ON_THE_SMALLEST_SHARE],
  ["memorySlice10", ON_THE_SMALLEST_SHARE],
  ["memorySlices", ON_THE_LARGEST_SHARE],
  ["memorySlice1a", ON_THE_LARGEST_SHARE],
  ["sharedmemorySlice1", ON_THE_LARGEST_SHARE],
])("many GPUs have memorySlice0 to 11, and other names tie: %s", (name, share) => {
  expect(shareOf(claim([{ ...TWO_MEDIUM, selector: `has(device.capacity["gpu.nvidia.com"].${name})` }]))).toBe(share);
});

test("the share that a claim may have is a setting", () => {
  const manifest = claim([{ deviceClassName: "mig-large.nvidia.com" }]);
  expect(violations(forbidGpuFromSlices, manifest, { largestShare: 0.5 })).toEqual([]);
  expect(violations(forbidGpuFromSlices, manifest, { largestShare: 0.25 })).toHaveLength(1);
  // On the GPU models that nodes can have.
  expect(violations(forbidGpuFromSlices, claim([TWO_MEDIUM]))).toEqual([]);
  expect(violations(forbidGpuFromSlices, claim([TWO_MEDIUM]), { gpuModels: ["A30 24GB"] })).toEqual([
    expect.stringContaining("4 of 4 compute slices and 4 of 4 memory slices of one A30 24GB"),
  ]);
});

test("a request that cannot be evaluated is another policy's", () => {
  expect(violations(forbidGpuFromSlices, claim([{ deviceClassName: "nobody" }]))).toEqual([]);
});
