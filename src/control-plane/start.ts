/** A real Kubernetes control plane on loopback: etcd, kube-apiserver, kube-controller-manager, kube-scheduler. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiServer } from "../live/api/api-server";
import { UnusableError } from "../live/unusable";
import type { Access, User } from "../live/api/api-server";
import { FILES, apiServerArguments, controllerManagerArguments, etcdArguments, schedulerArguments } from "./arguments";
import type { Ports } from "./arguments";
import { wholeCertificate } from "./certificate";
import { kubeconfig } from "./kubeconfig";
import type { ControlPlane, ControlPlaneOptions } from "./control-plane";
import { FOLDER_PREFIX, removeLeftovers } from "./leftovers";
import { Processes } from "./processes";
import type { ControlPlanePaths } from "./programs/kubernetes";

export type { ControlPlane, ControlPlaneOptions } from "./control-plane";

export const ADMIN = "admin";
/** The components log in as upstream's do, with the roles that Kubernetes binds to these names. */
const COMPONENTS: readonly User[] = [
  { name: ADMIN, groups: ["system:masters"] },
  { name: "system:kube-controller-manager", groups: [] },
  { name: "system:kube-scheduler", groups: [] },
];

/** How often a start is tried: a port that was free can be taken by the time that a process wants it. */
const ATTEMPTS = 3;

/**
 * Starts a control plane with ports and a folder of its own; about five seconds. Its processes end with the calling process, whatever ends that.
 * @param programs paths of the four.
 * @throws UnusableError with the end of a process's log when it does not start, or where its files cannot be written.
 */
export async function startControlPlane(programs: ControlPlanePaths, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  removeLeftovers();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStart(programs, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use/.test(String(error))) {
        throw error;
      }
    }
  }
}

async function tryToStart(
  programs: ControlPlanePaths,
  { users = [], clientRate = "default", settings = "without-kubelets", parts = "all", apiServerFlags = [] }: ControlPlaneOptions,
): Promise<ControlPlane> {
  const folder = makeFolder();
  const ports = await freePorts();
  const tokens = new Map([...COMPONENTS, ...users].map(({ name }) => [name, randomBytes(16).toString("hex")]));
  const token = (user: string): string => {
    const found = tokens.get(user);
    if (found === undefined) {
      throw new Error(`there is no user ${user}`);
    }
    return found;
  };
  const processes = new Processes(folder, programs);
  try {
    writeIdentities(folder, [...COMPONENTS, ...users], token);
    const server = `https://127.0.0.1:${ports.apiServer}`;
    processes.start("etcd", etcdArguments(folder, ports));
    processes.start("kube-apiserver", [...apiServerArguments(folder, ports, settings), ...apiServerFlags]);
    const ca = await processes.until("kube-apiserver", () => Promise.resolve(wholeCertificate(join(folder, FILES.servingCertificate))));
    const access = (user: string): Access => ({ server, ca, credentials: { type: "token", token: token(user) } });
    const api = new ApiServer(access(ADMIN));
    const others: ApiServer[] = [];
    await processes.until("kube-apiserver", async () => (await api.request("GET", "/readyz")).status === 200);

    writeFileSync(join(folder, FILES.controllerManagerKubeconfig), kubeconfig(access("system:kube-controller-manager")));
    writeFileSync(join(folder, FILES.schedulerKubeconfig), kubeconfig(access("system:kube-scheduler")));
    const argumentsOf = {
      "kube-controller-manager": controllerManagerArguments(folder, ports, clientRate, settings),
      "kube-scheduler": schedulerArguments(folder, ports, clientRate),
    };
    if (parts === "all") {
      processes.start("kube-controller-manager", argumentsOf["kube-controller-manager"]);
      processes.start("kube-scheduler", argumentsOf["kube-scheduler"]);
      await processes.until("kube-scheduler", () => answers(ports.scheduler));
      // Pods can be created once the controllers have made the namespace's service account.
      await processes.until(
        "kube-controller-manager",
        async () => (await api.request("GET", "/api/v1/namespaces/default/serviceaccounts/default")).status === 200,
      );
    }
    return {
      api,
      server,
      ca,
      as: (user) => {
        const asked = new ApiServer(access(user));
        others.push(asked);
        return asked;
      },
      token,
      kubeconfig: kubeconfig(access(ADMIN)),
      restart: (name) => processes.restart(name, argumentsOf[name]),
      stop: async () => {
        [api, ...others].forEach((each) => each.close());
        await processes.end();
      },
    };
  } catch (error) {
    await processes.end();
    throw isOfFiles(error) ? new UnusableError(`${folder}: cannot be written (${error.code}). TMPDIR names another place`) : error;
  }
}

/** @throws UnusableError where no folder can be made. */
function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  } catch (error) {
    throw isOfFiles(error)
      ? new UnusableError(`${tmpdir()}: the control plane can make no folder there (${error.code}). TMPDIR names another place`)
      : error;
  }
}

const OF_FILES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EMFILE"]);

/** A full disk, a missing right, and the like. */
function isOfFiles(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && OF_FILES.has(error.code);
}

/** Tokens, and the key pair that signs the tokens of service accounts. */
function writeIdentities(folder: string, users: readonly User[], token: (user: string) => string): void {
  mkdirSync(join(folder, FILES.certificates));
  const lines = users.map(({ name, groups }) => `${token(name)},${name},${name},"${groups.join(",")}"`);
  writeFileSync(join(folder, FILES.tokens), `${lines.join("\n")}\n`, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, FILES.serviceAccountKey), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  writeFileSync(join(folder, FILES.serviceAccountPublicKey), publicKey.export({ type: "spki", format: "pem" }));
}

/** Ports that were free a moment ago. All are held until the last is found, so that none is found twice. */
async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 5 }, () => createServer());
  const listening = servers.map(
    (server) => new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))),
  );
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] = await Promise.all(listening);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { etcd, etcdPeer, apiServer, controllerManager, scheduler };
}

/** Whether a component's own health endpoint answers. Its certificate is one that it made for itself, and of no interest here. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = get({ host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.on("error", () => {
      resolve(false);
    });
  });
}
