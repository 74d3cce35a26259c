/** Prometheus' HTTP API, as far as it answers questions about an instant. */
import { z } from "zod";
import { parseJson } from "../json/parse";
import { UnusableError } from "./unusable";

/** Longer than Prometheus lets a query run. */
const TIMEOUT_MS = 150_000;

/** @see https://prometheus.io/docs/prometheus/latest/querying/api/ (read 2026-11-28) */
const NUMBER = z.tuple([z.number(), z.string()]);
const ANSWER = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [
      z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: NUMBER })) }),
      z.object({ resultType: z.literal("scalar"), result: NUMBER }),
    ]),
  }),
  z.object({ status: z.literal("error"), error: z.string() }),
]);

export interface InstantSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Prometheus {
  /** @param url of its first page: `http://localhost:9090`. */
  constructor(private readonly url: string) {}

  /** Its clock, in seconds since 1970: questions about one instant name it. @throws UnusableError */
  async now(): Promise<number> {
    const [sample] = await this.ask({ query: "time()" });
    if (sample === undefined || !Number.isFinite(sample.value)) {
      throw new UnusableError(`${this.url}: does not say what time it is, so it is no Prometheus that can be asked`);
    }
    return sample.value;
  }

  /** The result of an expression at an instant. @throws UnusableError */
  query(expr: string, time: number): Promise<readonly InstantSample[]> {
    return this.ask({ query: expr, time: String(time) });
  }

  /** By POST, because an expression can be longer than an address. */
  private async ask(form: Readonly<Record<string, string>>): Promise<readonly InstantSample[]> {
    const text = await this.post(new URLSearchParams(form));
    const answer = ANSWER.safeParse(parseJson(text));
    if (!answer.success) {
      throw new UnusableError(`${this.url}: does not answer as Prometheus does. Write the address of Prometheus itself, not of Grafana`);
    }
    if (answer.data.status === "error") {
      throw new UnusableError(`${this.url}: Prometheus answers: ${answer.data.error}`);
    }
    const { data } = answer.data;
    return data.resultType === "scalar"
      ? [{ labels: {}, value: Number(data.result[1]) }]
      : data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  private async post(body: URLSearchParams): Promise<string> {
    try {
      const response = await fetch(`${this.url}/api/v1/query`, {
        method: "POST",
        body,
        // What somebody else answers is not Prometheus' answer.
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await response.text();
    } catch (error) {
      throw new UnusableError(`${this.url}: does not answer (${reasonOf(error)})`);
    }
  }
}

/** `fetch` says "fetch failed", and the reason is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
