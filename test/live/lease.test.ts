/** A lock in an API server: who gets it, and when it is taken from somebody who has gone. */
import { ApiError } from "../../src/live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import type { Answer, Body, Method } from "../../src/live/api/connection";
import { Lease, forgetNotes, readNotes } from "../../src/live/lease";

/** Whatever is noted. */
const ANY = () => undefined;

const LEASE = { namespace: "gpu-operator", name: "shared-gpu-a100-relayout", work: "relayout of pool a100" };
const COLLECTION = "/apis/coordination.k8s.io/v1/namespaces/gpu-operator/leases";

/** The Leases of an API server, with the conflicts that it sees. */
class Leases {
  stored: KubernetesObject | undefined;
  /** What happens before each request. */
  before: (method: Method) => void = () => undefined;
  private version = 0;

  /** Somebody else's, good for one second. */
  foreign(): void {
    this.put({ spec: { holderIdentity: "other_1", leaseDurationSeconds: 1 } });
  }

  put(content: { readonly metadata?: KubernetesObject["metadata"]; readonly spec?: object }): Answer {
    this.version++;
    const { annotations = {} } = content.metadata ?? {};
    const metadata = { annotations, name: LEASE.name, namespace: LEASE.namespace, resourceVersion: String(this.version) };
    this.stored = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...content, metadata };
    return answer(200, this.stored);
  }

  readonly api = {
    find: async ({ metadata }: Pick<KubernetesObject, "metadata">) => {
      const found = await this.api.request("GET", `${COLLECTION}/${String(metadata["name"])}`);
      return found.status === 404 ? undefined : (found.body as KubernetesObject);
    },
    request: (method: Method, path: string, body?: Body): Promise<Answer> => {
      this.before(method);
      return Promise.resolve(this.answer(method, path, (body?.content ?? {}) as KubernetesObject));
    },
  } as unknown as ApiServer;

  private answer(method: Method, path: string, content: KubernetesObject): Answer {
    expect(path).toBe(method === "POST" ? COLLECTION : `${COLLECTION}/${LEASE.name}`);
    const version = (content["preconditions"] ?? content.metadata)?.resourceVersion as string | undefined;
    if (method === "POST") {
      return this.stored === undefined ? this.put(content) : answer(409);
    }
    if (this.stored === undefined) {
      return answer(404);
    }
    if (method === "GET") {
      return answer(200, this.stored);
    }
    if (version !== this.stored.metadata["resourceVersion"]) {
      return answer(409);
    }
    if (method === "DELETE") {
      this.stored = undefined;
      return answer(200);
    }
    return this.put(content);
  }
}

function answer(status: number, body: unknown = { reason: "Conflict", message: "somebody was faster" }): Answer {
  return { status, body, warnings: [] };
}

const acquire = (leases: Leases, onWait: (holder: string) => void = () => undefined) => Lease.acquire(leases.api, LEASE, onWait);
const holder = ({ stored }: Leases) => String(stored?.["spec"].holderIdentity);

test("a lock that nobody has is taken, renewed, and given back", async () => {
  const leases = new Leases();
  const lease = await acquire(leases);
  expect(leases.stored?.["spec"]).toMatchObject({
    leaseDurationSeconds: 15,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
  });
  const own = holder(leases);
  await lease.renew(leases.api);
  await lease.renew(leases.api);
  expect(holder(leases)).toBe(own);
  await lease.release(leases.api);
  expect(leases.stored).toBeUndefined();
});

test("a lock that its holder has given back as client-go does, without a name, is taken at once", async () => {
  const leases = new Leases();
  leases.put({ spec: { holderIdentity: "", leaseDurationSeconds: 3600 } });
  await acquire(leases);
  expect(holder(leases)).not.toBe("");
});

describe("what is noted on a lock", () => {
  const NOTES = { "shared-gpu/boots": '{"node-1":"a"}' };
  const noted = (leases: Leases) => Lease.acquire(leases.api, { ...LEASE, notes: () => NOTES }, () => undefined);

  test("stays when it is given back and renewed, and whoever is next takes the lock at once", async () => {
    const leases = new Leases();
    const lease = await noted(leases);
    await lease.renew(leases.api);
    await lease.release(leases.api);
    expect([holder(leases), await readNotes(leases.api, LEASE)]).toEqual(["", NOTES]);
    // One that notes nothing leaves it.
    const next = await acquire(leases);
    await next.release(leases.api);
    expect([holder(leases), await readNotes(leases.api, LEASE)]).toEqual(["", NOTES]);
  });

  test("is forgotten once nobody has the lock", async () => {
    const leases = new Leases();
    await (await noted(leases)).release(leases.api);
    await forgetNotes(leases.api, LEASE, ANY, () => undefined);
    expect([leases.stored, await readNotes(leases.api, LEASE)]).toEqual([undefined, {}]);
    await forgetNotes(leases.api, LEASE, ANY, () => undefined);
    expect(leases.stored).toBeUndefined();
  });

  test("is forgotten where the holder was killed", async () => {
    const leases = new Leases();
    await noted(leases);
    const killed = holder(leases);
    leases.put({ metadata: { annotations: NOTES }, spec: { ...leases.stored?.["spec"], leaseDurationSeconds: 1 } });
    const waits: string[] = [];
    await forgetNotes(leases.api, LEASE, ANY, (who) => waits.push(who));
    expect([leases.stored, waits]).toEqual([undefined, [killed]]);
  });

  test("is not forgotten while somebody is at work", async () => {
    const leases = new Leases();
    const lease = await noted(leases);
    const asked = forgetNotes(leases.api, LEASE, ANY, () => void lease.renew(leases.api));
    await expect(asked).rejects.toThrow(/is at work, of /);
    expect(await readNotes(leases.api, LEASE)).toEqual(NOTES);
  });

  test("is not forgotten where somebody takes the lock at that moment", async () => {
    const leases = new Leases();
    await (await noted(leases)).release(leases.api);
    leases.before = (method) => {
      if (method === "DELETE") {
        leases.foreign();
      }
    };
    await forgetNotes(leases.api, LEASE, ANY, () => undefined);
    expect(holder(leases)).toBe("other_1");
  });
});

test("a lock that is renewed is its holder's, whatever its times say", async () => {
  const leases = new Leases();
  leases.put({ spec: { holderIdentity: "other_1", leaseDurationSeconds: 3600, renewTime: "2001-01-01T00:00:00.000000Z" } });
  const waits: string[] = [];
  const asked = acquire(leases, (who) => {
    waits.push(who);
    leases.before = () => {
      leases.put({ spec: { holderIdentity: "other_1", leaseDurationSeconds: 3600, renewTime: "2001-01-01T00:00:00.000000Z" } });
    };
  });
  await expect(asked).rejects.toThrow("another relayout of pool a100 is at work, of other_1. Wait until it has ended");
  expect(waits).toEqual(["other_1"]);
  expect(holder(leases)).toBe("other_1");
});

test("a lock that nobody renews is taken over, and its former holder hears of it", async () => {
  const leases = new Leases();
  const former = await acquire(leases);
  leases.put({ spec: { ...leases.stored?.["spec"], leaseDurationSeconds: 1 } });
  const next = await acquire(leases);
  await expect(former.renew(leases.api)).rejects.toThrow(/^this relayout of pool a100 has lost its lock: .*_.* has taken over$/);
  // It gives back nothing that is another one's.
  await former.release(leases.api);
  await next.renew(leases.api);
});

test("of two who want it at the same moment one gets it", async () => {
  const leases = new Leases();
  leases.before = (method) => {
    if (method === "POST") {
      leases.before = () => undefined;
      leases.foreign();
      leases.put({ spec: { holderIdentity: "other_2", leaseDurationSeconds: 1 } });
    }
  };
  const waits: string[] = [];
  await acquire(leases, (who) => {
    waits.push(who);
  });
  expect(waits).toEqual(["other_2"]);
});

test("a renewal whose answer was lost is no loss", async () => {
  const leases = new Leases();
  const lease = await acquire(leases);
  leases.put({ spec: { ...leases.stored?.["spec"] } });
  await lease.renew(leases.api);
  await lease.renew(leases.api);
});

test("a Lease that somebody has deleted is lost", async () => {
  const leases = new Leases();
  const lease = await acquire(leases);
  leases.stored = undefined;
  await expect(lease.renew(leases.api)).rejects.toThrow("has lost its lock: somebody has deleted its Lease");
});

test.each([403, 404, 500])("an API server that does not create it, with status %d, is no lock", async (status) => {
  const api = { find: () => Promise.resolve(undefined), request: () => Promise.resolve(answer(status)) } as unknown as ApiServer;
  await expect(Lease.acquire(api, LEASE, () => undefined)).rejects.toBeInstanceOf(ApiError);
});
