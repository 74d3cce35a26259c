/** Which CUDA a container image has, and what a driver makes of it. */

interface CudaVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * CUDA in NVIDIA's monthly images for deep learning, by the release in their tags.
 * Sources: PyTorch release notes 25.12 and CUDA DL release notes 26.03, "Driver Requirements" (read 2026-11-28).
 */
const CUDA_OF_NGC: Readonly<Record<string, string>> = { "25.12": "13.1", "26.03": "13.2" };

/** Images that are named by the month: `nvcr.io/nvidia/pytorch:25.12-py3`. */
const NGC_IMAGE = /(?:^|\/)nvidia\/(?:pytorch|tensorflow|jax|cuda-dl-[\w-]+):(\d{2}\.\d{2})-/;
/** Publishers' tags that say the version: `nvidia/cuda:13.0.2-runtime-ubuntu24.04`, `pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime`. */
const CUDA_IN_TAG = [/(?:^|\/)nvidia\/cuda:(\d+\.\d+)/, /:[\w.-]*cuda(\d+\.\d+)/];

/** The CUDA version of an image, `13.1`; undefined where its name does not say it. */
export function cudaOfImage(image: string): string | undefined {
  const release = NGC_IMAGE.exec(image)?.[1];
  if (release !== undefined) {
    return Object.hasOwn(CUDA_OF_NGC, release) ? CUDA_OF_NGC[release] : undefined;
  }
  return CUDA_IN_TAG.flatMap((form) => form.exec(image)?.[1] ?? [])[0];
}

export type CudaFit =
  /** The driver has this CUDA or a later one. */
  | "runs"
  /** Compiled kernels run. PTX code of this CUDA, which the driver would have to compile, does not load. */
  | "runsWithoutItsPtx"
  /** The driver refuses the runtime, unless the image has NVIDIA's package for forward compatibility. */
  | "doesNotRun";

/** Source: NVIDIA, "CUDA Compatibility", minor version compatibility (read 2026-11-28). @param driver CUDA that the driver reports, `13.0`. */
export function cudaFit(image: string, driver: string): CudaFit {
  const [own, offered] = [parse(image), parse(driver)];
  if (own.major > offered.major) {
    return "doesNotRun";
  }
  return own.major === offered.major && own.minor > offered.minor ? "runsWithoutItsPtx" : "runs";
}

function parse(version: string): CudaVersion {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return { major, minor };
}
