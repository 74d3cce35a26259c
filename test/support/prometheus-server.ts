/** A server that answers as Prometheus' HTTP API does, with what a test says. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** What is asked: the form of the request. */
export type Asked = Readonly<Record<string, string>>;

export interface PrometheusServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly close: () => Promise<void>;
}

export function vector(...samples: readonly Sample[]) {
  return { status: "success", data: { resultType: "vector", result: samples } };
}

export function scalar(value: number) {
  return { status: "success", data: { resultType: "scalar", result: [value, String(value)] } };
}

/** @param answer the body for a query. A text goes out as it is. */
export async function startPrometheus(answer: (query: string) => object | string): Promise<PrometheusServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      asked.push({ ...form, method: request.method ?? "", path: request.url ?? "" });
      const content = answer(form["query"] ?? "");
      response.writeHead(200, { "content-type": "application/json" }).end(typeof content === "string" ? content : JSON.stringify(content));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
