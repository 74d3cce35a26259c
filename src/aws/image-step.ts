/** Whether a node group can get another image. Pure. */

/**
 * Why EKS does not give a node group this image; undefined if it does, or if the versions are not of the form that EKS has (`1.34.10-20260903`).
 * Source: Amazon EKS API reference, UpdateNodegroupVersion: "You cannot roll back a node group to an earlier Kubernetes version or AMI version" (read 2026-11-28).
 * @param pool name of the pool. @param running releaseVersion of the nodes. @param wanted what the stack wants.
 */
export function imageStepProblem(pool: string, running: unknown, wanted: unknown): string | undefined {
  const [from, to] = [orderOf(running), orderOf(wanted)];
  if (from === undefined || to === undefined || !isEarlier(to, from)) {
    return undefined;
  }
  return (
    `EKS cannot take the nodes of pool "${pool}" back from image ${String(running)} to ${String(wanted)}, and nothing was changed. ` +
    `Set gpuSoftware and kubernetesVersion as they were. To have the older image, give the pool another name: ` +
    `pulumi up then starts a new node group, and drains and deletes this one`
  );
}

/** Minor version, patch release and day. */
function orderOf(version: unknown): readonly number[] | undefined {
  const [, ...numbers] = /^1\.(\d+)\.(\d+)-(\d{8})$/.exec(String(version)) ?? [];
  return numbers.length === 0 ? undefined : numbers.map(Number);
}

function isEarlier(one: readonly number[], other: readonly number[]): boolean {
  const index = one.findIndex((number, position) => number !== other[position]);
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}
