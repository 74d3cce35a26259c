/** HTTPS to an API server, in somebody's name. */
import { Agent, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";

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

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Body {
  readonly contentType: string;
  readonly content: unknown;
}

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  /** Warnings for the user, as kubectl prints them. */
  readonly warnings: readonly string[];
}

/** A request that got no answer, or not the whole of it. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** Node.js' name of what happened, `ECONNREFUSED`. */
  readonly code: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code ?? "";
  }
}

const REQUEST_TIMEOUT_MS = 60_000;

export class Connection {
  private readonly agent: Agent;

  constructor(private readonly access: Access) {
    const { ca, credentials } = access;
    const identity = credentials.type === "certificate" ? { cert: credentials.certificate, key: credentials.key } : {};
    this.agent = new Agent({ ca, ...identity, keepAlive: true, maxSockets: 64 });
  }

  /** Ends idle connections, which would keep the process alive. */
  close(): void {
    this.agent.destroy();
  }

  /** One request; an answer of any status. */
  async request(method: Method, path: string, body?: Body): Promise<Answer> {
    const response = await this.send(method, path, body);
    try {
      return await read(response);
    } catch (error) {
      throw new ConnectionError(error as NodeJS.ErrnoException);
    }
  }

  /** An answer that is read as it comes, for as long as the signal allows. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    return this.send("GET", path, undefined, signal);
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
    const content = body === undefined ? undefined : JSON.stringify(body.content);
    if (body !== undefined && content !== undefined) {
      headers["content-type"] = body.contentType;
      // Of a deletion Node.js does not say by itself how long it is, and the server takes the rest for another request.
      headers["content-length"] = String(Buffer.byteLength(content));
    }
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(`${server}${path}`, { method, agent: this.agent, headers, signal }, resolve);
      if (signal === undefined) {
        sent.setTimeout(REQUEST_TIMEOUT_MS, () =>
          sent.destroy(
            Object.assign(new Error(`${method} ${path}: no answer within ${REQUEST_TIMEOUT_MS / 1000} s`), { code: "ETIMEDOUT" }),
          ),
        );
      }
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // The server had closed a connection that was idle: the request did not reach it (Node.js, `request.reusedSocket`).
        if (sent.reusedSocket && error.code === "ECONNRESET" && signal?.aborted !== true) {
          this.send(method, path, body, signal).then(resolve, reject);
        } else {
          // Whoever ends a request with a signal gets the signal's own error.
          reject(signal?.aborted === true ? error : new ConnectionError(error));
        }
      });
      sent.end(content);
    });
  }
}

/** The whole of an answer. */
export async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode ?? 0, body: parse(text), warnings: warningsOf(response) };
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
