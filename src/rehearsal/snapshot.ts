/** A rehearsed stack as a snapshot of the cluster that it would make. */
import { join } from "node:path";
import { judgeAndSimulate } from "../cluster/judgement/judge";
import type { Snapshot } from "../planner/snapshot/snapshot";
import { UserError } from "./files";
import type { Recording } from "./monitor/recording";
import { nodesOf } from "./recorded/nodes";
import { objectsOf } from "./recorded/objects";
import { releaseOf } from "./recorded/release";
import { withAccess } from "./rehearse";
import { runProgram } from "./run-program";
import { simulatedSnapshot } from "./simulated-snapshot";
import { readStack } from "./stack-files";

/**
 * Runs a stack's program.
 * @param root folder with Pulumi.yaml and index.ts.
 * @throws UserError for files, a configuration or a program that refuse.
 */
export async function recordingOfStack(root: string, stack: string): Promise<Recording> {
  const settings = readStack(root, stack);
  const recording = await runProgram({
    program: join(root, "index.ts"),
    project: settings.project,
    stack,
    config: withAccess(settings).config,
    secretKeys: settings.encrypted,
  });
  if (recording.errors.length > 0) {
    throw new UserError(recording.errors.join("\n"));
  }
  return recording;
}

/**
 * Runs a stack's program and simulates its cluster.
 * @param root folder with Pulumi.yaml and index.ts.
 * @throws UserError for files, a configuration or a program that refuse.
 */
export async function snapshotOfStack(root: string, stack: string): Promise<Snapshot> {
  const recording = await recordingOfStack(root, stack);
  const { nodes, shapes, problems } = nodesOf(recording);
  if (problems.length > 0) {
    throw new UserError(problems.map(({ pool, message }) => `pool ${pool}: ${message}`).join("\n"));
  }
  const release = releaseOf(recording);
  const objects = objectsOf(recording);
  const simulation = judgeAndSimulate(nodes, shapes, objects, release);
  return simulatedSnapshot({ source: `the rehearsed stack ${stack}`, nodes, objects, release, simulation });
}
