/** `npm run release:api`: writes what the API server of the cluster tier serves into `src/releases/api`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readServedApi } from "../harness/api/served-api";
import { startControlPlane } from "../harness/control-plane/start";

async function main(): Promise<void> {
  const cluster = await startControlPlane();
  try {
    const served = await readServedApi(cluster.api);
    const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(served.source) ?? [];
    const file = join(__dirname, `../../src/releases/api/v${major}-${minor}.json`);
    writeFileSync(file, `${JSON.stringify(served)}\n`);
    process.stdout.write(`${file}: ${String(Object.keys(served.$defs).length)} types\n`);
  } finally {
    await cluster.stop();
  }
}

void main();
