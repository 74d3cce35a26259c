import type { PodOutcome } from "../../src/cluster/pod-outcomes";
import { cudaWarnings } from "../../src/rehearsal/report/cuda";
import { defaultRelease } from "../../src/releases/find";

const release = {
  ...defaultRelease(),
  gpuAmi: { releaseVersion: "1.34.10-20260903", driverVersion: "580.178.04", cudaDriverVersion: "13.0" },
};

/** A Job of one pod, with a claim unless it says otherwise. */
const job = (name: string, image: string, uses: readonly object[] = [{ claim: "gpu" }]) =>
  ({
    planned: {
      pod: { uses },
      owner: {
        kind: "Job",
        name,
        namespace: "team",
        origin: { type: "manifest", file: "team.yaml", line: 3 },
        body: { spec: { template: { spec: { containers: [{ name: "main", image }] } } } },
      },
    },
  }) as unknown as PodOutcome;

test.each([
  ["with the driver's CUDA", "nvidia/cuda:13.0.2-base-ubuntu24.04"],
  ["with an older one", "nvidia/cuda:12.9.1-base-ubuntu24.04"],
  ["that does not say its CUDA", "registry.example.com/train:1"],
  ["of an unread month before one with an older one", "nvcr.io/nvidia/pytorch:24.05-py3"],
])("nothing is said of an image %s", (_, image) => {
  expect(cudaWarnings([job("train", image)], release)).toEqual([]);
});

test.each([
  [
    "of a later minor version",
    "nvcr.io/nvidia/pytorch:25.12-py3",
    /has CUDA 13\.1, and the driver of the nodes has 13\.0\. Compiled kernels run/,
  ],
  [
    "of a month that nobody has read",
    "nvcr.io/nvidia/pytorch:27.01-py3",
    /has not read which CUDA NVIDIA's images of 27\.01 have, and the driver .* 13\.0/,
  ],
  ["of a month that nobody has read, before a later one", "nvcr.io/nvidia/pytorch:25.11-py3", /images of 25\.11/],
  ["of a later major version", "nvidia/cuda:14.0.0-base-ubuntu26.04", /has CUDA 14\.0, .*does not run it unless/],
])("an image %s is named with its object", (_, image, message) => {
  expect(cudaWarnings([job("train", image)], release)).toEqual([
    { subject: "Job team/train", place: "team.yaml:3", message: expect.stringMatching(message) as string },
  ]);
});

test("an image is named once, at the first object that uses it with a claim", () => {
  const image = "nvcr.io/nvidia/pytorch:25.12-py3";
  const warnings = cudaWarnings([job("without", image, []), job("first", image), job("second", image)], release);
  expect(warnings.map(({ subject }) => subject)).toEqual(["Job team/first"]);
});
