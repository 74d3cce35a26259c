/**
 * `npm run bench:planner`: the planner's answers about a real API server with 1,000 nodes, 32,000 devices in ResourceSlices, 20,000 claims and as many pods.
 * etcd and kube-apiserver are real. No controller and no scheduler runs, so that everything stays as it is written.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import packageJson from "../../package.json";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import { startControlPlane } from "../harness/control-plane/start";
import { runNode } from "../support/child";
import { ROOT } from "../support/program";
import { largeCluster } from "./planner/large-cluster";
import type { LiveMeasurement } from "./planner/measure-live";
import { NODES, QUESTIONS } from "./planner/questions";

/** Requests at a time: more of them time out where the machine has other work. */
const WRITERS = 8;
const TARGET = { answerMs: 5000, peakMiB: 1000 };

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const plane = await startControlPlane({ parts: "apiServer" });
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-"));
  const access = join(folder, "access.json");
  try {
    const start = performance.now();
    for (const objects of largeCluster(NODES)) {
      await write(plane.api, objects);
    }
    const lines = [`written in ${seconds(performance.now() - start)}`];
    writeFileSync(access, JSON.stringify(plane.api.access), { mode: 0o600 });
    for (const question of QUESTIONS) {
      const measured = await measure(access, question);
      const isMet = measured.answerMs < TARGET.answerMs && measured.peakMiB < TARGET.peakMiB;
      lines.push(
        `${question.join(" ")}: read in ${seconds(measured.readMs)} (${seconds(measured.readCpuMs)} of CPU, ${String(measured.lists)} pages), ` +
          `answered in ${seconds(measured.answerMs)} (${seconds(measured.answerCpuMs)} of CPU), peak ${measured.peakMiB.toFixed(0)} MiB; ` +
          `target under 5 s after reading and 1,000 MiB: ${isMet ? "met" : "MISSED"}`,
      );
    }
    return { name: "planner, from an API server", lines };
  } finally {
    rmSync(folder, { recursive: true });
    await plane.stop();
  }
}

async function write(api: ApiServer, objects: readonly KubernetesObject[]): Promise<void> {
  const left = objects.values();
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (const { status, ...object } of left) {
        await api.create((object["kind"] === "Node" ? { ...object, status } : object) as KubernetesObject);
        if (status !== undefined && object["kind"] !== "Node") {
          await api.merge(object as KubernetesObject, { status: status as unknown }, { subresource: "status" });
        }
      }
    }),
  );
}

/** In a process of its own, with the memory settings of `npm run plan`. */
async function measure(access: string, question: readonly string[]): Promise<LiveMeasurement> {
  const options = packageJson.scripts.plan.split(" ").slice(1, -1);
  const { stdout } = await runNode([...options, join(__dirname, "planner/measure-live.ts"), access, ...question], { cwd: ROOT });
  return JSON.parse(stdout) as LiveMeasurement;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
