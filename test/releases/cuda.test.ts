import { cudaFit, cudaOfImage } from "../../src/releases/cuda";

it.each([
  ["nvcr.io/nvidia/pytorch:25.12-py3", "13.1"],
  ["nvcr.io/nvidia/pytorch:25.10-py3", "13.0"],
  ["nvcr.io/nvidia/tritonserver:26.06-py3", "13.3"],
  ["nvcr.io/nvidia/vllm:25.12.post1-py3", "13.1"],
  ["nvcr.io/nvidia/vllm:26.01-py3", "13.1"],
  ["registry.example.com/mirror/nvidia/tensorflow:26.03-tf2-py3", "13.2"],
  ["nvcr.io/nvidia/cuda:12.9.1-base-ubuntu24.04", "12.9"],
  ["nvidia/cuda:13.0.2-runtime-ubuntu24.04", "13.0"],
  ["pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime@sha256:00", "12.8"],
  ["huggingface/trl:0.24.0-cu128", "12.8"],
  ["registry.example.com/team/train:cu130-v2", "13.0"],
])("image %s has CUDA %s", (image, version) => {
  expect(cudaOfImage(image)).toEqual({ type: "version", version });
});

it.each([
  "registry.example.com/team/train:13.1",
  "registry.example.com/cuda13.1/train:1",
  "registry.example.com/team/train:focus128",
  "registry.example.com/team/train:cu1284",
  "nvcr.io/nvidia/pytorch:latest",
])("image %s does not say its CUDA", (image) => {
  expect(cudaOfImage(image)).toEqual({ type: "unsaid" });
});

it.each([
  ["24.01", "12.8"],
  ["25.11", "13.1"],
  ["27.01", undefined],
])("of NVIDIA's images of %s nothing was read, and they have at most %s", (month, atMost) => {
  expect(cudaOfImage(`nvcr.io/nvidia/pytorch:${month}-py3`)).toEqual({ type: "unread", month, atMost });
});

it.each([
  ["13.0", "13.0", "runs"],
  ["12.9", "13.0", "runs"],
  ["13.0", "13.1", "runs"],
  ["13.1", "13.0", "runsWithoutItsPtx"],
  ["13.10", "13.9", "runsWithoutItsPtx"],
  ["14.0", "13.4", "doesNotRun"],
] as const)("CUDA %s on a driver with %s: %s", (image, driver, fit) => {
  expect(cudaFit(image, driver)).toBe(fit);
});
