/**
 * `npm run build:control-plane [-- VERSION ...]`: builds the programs that the cache does not have.
 *
 *   npm run build:control-plane              for a stack that names no Kubernetes version
 *   npm run build:control-plane -- 1.35
 */
import { RELEASES, defaultRelease, findRelease } from "../releases/find";
import { built } from "./programs/go-program";
import { CONTROL_PLANE_PROGRAMS, sourceOf } from "./programs/kubernetes";

async function main(versions: readonly string[]): Promise<void> {
  const [unknown] = versions.filter((version) => findRelease(version) === undefined);
  if (unknown !== undefined) {
    const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion).join(", ");
    throw new Error(`"${unknown}" is no Kubernetes version that is built here. Name one or more of ${known}`);
  }
  for (const version of versions.length > 0 ? versions : [defaultRelease().kubernetesVersion]) {
    for (const name of CONTROL_PLANE_PROGRAMS) {
      process.stdout.write(`${await built(sourceOf(name, version))}\n`);
    }
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
