/**
 * What the unmodified kubelet plugins of NVIDIA's DRA driver published into a real API server, over a simulated NVML (2026-11-26). `main` is the branch for 0.5.0.
 * The NVML had the memory of drivers up to 550 beside the version 580.159.03, except in `80-9728`. The files are as they were recorded: never edit them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCapture } from "../../../src/dra/capture/read";
import type { CapturedNode } from "../../../src/dra/capture/read";

export const RECORDINGS = [
  "main-bal-addr-hmm",
  "slice-main-balanced.sorted",
  "slice-main-whole.sorted",
  "slice-v0.4.1-balanced.sorted",
  "slice-v0.4.1-whole.sorted",
  "slice-v25.12.0-balanced.sorted",
  "slice-v25.12.0-whole.sorted",
  "slice-v25.8.1-balanced.sorted",
  "slice-v25.8.1-whole.sorted",
  "v0.4.1-80",
  "v0.4.1-80-9728",
  "v0.4.1-bal-addr-hmm",
  "v0.4.1-mixed",
  "v25.12.0-bal-addr-hmm",
  "v25.8.1-mixed",
] as const;

export type RecordingName = (typeof RECORDINGS)[number];

/** The recording as a document, as `kubectl -o json` writes it. Those that are `sorted` have the devices by name, and nothing of a slice but its spec. */
export function recordedDocument(name: RecordingName): unknown {
  const document: unknown = JSON.parse(readFileSync(join(__dirname, `${name}.json`), "utf8"));
  return name.endsWith(".sorted") ? { apiVersion: "resource.k8s.io/v1", kind: "ResourceSlice", spec: document } : document;
}

/** The only node of a recording. */
export function recordedNode(name: RecordingName): CapturedNode {
  const capture = readCapture([recordedDocument(name)]);
  const [node, ...others] = capture.type === "capture" ? capture.nodes : [];
  if (node === undefined || others.length > 0) {
    throw new Error(`${name} is of one node`);
  }
  return node;
}
