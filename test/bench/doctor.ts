/**
 * `npm run bench doctor`: the doctor's answer about a file with 1,000 nodes, 32,000 devices and 20,000 claims, as `--save` writes it: of a healthy cluster, and
 * of one in which much is wrong.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json";
import type { JsonObject } from "../../src/cluster/objects";
import { objectAt } from "../../src/cluster/objects";
import { observationFile } from "../../src/doctor/observation/file";
import { redactedObservation } from "../../src/doctor/observation/redact";
import { MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { byKind, claimingPod, devicesOn, gpuNode, healthy, observed } from "../doctor/healthy";
import { runNode } from "../support/child";
import { ROOT, runProgram } from "../support/program";
import { REPORT_USAGE, format, medianOf, usageIn, verdict } from "./support/measurement";
import type { Measurement } from "./support/measurement";

const NODES = 1000;
const CLAIMS_A_NODE = 20;
/** Pods that wait for a slice in vain. */
const WAITING = 1000;
const RUNS = 3;
const TARGET = { wallMs: 5000, peakMiB: 1000 };
const NAMESPACE = "mig-test";
const SMALL = "mig-small.nvidia.com";

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-"));
  try {
    const lines: string[] = [];
    for (const [what, isBroken] of [
      ["a healthy cluster", false],
      ["one with every tenth node failed, and 1,000 pods that wait", true],
    ] as const) {
      const file = join(folder, "cluster.json");
      writeFileSync(file, await clusterFile(isBroken));
      const measured = await medianOf(RUNS, () => doctor(file, isBroken ? 1 : 0));
      lines.push(`${what}: ${format(measured)}; target under 5 s and 1,000 MiB: ${verdict(measured, TARGET)}`);
    }
    return { name: "doctor, from a file with 1,000 nodes", lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function clusterFile(isBroken: boolean): Promise<string> {
  const { declaration, nodes, objects } = healthy(await runProgram(), new Date());
  const model = nodes.find(({ layout }) => layout !== undefined);
  if (model === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  const names = Array.from(
    { length: NODES },
    (_, index) => `ip-10-1-${String(Math.floor(index / 250))}-${String(index % 250)}.ec2.internal`,
  );
  const bodies = names.flatMap((name) => gpuNode({ ...model, name }, declaration, 600));
  const devices = devicesOn(byKind(bodies), names[0] ?? "");
  const claims = names.flatMap((name, node) =>
    devices.slice(0, CLAIMS_A_NODE).flatMap((device, index) => {
      const pod = `pod-${String(node)}-${String(index)}`;
      return claimingPod(NAMESPACE, pod, SMALL, 500, `${name}/${device}`);
    }),
  );
  const waiting = Array.from({ length: isBroken ? WAITING : 0 }, (_, index) =>
    claimingPod(NAMESPACE, `waiting-${String(index)}`, SMALL, 60, undefined),
  );
  const all = [
    ...Object.values(objects).flat(),
    ...bodies.map((body) => (isBroken ? failed(body, names) : body)),
    ...claims,
    ...waiting.flat(),
  ];
  return JSON.stringify(observationFile(redactedObservation(observed(byKind(all)), declaration)));
}

/** MIG Manager has failed on every tenth node. */
function failed(body: JsonObject, names: readonly string[]): JsonObject {
  const metadata = objectAt(body, "metadata");
  return body["kind"] !== "Node" || names.indexOf(String(metadata["name"])) % 10 !== 0
    ? body
    : { ...body, metadata: { ...metadata, labels: { ...objectAt(metadata, "labels"), [MIG_CONFIG_STATE_LABEL]: "failed" } } };
}

/** As `npm run doctor` runs it. */
async function doctor(file: string, expected: number): Promise<Measurement> {
  const [, ...command] = packageJson.scripts.doctor.split(" ");
  const { code, wallMs, stdout, stderr } = await runNode([...REPORT_USAGE, ...command, "--from", file], { cwd: ROOT });
  if (code !== expected) {
    throw new Error(`the doctor ended with ${String(code)}: ${stdout.slice(0, 2000)}${stderr.slice(0, 2000)}`);
  }
  return { wallMs, ...usageIn(stderr) };
}
