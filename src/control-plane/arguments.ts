/**
 * The command lines of a control plane on loopback without any kubelet.
 *
 * It differs from EKS in what cannot be had without nodes and accounts: users come from a token file, not from IAM, and etcd keeps nothing on disk for long
 * (no fsync). `Settings` say what is different besides.
 */
import { join } from "node:path";
import { SERVICE_RANGES } from "../well-known/service-ranges";

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

/** How fast the scheduler and the controller manager may talk to the API server: as upstream starts them, or without a limit that would be felt. */
export type ClientRate = "default" | "unlimited";

/**
 * `without-kubelets`: nodes stay as they are made. The controllers are off that would taint them once no kubelet renews a lease, and so is the admission
 * plugin that taints new nodes until those controllers clear them; and quotas are counted again every five seconds. `upstream`: the defaults.
 */
export type Settings = "without-kubelets" | "upstream";

export const FILES = {
  tokens: "tokens.csv",
  serviceAccountKey: "service-accounts.key",
  serviceAccountPublicKey: "service-accounts.pub",
  certificates: "certificates",
  /** Made by the API server when it starts: its certificate and the authority that signed it. */
  servingCertificate: join("certificates", "apiserver.crt"),
  controllerManagerKubeconfig: "controller-manager.kubeconfig",
  schedulerKubeconfig: "scheduler.kubeconfig",
} as const;

const LOOPBACK = "127.0.0.1";

/** EKS gives a cluster one of these. */
const [SERVICE_RANGE] = SERVICE_RANGES;

export function etcdArguments(folder: string, { etcd, etcdPeer }: Ports): readonly string[] {
  const client = `http://${LOOPBACK}:${etcd}`;
  const peer = `http://${LOOPBACK}:${etcdPeer}`;
  return [
    "--name=shared-gpu",
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=shared-gpu=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

export function apiServerArguments(folder: string, { etcd, apiServer }: Ports, settings: Settings): readonly string[] {
  return [
    `--etcd-servers=http://${LOOPBACK}:${etcd}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${apiServer}`,
    `--cert-dir=${join(folder, FILES.certificates)}`,
    `--token-auth-file=${join(folder, FILES.tokens)}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    ...(settings === "upstream" ? [] : ["--disable-admission-plugins=TaintNodesByCondition"]),
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, FILES.serviceAccountPublicKey)}`,
    `--service-account-signing-key-file=${join(folder, FILES.serviceAccountKey)}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    "--endpoint-reconciler-type=none",
    "--allow-privileged=true",
    "--profiling=false",
  ];
}

export function controllerManagerArguments(
  folder: string,
  { controllerManager }: Ports,
  rate: ClientRate,
  settings: Settings,
): readonly string[] {
  return [
    ...clientArguments(join(folder, FILES.controllerManagerKubeconfig), rate),
    `--secure-port=${controllerManager}`,
    `--cert-dir=${join(folder, FILES.certificates)}`,
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${join(folder, FILES.serviceAccountKey)}`,
    `--root-ca-file=${join(folder, FILES.servingCertificate)}`,
    ...(settings === "upstream" ? [] : WITHOUT_KUBELETS),
  ];
}

const WITHOUT_KUBELETS = ["--controllers=*,-node-lifecycle-controller,-node-ipam-controller"];

export function schedulerArguments(folder: string, { scheduler }: Ports, rate: ClientRate): readonly string[] {
  return [
    ...clientArguments(join(folder, FILES.schedulerKubeconfig), rate),
    `--secure-port=${scheduler}`,
    `--cert-dir=${join(folder, FILES.certificates)}`,
  ];
}

function clientArguments(kubeconfig: string, rate: ClientRate): readonly string[] {
  return [
    ...["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map((flag) => `--${flag}=${kubeconfig}`),
    `--bind-address=${LOOPBACK}`,
    "--leader-elect=false",
    "--profiling=false",
    ...(rate === "unlimited" ? ["--kube-api-qps=2000", "--kube-api-burst=4000"] : []),
  ];
}
