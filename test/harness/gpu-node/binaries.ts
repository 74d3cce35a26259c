/** NVIDIA's programs, which the user has and this project does not. */

/** The kubelet plugin of NVIDIA's DRA driver, `gpu-kubelet-plugin`; undefined: none was named. */
export function draDriverBinary(): string | undefined {
  return named("DRA_DRIVER_BINARY");
}

/** The kubelet plugin that the one above is an upgrade of; undefined: none was named. */
export function earlierDraDriverBinary(): string | undefined {
  return named("DRA_DRIVER_BINARY_BEFORE");
}

/** `nvidia-mig-parted`; undefined: none was named. */
export function migPartedBinary(): string | undefined {
  return named("MIG_PARTED_BINARY");
}

function named(variable: string): string | undefined {
  const path = process.env[variable] ?? "";
  return path === "" ? undefined : path;
}
