import { cudaFit, cudaOfImage } from "../../src/releases/cuda";

it.each([
  ["nvcr.io/nvidia/pytorch:25.12-py3", "13.1"],
  ["registry.example.com/mirror/nvidia/tensorflow:26.03-tf2-py3", "13.2"],
  ["nvcr.io/nvidia/cuda:12.9.1-base-ubuntu24.04", "12.9"],
  ["nvidia/cuda:13.0.2-runtime-ubuntu24.04", "13.0"],
  ["pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime@sha256:00", "12.8"],
  // What nobody has read, and what does not say it.
  ["nvcr.io/nvidia/pytorch:24.01-py3", undefined],
  ["nvcr.io/nvidia/pytorch:25.12", undefined],
  ["registry.example.com/team/train:13.1", undefined],
  ["registry.example.com/cuda13.1/train:1", undefined],
])("image %s has CUDA %s", (image, cuda) => {
  expect(cudaOfImage(image)).toBe(cuda);
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
