/** What a control plane offers, wherever it runs. */
import type { ApiServer, User } from "../live/api/api-server";
import type { ClientRate, Settings } from "./arguments";

export interface ControlPlaneOptions {
  /** Users besides the administrator. @default none */
  readonly users?: readonly User[];
  /** @default "default" */
  readonly clientRate?: ClientRate;
  /** @default "without-kubelets" */
  readonly settings?: Settings;
  /** `apiServer`: neither controllers nor a scheduler change what is created. On a live cluster an error. @default "all" */
  readonly parts?: "all" | "apiServer";
  /** Flags of the API server besides, such as `--runtime-config=...`. On a live cluster an error. @default none */
  readonly apiServerFlags?: readonly string[];
}

export interface ControlPlane {
  /** Asked by the administrator. */
  readonly api: ApiServer;
  readonly server: string;
  /** PEM of the authority behind the server's certificate. */
  readonly ca: string;
  /** The API server, asked by one of the users. @throws Error for a name that is not among them. */
  as(user: string): ApiServer;
  /** The token of a user, for programs that log in by themselves. @throws Error for a name that is not among the users, and on a live cluster. */
  token(user: string): string;
  /** A kubeconfig, as JSON text, for the administrator. */
  readonly kubeconfig: string;
  /** Ends a process and starts it again, to see what survives that. */
  restart(process: "kube-scheduler" | "kube-controller-manager"): Promise<void>;
  stop(): Promise<void>;
}
