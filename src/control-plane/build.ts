/** `npm run build:control-plane`: builds the programs that the cache does not have. */
import { built } from "./programs/go-program";
import { CONTROL_PLANE_PROGRAMS, sourceOf } from "./programs/kubernetes";

async function main(): Promise<void> {
  for (const name of CONTROL_PLANE_PROGRAMS) {
    process.stdout.write(`${await built(sourceOf(name))}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
