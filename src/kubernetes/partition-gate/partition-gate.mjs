// Waits until every GPU node of the stack publishes exactly the devices that its layout promises, or says which node is stuck and what to do about it.
// Runs as a Job inside the cluster (partition-gate.ts): plain Node.js, nothing to install.
//
//   node partition-gate.mjs EXPECTATION.json
//
// Exit status 0: every device is there. 1: verdict, in the termination message. 143: stopped by the kubelet.

import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, list } from "./api-server.mjs";
import { compare } from "./findings.mjs";

/**
 * @typedef {import("./findings.mjs").Finding} Finding
 *
 * @typedef {object} Expectation
 * @property {readonly import("./findings.mjs").NodeGroup[]} groups
 * @property {import("./findings.mjs").Namespaces} namespaces
 * @property {string} firstWithDra
 * @property {number} timeoutSeconds
 * @property {number} pollSeconds
 * @property {number} graceSeconds How long something that time alone does not mend is watched before it is the verdict: MIG Manager takes a moment to drop
 *   the state `failed` of an earlier layout, and the API server's authorizer to see new role bindings.
 */

/** The kubelet keeps so many bytes of a termination message. */
const MAX_MESSAGE_BYTES = 4096;
/** A line is printed at least this often: a log that says nothing new still shows that the gate is alive. */
const HEARTBEAT_MS = 60_000;

const terminationLog = process.env.TERMINATION_LOG ?? "/dev/termination-log";
const expectationFile = process.argv[2];
if (expectationFile === undefined) {
  giveUp("usage: node partition-gate.mjs EXPECTATION.json", []);
}
await wait(JSON.parse(readFileSync(expectationFile, "utf8")));

/** @param {Expectation} expectation */
async function wait({ groups, namespaces, firstWithDra, timeoutSeconds, pollSeconds, graceSeconds }) {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const print = progressPrinter();
  /** When each state that still lasts was first seen. @type {Map<string, number>} */
  let since = new Map();
  /** What a timeout would report. @type {readonly string[]} */
  let lines = [];

  for (;;) {
    const now = Date.now();
    /** @param {string} state */
    const firstSeen = (state) => since.get(state) ?? now;
    /** @param {string} state */
    const pastGrace = (state) => now - firstSeen(state) >= graceSeconds * 1000;
    let cluster;
    try {
      cluster = await readCluster();
    } catch (error) {
      const code = error instanceof ApiError ? error.status : undefined;
      const cause = `API server: ${code === undefined ? "" : `${code} `}${error instanceof Error ? error.message : String(error)}`;
      since.set(cause, firstSeen(cause));
      print(cause);
      if (code === 404) {
        giveUp(
          `${cause}\nThe cluster does not serve resource.k8s.io/v1: Dynamic Resource Allocation needs Kubernetes ${firstWithDra}.`,
          [],
        );
      }
      if ((code === 401 || code === 403) && pastGrace(cause)) {
        giveUp(`${cause}\nThe gate's service account must be allowed to list nodes and resourceslices.`, []);
      }
      // What was seen of the nodes says more than a hiccup at the end.
      lines = lines.length > 0 ? lines : [cause];
    }
    if (cluster !== undefined) {
      const { published, wanted, findings } = compare(groups, cluster, namespaces);
      if (findings.length === 0) {
        print(`${published} of ${wanted} devices published: complete`);
        return;
      }
      since = new Map(findings.map((finding) => [stateOf(finding), firstSeen(stateOf(finding))]));
      lines = findings.map((finding) => `${status(finding, duration(now - firstSeen(stateOf(finding))))}; ${finding.remedy}`);
      print(`${published} of ${wanted} devices published; ${findings.map((finding) => status(finding)).join("; ")}`);
      if (findings.some((finding) => finding.final && pastGrace(stateOf(finding)))) {
        giveUp("The GPUs are not divided as configured, and waiting longer does not help.", lines);
      }
    }
    if (Date.now() + pollSeconds * 1000 > deadline) {
      giveUp(`The GPUs were not divided as configured within ${duration(timeoutSeconds * 1000)}.`, lines);
    }
    await sleep(pollSeconds * 1000);
  }
}

async function readCluster() {
  return {
    nodes: await list("/api/v1/nodes", "labelSelector=node-role%3Dgpu"),
    slices: await list("/apis/resource.k8s.io/v1/resourceslices", "fieldSelector=spec.driver%3Dgpu.nvidia.com"),
  };
}

/** @param {Finding} finding */
function stateOf({ subject, state }) {
  return `${subject}: ${state}`;
}

/**
 * @param {Finding} finding
 * @param {string} [lasting] How long the state has lasted.
 */
function status(finding, lasting) {
  return [`${stateOf(finding)}${lasting === undefined ? "" : ` for ${lasting}`}`, finding.detail].filter(Boolean).join(", ");
}

/** @param {number} milliseconds */
function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** Prints what is new, and what is not after a while. A node drain or the Job's deadline ends the process with what it printed last. */
function progressPrinter() {
  let last = { text: "nothing seen of the cluster yet", at: 0 };
  process.on("SIGTERM", () => {
    process.stdout.write(`stopped by the kubelet; last seen: ${last.text}\n`);
    process.exit(143);
  });
  return (/** @type {string} */ text) => {
    if (text !== last.text || Date.now() - last.at >= HEARTBEAT_MS) {
      last = { text, at: Date.now() };
      process.stdout.write(`${new Date().toISOString()} ${text}\n`);
    }
  };
}

/**
 * Ends the gate with a verdict: to the log in full, to the termination message, which `pulumi up` shows, as far as it has room.
 * @param {string} reason
 * @param {readonly string[]} lines
 * @returns {never}
 */
function giveUp(reason, lines) {
  process.stdout.write(`${[reason, ...lines].join("\n")}\n`);
  let message = reason;
  for (const [index, line] of lines.entries()) {
    const rest = `\n... and ${lines.length - index} more, see the log of the Job`;
    if (Buffer.byteLength(`${message}\n${line}${rest}`) > MAX_MESSAGE_BYTES) {
      message += rest;
      break;
    }
    message += `\n${line}`;
  }
  try {
    writeFileSync(terminationLog, message);
  } catch (error) {
    process.stdout.write(`the termination message could not be written: ${error}\n`);
  }
  process.exit(1);
}
