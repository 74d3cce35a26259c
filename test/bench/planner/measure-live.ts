/** A child of the benchmark: reads a cluster as `npm run plan -- --context` does, answers one question, and prints what that took. */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { readPlanArguments } from "../../../src/cli/plan/arguments";
import { ApiServer } from "../../../src/live/api/api-server";
import type { Access, Answer } from "../../../src/live/api/api-server";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { answerTo } from "../../../src/planner/ask/ask";
import { readCluster } from "../../../src/planner/state/read";
import { statusOf } from "../../../src/planner/status/status";

export interface LiveMeasurement {
  readonly readMs: number;
  readonly readCpuMs: number;
  /** Answers of the API server. */
  readonly lists: number;
  readonly answerMs: number;
  readonly answerCpuMs: number;
  readonly peakMiB: number;
}

class CountingServer extends ApiServer {
  lists = 0;

  override get(path: string): Promise<Answer["body"]> {
    this.lists += path.includes("?limit=") ? 1 : 0;
    return super.get(path);
  }
}

async function main([access = "", ...argv]: readonly string[]): Promise<LiveMeasurement> {
  const question = readPlanArguments([...argv, "--context", "bench"]);
  const api = new CountingServer(JSON.parse(readFileSync(access, "utf8")) as Access);
  const reading = watch();
  const snapshot = await readLive(api, "bench", () => undefined);
  const [readMs, readCpuMs] = reading();
  api.close();
  if (snapshot.gaps.length > 0) {
    throw new Error(JSON.stringify(snapshot.gaps));
  }
  const answering = watch();
  const cluster = readCluster(snapshot);
  if (question.type === "ask") {
    answerTo(cluster, { items: question.items, namespace: "default", arrangement: question.arrangement });
  } else {
    statusOf(cluster);
  }
  const [answerMs, answerCpuMs] = answering();
  return { readMs, readCpuMs, lists: api.lists, answerMs, answerCpuMs, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

/** Milliseconds on the clock and of CPU from now. */
function watch(): () => readonly [number, number] {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return [performance.now() - start, (user + system) / 1000];
  };
}

void main(process.argv.slice(2)).then((measured) => {
  process.stdout.write(JSON.stringify(measured));
});
