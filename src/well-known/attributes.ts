/** Attributes of devices. */

/** Name of NVIDIA's DRA driver, which is the domain of its attributes too. */
export const DRIVER = "gpu.nvidia.com";

/** Attribute that all slices of one physical GPU have in common, and slices of other GPUs do not. */
export const PARENT_UUID_ATTRIBUTE = `${DRIVER}/parentUUID`;

/** Attributes that many GPUs have in common, so that a constraint on them does not tie slices to one GPU. */
export const SHARED_ATTRIBUTES: readonly string[] = [
  ...["type", "profile", "productName", "brand", "architecture"],
  ...["cudaComputeCapability", "driverVersion", "cudaDriverVersion"],
].map((name) => `${DRIVER}/${name}`);

/** Capacities that many slices have in common. */
export const SHARED_CAPACITIES: readonly string[] = [
  ...["memory", "multiprocessors", "copyEngines", "decoders", "encoders", "jpegEngines", "ofaEngines"],
];
