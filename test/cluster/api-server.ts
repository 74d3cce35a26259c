/**
 * A Kubernetes API server, spoken to in plain JSON. Not the official client: it rewrites objects through generated models on the way, and what these
 * tests are about is whether an API server takes exactly what the stack sends, with which status and which warnings.
 */
import { Agent, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { Discovery } from "./discovery";

/** Where an API server is and who asks. */
export interface Access {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authorities that its certificate is checked against. */
  readonly ca: string;
  readonly credentials: Credentials;
  /** In whose name to ask, where the credentials allow that. @default the credentials' own user */
  readonly impersonated?: User;
}

/** Somebody who can log in. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export type Credentials =
  { readonly type: "token"; readonly token: string } | { readonly type: "certificate"; readonly certificate: string; readonly key: string };

/** A Kubernetes object of any kind, as JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KubernetesObject = Readonly<Record<string, any>> & {
  readonly apiVersion: string;
  readonly kind: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly metadata: Readonly<Record<string, any>>;
};

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  /** Warnings for the user, as kubectl prints them. */
  readonly warnings: readonly string[];
}

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

export interface WriteOptions {
  /** Checked and answered, not stored. @default false */
  readonly dryRun?: boolean;
  /** Who owns the fields of an apply. @default "shared-gpu-test" */
  readonly fieldManager?: string;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Body {
  readonly contentType: string;
  readonly content: unknown;
}

const REQUEST_TIMEOUT_MS = 60_000;
const PAGE = 500;

export class ApiServer {
  private readonly agent: Agent;
  private readonly discovery = new Discovery((path) => this.get(path));
  private readonly created: KubernetesObject[] = [];

  constructor(readonly access: Access) {
    const { ca, credentials } = access;
    const identity = credentials.type === "certificate" ? { cert: credentials.certificate, key: credentials.key } : {};
    this.agent = new Agent({ ca, ...identity, keepAlive: true, maxSockets: 64 });
  }

  /** The same server, asked by somebody else. */
  as(token: string): ApiServer {
    return new ApiServer({ ...this.access, credentials: { type: "token", token } });
  }

  /** Deletes what was created or applied here, the last first. */
  async removeCreated(): Promise<void> {
    for (const object of this.created.splice(0).reverse()) {
      // A kind whose definition is gone has no objects any more.
      await this.delete(object).catch((error: unknown) => {
        if (error instanceof ApiError && error.status !== 404) {
          throw error;
        }
      });
    }
  }

  private note(object: KubernetesObject, { dryRun = false }: WriteOptions): void {
    if (!dryRun && object.metadata["name"] !== undefined) {
      this.created.push(object);
    }
  }

  /** Ends idle connections, which would keep the process alive. */
  close(): void {
    this.agent.destroy();
  }

  /** One request; an answer of any status. */
  async request(method: Method, path: string, body?: Body): Promise<Answer> {
    const response = await this.send(method, path, body);
    const text = await textOf(response);
    return { status: response.statusCode ?? 0, body: parse(text), warnings: warningsOf(response) };
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
    const path = await this.discovery.collection(object);
    this.note(object, options);
    return this.request("POST", `${path}?${queryOf(options)}`, json(object));
  }

  /** Server-side apply, taking fields from other owners. Unknown fields are errors. @throws ApiError */
  async apply(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return bodyOf(await this.tryApply(object, options)) as KubernetesObject;
  }

  /** Applies an object; the answer whatever it is. */
  async tryApply(object: KubernetesObject, options: WriteOptions = {}): Promise<Answer> {
    const { fieldManager = "shared-gpu-test", ...rest } = options;
    const path = await this.pathOf(object);
    this.note(object, rest);
    const query = `fieldManager=${fieldManager}&force=true&${queryOf(rest)}`;
    const body = { contentType: "application/apply-patch+yaml", content: object };
    return this.request("PATCH", `${path}?${query}`, body);
  }

  /** A merge patch of an object or, with `subresource`, of its status. @throws ApiError */
  async merge(object: KubernetesObject, patch: unknown, subresource?: "status"): Promise<KubernetesObject> {
    const path = `${await this.pathOf(object)}${subresource === undefined ? "" : `/${subresource}`}`;
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
    const response = await this.send("GET", url, undefined, signal);
    if ((response.statusCode ?? 0) >= 400) {
      throw errorOf({ status: response.statusCode ?? 0, body: parse(await textOf(response)), warnings: [] });
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

  private send(method: Method, path: string, body?: Body, signal?: AbortSignal): Promise<IncomingMessage> {
    const { server, credentials, impersonated } = this.access;
    const headers: Record<string, string | string[]> = { accept: "application/json" };
    if (impersonated !== undefined) {
      headers["impersonate-user"] = impersonated.name;
      headers["impersonate-group"] = [...impersonated.groups];
    }
    if (credentials.type === "token") {
      headers["authorization"] = `Bearer ${credentials.token}`;
    }
    if (body !== undefined) {
      headers["content-type"] = body.contentType;
    }
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(`${server}${path}`, { method, agent: this.agent, headers, signal }, resolve);
      if (signal === undefined) {
        sent.setTimeout(REQUEST_TIMEOUT_MS, () =>
          sent.destroy(new Error(`${method} ${path}: no answer within ${REQUEST_TIMEOUT_MS / 1000} s`)),
        );
      }
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body.content));
    });
  }
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

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `299 - "would violate PodSecurity ..."` without the code. */
function warningsOf({ headers }: IncomingMessage): readonly string[] {
  const header = headers["warning"] as string | readonly string[] | undefined;
  const values = typeof header === "string" ? [header] : (header ?? []);
  return values.map((value) => value.replace(/^299 - "?/, "").replace(/"$/, ""));
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
