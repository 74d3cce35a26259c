/**
 * A Kubernetes API server, spoken to in plain JSON. Not the official client: it rewrites objects through generated models on the way, and what
 * counts here is whether an API server takes exactly what it is sent, with which status and which warnings.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Access, Answer, Body, Method } from "./connection";
import { Connection, ConnectionError, read } from "./connection";
import type { Created } from "./created";
import { Discovery } from "./discovery";
import { UnusableError } from "../unusable";

export type { Access, Answer, User } from "./connection";

/** A Kubernetes object of any kind, as JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KubernetesObject = Readonly<Record<string, any>> & {
  readonly apiVersion: string;
  readonly kind: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly metadata: Readonly<Record<string, any>>;
};

/** What the API server says when it does not do what it was asked. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** `Forbidden`, `Invalid`, `NotFound`, ... */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Whether a request can succeed when it is made again: its object has gone or another one has its name, or the connection was lost. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError ? [404, 409].includes(error.status) : error instanceof ConnectionError && error.code === "ECONNRESET";
}

/** Whether the cluster is the reason: its API server has refused a request or cannot be reached, or it cannot be used as it is. */
export function isOfCluster(error: unknown): error is Error {
  return error instanceof UnusableError || error instanceof ApiError || error instanceof ConnectionError;
}

export interface WriteOptions {
  /** Checked and answered, not stored. @default false */
  readonly dryRun?: boolean;
  /** Who owns the fields of an apply. @default "shared-gpu-rehearsal" */
  readonly fieldManager?: string;
}

export interface MergeOptions {
  /** Changes the status instead. */
  readonly subresource?: "status";
  /** Who owns the fields afterwards. @default whoever the API server takes the client for */
  readonly fieldManager?: string;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject;
}

const PAGE = 500;

/** How often a request is sent again that the API server could not count on a quota, and how long to wait before, times the attempts so far. */
const UNCOUNTED = { attempts: 20, pauseMs: 25 };

export class ApiServer {
  private readonly connection: Connection;
  private readonly discovery = new Discovery((path) => this.get(path));

  /** @param created where to note what is created and applied. @default nowhere */
  constructor(
    readonly access: Access,
    private readonly created?: Created,
  ) {
    this.connection = new Connection(access);
  }

  /** The same server, asked by somebody else. */
  as(token: string): ApiServer {
    return new ApiServer({ ...this.access, credentials: { type: "token", token } }, this.created);
  }

  /** Ends idle connections, which would keep the process alive. */
  close(): void {
    this.connection.close();
  }

  /**
   * One request; an answer of any status. A quota that others change at the same moment is no answer about the object: the API server gives up after three
   * attempts of its own (k8s.io/apiserver 0.34, `quotaEvaluator.checkQuotas`), so the request is sent again.
   */
  async request(method: Method, path: string, body?: Body): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.connection.request(method, path, body);
      if (!isUncounted(answer) || attempt === UNCOUNTED.attempts) {
        return answer;
      }
      await sleep(attempt * UNCOUNTED.pauseMs);
    }
  }

  /** @throws ApiError for a status of 400 and more. */
  async get(path: string): Promise<Answer["body"]> {
    return bodyOf(await this.request("GET", path));
  }

  /** All items of a collection, page by page. @param query such as `labelSelector=a%3Db`. */
  async list(path: string, query = ""): Promise<readonly KubernetesObject[]> {
    const items: KubernetesObject[] = [];
    let next = "";
    do {
      const page = await this.get(
        `${path}?limit=${PAGE}${query === "" ? "" : `&${query}`}${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`,
      );
      items.push(...(page.items as readonly KubernetesObject[]));
      next = String(page.metadata?.continue ?? "");
    } while (next !== "");
    return items;
  }

  /** Creates an object. Unknown and duplicate fields are errors. @throws ApiError */
  async create(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return bodyOf(await this.tryCreate(object, options)) as KubernetesObject;
  }

  /** Creates an object; the answer whatever it is. */
  async tryCreate(object: KubernetesObject, options: WriteOptions = {}): Promise<Answer> {
    const collection = await this.discovery.collection(object);
    const answer = await this.request("POST", `${collection}?${queryOf(options)}`, json(object));
    if (answer.status < 300 && options.dryRun !== true) {
      this.created?.note(collection, String(answer.body.metadata.name));
    }
    return answer;
  }

  /** Server-side apply, taking fields from other owners. Unknown fields are errors. @throws ApiError */
  async apply(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return bodyOf(await this.tryApply(object, options)) as KubernetesObject;
  }

  /** Applies an object; the answer whatever it is. @throws UnusableError before it takes over an object of somebody else. */
  async tryApply(object: KubernetesObject, options: WriteOptions = {}): Promise<Answer> {
    const { fieldManager = "shared-gpu-rehearsal", ...rest } = options;
    const path = await this.pathOf(object);
    if (this.created !== undefined && rest.dryRun !== true) {
      await this.claim(object, this.created);
    }
    const query = `fieldManager=${fieldManager}&force=true&${queryOf(rest)}`;
    const body = { contentType: "application/apply-patch+yaml", content: object };
    return this.request("PATCH", `${path}?${query}`, body);
  }

  /** A merge patch of an object or, with `subresource`, of its status. @throws ApiError */
  async merge(object: KubernetesObject, patch: unknown, { subresource, fieldManager }: MergeOptions = {}): Promise<KubernetesObject> {
    const target = `${await this.pathOf(object)}${subresource === undefined ? "" : `/${subresource}`}`;
    const path = fieldManager === undefined ? target : `${target}?fieldManager=${fieldManager}`;
    return bodyOf(await this.request("PATCH", path, { contentType: "application/merge-patch+json", content: patch })) as KubernetesObject;
  }

  /** Deletes an object at once, without a grace period. One that is gone already is no error. @throws ApiError */
  async delete(object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">): Promise<void> {
    const answer = await this.request("DELETE", `${await this.pathOf(object)}?gracePeriodSeconds=0&propagationPolicy=Background`);
    if (answer.status !== 404) {
      bodyOf(answer);
    }
  }

  /** Deletes a whole collection, such as `/api/v1/namespaces/a/pods`, at once. @throws ApiError */
  async deleteAll(path: string, query = ""): Promise<void> {
    bodyOf(await this.request("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background${query === "" ? "" : `&${query}`}`));
  }

  /** The object as it is; undefined when there is none. @throws ApiError */
  async find(object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">): Promise<KubernetesObject | undefined> {
    const answer = await this.request("GET", await this.pathOf(object));
    return answer.status === 404 ? undefined : (bodyOf(answer) as KubernetesObject);
  }

  /** `/apis/apps/v1/namespaces/a/deployments/b`. @throws Error for a kind that the server does not serve. */
  async pathOf(object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">): Promise<string> {
    return `${await this.discovery.collection(object)}/${String(object.metadata["name"])}`;
  }

  /**
   * Streams the changes of a collection, starting with what is there, until the signal or the server ends it. The server ends watches when it likes: call
   * again, and treat what is `ADDED` then as the state.
   */
  async watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal, query = ""): Promise<void> {
    const url = `${path}?watch=true&allowWatchBookmarks=false${query === "" ? "" : `&${query}`}`;
    const response = await this.connection.stream(url, signal);
    if ((response.statusCode ?? 0) >= 400) {
      throw errorOf(await read(response));
    }
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        onEvent(JSON.parse(line) as WatchEvent);
      }
    }
  }

  /** Notes an object before it is applied. */
  private async claim(object: KubernetesObject, created: Created): Promise<void> {
    const collection = await this.discovery.collection(object);
    const name = String(object.metadata["name"]);
    if (!created.has(collection, name)) {
      if ((await this.find(object)) !== undefined) {
        throw new UnusableError(`the cluster has ${collection}/${name} already. Name a spare cluster, without this platform`);
      }
      created.note(collection, name);
    }
  }
}

/** Nothing was stored, because the quota that counts the object had changed in the meantime. */
function isUncounted({ status, body }: Answer): boolean {
  return status === 409 && body?.reason === "Conflict" && body.details?.kind === "resourcequotas";
}

function json(content: unknown): Body {
  return { contentType: "application/json", content };
}

function queryOf({ dryRun = false, fieldManager }: WriteOptions): string {
  return [
    "fieldValidation=Strict",
    ...(dryRun ? ["dryRun=All"] : []),
    ...(fieldManager === undefined ? [] : [`fieldManager=${fieldManager}`]),
  ].join("&");
}

function bodyOf(answer: Answer): Answer["body"] {
  if (answer.status >= 400) {
    throw errorOf(answer);
  }
  return answer.body;
}

export function errorOf({ status, body }: Answer): ApiError {
  return new ApiError(status, String(body?.reason ?? ""), String(body?.message ?? body));
}
