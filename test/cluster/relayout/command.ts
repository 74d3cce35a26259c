/** `npm run relayout` on the real control plane, as somebody runs it who has the documented roles and nothing else. */
import { spawn } from "node:child_process";
import type { Node } from "../../../src/cluster/nodes";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { RELAYOUT_ANNOTATION } from "../../../src/relayout/record";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../../src/well-known/labels";
import { GPU_OPERATOR_NAMESPACE } from "../../../src/well-known/namespaces";
import type { Cluster } from "../../harness/fleet/cluster";
import { kubectlShell } from "../../harness/fleet/reader";
import type { Shell } from "../../harness/fleet/reader";
import { documentedRoles } from "../../relayout/documented";
import { ROOT } from "../../support/program";

/** Somebody who has the documented roles, and nothing else. */
export async function inTheNameOfTheRoles({ api, apply }: Cluster, namespace: string): Promise<[ApiServer, Shell]> {
  const subject = { kind: "ServiceAccount", name: "operator", namespace };
  await apply([{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: subject.name, namespace } }]);
  for (const role of documentedRoles()) {
    const { kind, metadata } = role;
    await apply([
      role,
      {
        apiVersion: role.apiVersion,
        kind: `${kind}Binding`,
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: String(metadata["name"]) },
        subjects: [subject],
      },
    ]);
  }
  const token = await api.request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${subject.name}/token`, {
    contentType: "application/json",
    content: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 86_400 } },
  });
  const named = api.as(String(token.body.status.token));
  // The authorizer reads roles from a copy.
  await waitFor("the rights of the roles", async () => (await named.request("GET", "/api/v1/nodes")).status === 200);
  return [named, await kubectlShell(named)];
}

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The beginnings of lines that say a step: the node, and what is done. */
export const STEP = /^\S+\.internal: [^\s=]+(?: until \S+ \S+)?/gm;

/**
 * Runs the command.
 * @param isEnd whether it gets a SIGKILL as soon as it has said a step. @default never
 * @param end gives it a SIGKILL too. @default never
 */
export type Command = (args: readonly string[], isEnd?: (step: string) => boolean, end?: Promise<void>) => Promise<Ended>;

/** `npm run relayout` in the name of a shell's user. */
export function relayoutCommand(shell: Shell): Command {
  return (args, isEnd = () => false, end) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--require", "./transpile.js", "src/cli/relayout.ts", ...args], {
        cwd: ROOT,
        env: { ...process.env, ...shell.env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      void end?.then(() => child.kill("SIGKILL"));
      let [stdout, stderr] = ["", ""];
      let said = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        const steps = stdout.match(STEP) ?? [];
        if (steps.slice(said).some(isEnd)) {
          child.kill("SIGKILL");
        }
        said = steps.length;
      });
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code, stdout, stderr });
      });
    });
}

/** The locks of a process that was killed is good for a second more, so that not every test waits for its whole time. */
export async function shortenLocks(api: ApiServer): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/leases`;
  for (const { metadata } of (await api.list(path)).filter((lease) => /-relayout$/.test(String(lease.metadata["name"])))) {
    const name = String(metadata["name"]);
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: GPU_OPERATOR_NAMESPACE } };
    await api.merge(lease, { spec: { leaseDurationSeconds: 1 } });
  }
}

export interface Shown {
  readonly name: string;
  readonly layout: unknown;
  readonly state: unknown;
  readonly isCordoned: boolean;
  readonly record: unknown;
}

export async function shownNodes(api: ApiServer, nodes: readonly Node[]): Promise<readonly Shown[]> {
  const all = await Promise.all(nodes.map(({ name }) => api.get(`/api/v1/nodes/${name}`) as Promise<KubernetesObject>));
  return all.map(({ metadata, spec }) => ({
    name: String(metadata["name"]),
    layout: metadata["labels"]?.[MIG_CONFIG_LABEL] as unknown,
    state: metadata["labels"]?.[MIG_CONFIG_STATE_LABEL] as unknown,
    isCordoned: spec.unschedulable === true,
    record: metadata["annotations"]?.[RELAYOUT_ANNOTATION] as unknown,
  }));
}

export const settled = (name: string, layout: string): Shown => ({ name, layout, state: "success", isCordoned: false, record: undefined });
