/** The Kubernetes API server as a pod reaches it: over TLS with the mounted CA, as the pod's service account. */
import { readFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";

const REQUEST_TIMEOUT_MS = 30_000;

const serviceAccountDir = process.env["SERVICE_ACCOUNT_DIR"] ?? "/var/run/secrets/kubernetes.io/serviceaccount";
const server =
  process.env["API_SERVER"] ?? `https://${process.env["KUBERNETES_SERVICE_HOST"] ?? ""}:${process.env["KUBERNETES_SERVICE_PORT"] ?? ""}`;

/** An answer of the API server other than 200. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Lists a collection, page by page.
 * @param query URL query without paging, `labelSelector=...`.
 * @throws ApiError for an answer other than 200; other errors for no answer.
 */
export async function list<T>(path: string, query: string): Promise<readonly T[]> {
  const items: T[] = [];
  let next = "";
  do {
    const page = (await getJson(`${path}?${query}&limit=250${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`)) as {
      readonly items: readonly T[];
      readonly metadata?: { readonly continue?: string };
    };
    items.push(...page.items);
    next = page.metadata?.continue ?? "";
  } while (next !== "");
  return items;
}

async function getJson(path: string): Promise<unknown> {
  const { status, body } = await request(path);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ApiError(status, body.slice(0, 300));
  }
  if (status !== 200) {
    throw new ApiError(status, (value as { readonly message?: string }).message ?? body.slice(0, 300));
  }
  return value;
}

function request(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const tls = server.startsWith("https:");
  const options = {
    ca: tls ? readFileSync(`${serviceAccountDir}/ca.crt`) : undefined,
    // Read for every request: the kubelet renews it.
    headers: { authorization: `Bearer ${readFileSync(`${serviceAccountDir}/token`, "utf8").trim()}`, accept: "application/json" },
    timeout: REQUEST_TIMEOUT_MS,
  };
  return new Promise((resolve, reject) => {
    const sent = (tls ? httpsGet : httpGet)(`${server}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${String(REQUEST_TIMEOUT_MS / 1000)} s`)));
    sent.on("error", reject);
  });
}
