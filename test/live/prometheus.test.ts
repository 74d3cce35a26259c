import { Prometheus } from "../../src/live/prometheus";
import { readUsage } from "../../src/live/usage";
import { scalar, startPrometheus, vector } from "../support/prometheus-server";

async function asking(answer: object | string): Promise<unknown> {
  const server = await startPrometheus(() => answer);
  try {
    return await new Prometheus(server.url).query("up", 10);
  } finally {
    await server.close();
  }
}

test("a vector is samples with labels and numbers", async () => {
  const answer = vector({ metric: { job: "a" }, value: [10, "1.5"] }, { metric: {}, value: [10, "NaN"] });
  expect(await asking(answer)).toEqual([
    { labels: { job: "a" }, value: 1.5 },
    { labels: {}, value: NaN },
  ]);
});

test.each([
  ["an error", { status: "error", errorType: "execution", error: "query processing would load too many samples" }, /too many samples/],
  ["a page", "<html>Grafana</html>", /does not answer as Prometheus does\. Write the address of Prometheus itself/],
  ["another form", { status: "success", data: { resultType: "matrix", result: [] } }, /does not answer as Prometheus does/],
])("%s is said in one line", async (_, answer, message) => {
  await expect(asking(answer)).rejects.toThrow(message);
});

test("an address where nobody listens is named with the reason", async () => {
  const server = await startPrometheus(() => vector());
  await server.close();
  await expect(new Prometheus(server.url).now()).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+: does not answer \(.+\)$/);
});

test("all questions about usage are of one instant, which Prometheus' own clock says", async () => {
  const server = await startPrometheus((query) => (query === "time()" ? scalar(1_795_852_800.7) : vector()));
  const { until, observedSeconds } = await readUsage(new Prometheus(server.url), 86_400);
  await server.close();
  expect({ until, observedSeconds }).toEqual({ until: 1_795_852_800, observedSeconds: 0 });
  expect(new Set(server.asked.map(({ time, method, path }) => `${String(time)} ${String(method)} ${String(path)}`))).toEqual(
    new Set(["undefined POST /api/v1/query", "1795852800 POST /api/v1/query"]),
  );
  expect(server.asked.filter(({ query = "" }) => query.includes("[86400s:30s]"))).toHaveLength(5);
});
