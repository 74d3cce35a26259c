/** What a client of a real API server has to bear with. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { ApiError, ApiServer, isOfCluster } from "../../src/live/api/api-server";
import { UnusableError } from "../../src/live/unusable";
import { selfSigned } from "../support/self-signed";

const { key, certificate } = selfSigned();
const CLAIMS = "/apis/resource.k8s.io/v1/namespaces/a/resourceclaims";

/** An API server that answers with the conflict that often, and then with 201. */
class Busy {
  private requests = 0;
  private readonly server: Server;

  constructor(conflicts: number, details: object) {
    this.server = createServer({ key, cert: certificate }, (_, response) => {
      const conflict = { kind: "Status", reason: "Conflict", message: "the object has been modified", details };
      const isConflict = this.requests++ < conflicts;
      response.writeHead(isConflict ? 409 : 201).end(JSON.stringify(isConflict ? conflict : {}));
    });
  }

  /** The status of one creation, and how often it was sent. */
  async create(): Promise<readonly [status: number, requests: number]> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const { port } = this.server.address() as AddressInfo;
    const api = new ApiServer({
      server: `https://127.0.0.1:${String(port)}`,
      ca: certificate,
      credentials: { type: "token", token: "token" },
    });
    try {
      const { status } = await api.request("POST", CLAIMS, { contentType: "application/json", content: {} });
      return [status, this.requests];
    } finally {
      api.close();
      this.server.close();
      this.server.closeAllConnections();
    }
  }
}

test("a request that a quota could not count because it had just changed is sent again", async () => {
  expect(await new Busy(3, { name: "team", kind: "resourcequotas" }).create()).toEqual([201, 4]);
});

test("any other conflict is the answer", async () => {
  expect(await new Busy(1, { name: "claim", group: "resource.k8s.io", kind: "resourceclaims" }).create()).toEqual([409, 1]);
});

test("a deletion arrives with its options, and so does the request after it on the same connection", async () => {
  const arrived: string[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      arrived.push(`${String(request.method)} ${text}`);
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const api = new ApiServer({
    ...{ server: `https://127.0.0.1:${String(port)}`, ca: certificate, credentials: { type: "token", token: "token" } },
  });
  try {
    const content = { kind: "DeleteOptions" };
    await api.request("DELETE", "/api/v1/namespaces/a/pods/b", { contentType: "application/json", content });
    await api.request("GET", "/version");
    expect(arrived).toEqual([`DELETE ${JSON.stringify(content)}`, "GET "]);
  } finally {
    api.close();
    server.close();
    server.closeAllConnections();
  }
});

describe("the cluster is the reason", () => {
  const failureOf = async (answer: (port: number) => Promise<unknown>, port: number): Promise<unknown> => {
    try {
      await answer(port);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const ask = async (port: number) => {
    const api = new ApiServer({
      ...{ server: `https://127.0.0.1:${String(port)}`, ca: certificate, credentials: { type: "token", token: "token" } },
    });
    try {
      await api.request("GET", "/version");
    } finally {
      api.close();
    }
  };

  test.each<[string, (destroy: () => void, write: (text: string) => void) => void]>([
    [
      "an end before the answer",
      (destroy) => {
        destroy();
      },
    ],
    [
      "an end in the middle of the answer",
      (destroy, write) => {
        write("{");
        setImmediate(destroy);
      },
    ],
  ])("of %s", async (_, answer) => {
    const server = createServer({ key, cert: certificate }, (_request, response) => {
      answer(
        () => response.destroy(),
        (text) => response.write(text),
      );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(ask, port);
    server.close();
    server.closeAllConnections();
    expect([isOfCluster(error), error]).toEqual([true, expect.objectContaining({ code: "ECONNRESET" })]);
  });

  test("of a port that nobody listens on", async () => {
    const server = createServer({ key, cert: certificate }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const error = await failureOf(ask, port);
    expect([isOfCluster(error), error]).toEqual([true, expect.objectContaining({ code: "ECONNREFUSED" })]);
  });

  test("of a refusal and of an unusable cluster, and not of a mistake of this project", () => {
    const coded = (code: string) => Object.assign(new Error("no such file"), { code });
    expect([new ApiError(403, "Forbidden", "no"), new UnusableError("no")].map(isOfCluster)).toEqual([true, true]);
    const others = [
      coded("ENOENT"),
      coded("ERR_INVALID_ARG_TYPE"),
      Object.assign(new Error("x"), { status: 1 }),
      new TypeError("x"),
      undefined,
    ];
    expect(others.map(isOfCluster)).toEqual(others.map(() => false));
  });
});
