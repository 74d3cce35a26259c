/** Which CUDA a container image has, and what a driver makes of it. */

interface CudaVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * CUDA in NVIDIA's monthly images, by the release in their tags. All images of a month have the same.
 * Sources, "Driver Requirements" of each (read 2026-11-28): release notes of Triton Inference Server 25.01 to 26.10; of vLLM 26.01; of CUDA DL 26.03. The notes of
 * 25.02, 25.05 and 25.09 were not read: the months before and after have one version.
 */
const CUDA_OF_NGC: Readonly<Record<string, string>> = {
  ...{
    "25.01": "12.8",
    "25.02": "12.8",
    "25.03": "12.8",
    "25.04": "12.9",
    "25.05": "12.9",
    "25.06": "12.9",
    "25.08": "13.0",
    "25.09": "13.0",
  },
  ...{ "25.10": "13.0", "25.12": "13.1", "26.01": "13.1", "26.02": "13.1", "26.03": "13.2", "26.04": "13.2", "26.05": "13.2" },
  ...{ "26.06": "13.3", "26.07": "13.3", "26.08": "13.4", "26.09": "13.4", "26.10": "13.4" },
};

/** Images that are named by the month: `nvcr.io/nvidia/pytorch:25.12-py3`. */
const NGC_IMAGE = /(?:^|\/)nvidia\/(?:pytorch|tensorflow|jax|tritonserver|vllm|tensorrt|cuda-dl-[\w-]+):(\d{2}\.\d{2})(?:\.\w+)?-/;
/**
 * Publishers' tags that say the version: `nvidia/cuda:13.0.2-runtime-ubuntu24.04`, `pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime`, and in the short form of
 * PyTorch's packages `huggingface/trl:0.24.0-cu128`.
 */
const CUDA_IN_TAG = [/(?:^|\/)nvidia\/cuda:(\d+)\.(\d+)/, /:[\w.-]*cuda-?(\d+)\.(\d+)/, /:(?:[\w.-]*[.-])?cu(\d{2})(\d)(?![\w])/];

/** What the name of an image says about its CUDA. */
export type ImageCuda =
  | { readonly type: "version"; readonly version: string }
  /** An image of NVIDIA's whose month this project has not read. The images of a later month have `atMost`, and no month goes back. */
  | { readonly type: "unread"; readonly month: string; readonly atMost: string | undefined }
  | { readonly type: "unsaid" };

export function cudaOfImage(image: string): ImageCuda {
  const month = NGC_IMAGE.exec(image)?.[1];
  if (month !== undefined) {
    const version = Object.hasOwn(CUDA_OF_NGC, month) ? CUDA_OF_NGC[month] : undefined;
    return version === undefined ? { type: "unread", month, atMost: laterThan(month) } : { type: "version", version };
  }
  for (const form of CUDA_IN_TAG) {
    const [, major, minor] = form.exec(image) ?? [];
    if (major !== undefined && minor !== undefined) {
      return { type: "version", version: `${major}.${minor}` };
    }
  }
  return { type: "unsaid" };
}

/** CUDA of the first month in the table after this one. */
function laterThan(month: string): string | undefined {
  return Object.entries(CUDA_OF_NGC).find(([read]) => read > month)?.[1];
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
