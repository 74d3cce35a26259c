/**
 * Waits until every GPU node of the stack publishes exactly the devices that its layout promises, or says which node is stuck and what to do about it.
 * Runs as a Job inside the cluster (job.ts): plain Node.js, nothing to install.
 *
 *   node partition-gate.mjs EXPECTATION.json
 *
 * Exit status 0: every device is there. 1: verdict, in the termination message. 143: stopped by the kubelet.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readinessOf } from "../../../cluster/readiness";
import type { Finding, GpuCluster, GpuNode, GpuSlice } from "../../../cluster/readiness";
import { DRIVER } from "../../../well-known/attributes";
import { NODE_ROLE_LABEL } from "../../../well-known/labels";
import type { Expectation } from "../expectation";
import { ApiError, list } from "./api-server";

/** The kubelet keeps so many bytes of a termination message. */
const MAX_MESSAGE_BYTES = 4096;
/** A line is printed at least this often: a log that says nothing new still shows that the gate is alive. */
const HEARTBEAT_MS = 60_000;

const terminationLog = process.env["TERMINATION_LOG"] ?? "/dev/termination-log";
const [, , expectationFile] = process.argv;
if (expectationFile === undefined) {
  fail("usage: node partition-gate.mjs EXPECTATION.json", []);
}
void wait(JSON.parse(readFileSync(expectationFile, "utf8")) as Expectation);

async function wait({ groups, namespaces, firstWithDra, timeoutSeconds, pollSeconds, graceSeconds }: Expectation): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const print = progressPrinter();
  /** When each state that still lasts was first seen. */
  let since = new Map<string, number>();
  /** What a timeout would report. */
  let lines: readonly string[] = [];

  for (;;) {
    const now = Date.now();
    const seen = since;
    const firstSeen = (state: string) => seen.get(state) ?? now;
    const pastGrace = (state: string) => now - firstSeen(state) >= graceSeconds * 1000;
    const reading = await readCluster();
    if (reading.type === "unreadable") {
      const { cause, status: code } = reading;
      since = new Map([...seen, [cause, firstSeen(cause)]]);
      print(cause);
      if (code === 404) {
        fail(`${cause}\nThe cluster does not serve resource.k8s.io/v1: Dynamic Resource Allocation needs Kubernetes ${firstWithDra}.`, []);
      }
      if ((code === 401 || code === 403) && pastGrace(cause)) {
        fail(`${cause}\nThe gate's service account must be allowed to list nodes and resourceslices.`, []);
      }
      // What was seen of the nodes says more than a hiccup at the end.
      lines = lines.length > 0 ? lines : [cause];
    } else {
      const { published, wanted, findings } = readinessOf(groups, reading.cluster, namespaces);
      if (findings.length === 0) {
        print(`${String(published)} of ${String(wanted)} devices published: complete`);
        return;
      }
      since = new Map(findings.map((finding) => [stateOf(finding), firstSeen(stateOf(finding))]));
      lines = findings.map((finding) => `${describe(finding, duration(now - firstSeen(stateOf(finding))))}; ${finding.remedy}`);
      print(`${String(published)} of ${String(wanted)} devices published; ${findings.map((finding) => describe(finding)).join("; ")}`);
      if (findings.some((finding) => finding.final && pastGrace(stateOf(finding)))) {
        fail("The GPUs are not divided as configured, and waiting longer does not help.", lines);
      }
    }
    if (Date.now() + pollSeconds * 1000 > deadline) {
      fail(`The GPUs were not divided as configured within ${duration(timeoutSeconds * 1000)}.`, lines);
    }
    await sleep(pollSeconds * 1000);
  }
}

type Reading =
  | { readonly type: "cluster"; readonly cluster: GpuCluster }
  /** `status`: the API server's; undefined where there was no answer. */
  | { readonly type: "unreadable"; readonly cause: string; readonly status: number | undefined };

async function readCluster(): Promise<Reading> {
  try {
    const nodes = await list<GpuNode>("/api/v1/nodes", `labelSelector=${encodeURIComponent(`${NODE_ROLE_LABEL}=gpu`)}`);
    const slices = await list<GpuSlice>(
      "/apis/resource.k8s.io/v1/resourceslices",
      `fieldSelector=${encodeURIComponent(`spec.driver=${DRIVER}`)}`,
    );
    return { type: "cluster", cluster: { nodes, slices } };
  } catch (error) {
    const status = error instanceof ApiError ? error.status : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { type: "unreadable", cause: `API server: ${status === undefined ? "" : `${String(status)} `}${message}`, status };
  }
}

function stateOf({ subject, state }: Finding): string {
  return `${subject}: ${state}`;
}

/** @param lasting How long the state has lasted. */
function describe(finding: Finding, lasting?: string): string {
  const state = `${stateOf(finding)}${lasting === undefined ? "" : ` for ${lasting}`}`;
  return finding.detail === "" ? state : `${state}, ${finding.detail}`;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${String(seconds)} s` : `${String(Math.floor(seconds / 60))} min`;
}

/** Prints what is new, and what is not after a while. A node drain or the Job's deadline ends the process with what it printed last. */
function progressPrinter(): (text: string) => void {
  let last = { text: "nothing seen of the cluster yet", at: 0 };
  process.on("SIGTERM", () => {
    process.stdout.write(`stopped by the kubelet; last seen: ${last.text}\n`);
    process.exit(143);
  });
  return (text) => {
    if (text !== last.text || Date.now() - last.at >= HEARTBEAT_MS) {
      last = { text, at: Date.now() };
      process.stdout.write(`${new Date().toISOString()} ${text}\n`);
    }
  };
}

/** Ends the gate with a verdict: to the log in full, to the termination message, which `pulumi up` shows, as far as it has room. */
function fail(reason: string, lines: readonly string[]): never {
  process.stdout.write(`${[reason, ...lines].join("\n")}\n`);
  let message = reason;
  for (const [index, line] of lines.entries()) {
    const rest = `\n... and ${String(lines.length - index)} more, see the log of the Job`;
    if (Buffer.byteLength(`${message}\n${line}${rest}`) > MAX_MESSAGE_BYTES) {
      message += rest;
      break;
    }
    message += `\n${line}`;
  }
  try {
    writeFileSync(terminationLog, message);
  } catch (error) {
    process.stdout.write(`the termination message could not be written: ${String(error)}\n`);
  }
  process.exit(1);
}
