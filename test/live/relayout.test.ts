import type { ApiServer } from "../../src/live/api/api-server";
import { resolveLayout } from "../../src/hardware/layouts";
import { forgetRun, openCluster, runOf } from "../../src/live/relayout";
import { planRelayout } from "../../src/relayout/plan";
import { RUN_ANNOTATION, leaseNameOf, runText } from "../../src/relayout/run";
import { POOL, World } from "../relayout/world";

/** An API server whose Lease of the pool has these annotations. */
const withNotes = (annotations: object | undefined) =>
  ({ find: () => Promise.resolve(annotations && { metadata: { annotations } }) }) as unknown as ApiServer;

describe("the run of reboots of a pool", () => {
  const run = { isWhole: true, boots: new Map([["node-1", "a"]]) };

  test.each([
    ["no Lease", undefined],
    ["a Lease of a relayout", {}],
  ])("has not begun with %s", async (_, notes) => {
    expect(await runOf(withNotes(notes), "a100")).toBeUndefined();
  });

  test("is what the Lease keeps", async () => {
    expect(await runOf(withNotes({ [RUN_ANNOTATION]: runText(run) }), "a100")).toEqual(run);
  });

  test.each(["", "{", '{"isWhole":true}', '{"isWhole":true,"boots":{"node-1":1}}'])(
    "that cannot be read is no run that has not begun: %j",
    async (text) => {
      const asked = runOf(withNotes({ [RUN_ANNOTATION]: text }), "a100");
      await expect(asked).rejects.toThrow(`Lease gpu-operator/${leaseNameOf("a100")}: no relayout has written`);
    },
  );
});

describe("a run of reboots that has ended", () => {
  const run = { isWhole: true, boots: new Map([["node-1", "a"]]) };
  const another = { isWhole: true, boots: new Map([["node-1", "b"]]) };

  /** Forgets a run where the Lease, which nobody holds, has these annotations. @returns what was sent to the API server */
  const forget = async (noted: typeof run | undefined, annotations: object) => {
    const sent: string[] = [];
    const metadata = { annotations, resourceVersion: "7" };
    const api = {
      find: () => Promise.resolve({ metadata, spec: { holderIdentity: "" } }),
      request: (method: string) => {
        sent.push(method);
        return Promise.resolve({ status: 200, body: { metadata }, warnings: [] });
      },
    } as unknown as ApiServer;
    await forgetRun(api, "a100", noted, () => undefined);
    return sent;
  };

  test("is forgotten, as is a Lease without one", async () => {
    expect(await forget(run, { [RUN_ANNOTATION]: runText(run) })).toEqual(["PUT", "DELETE"]);
    expect(await forget(run, {})).toEqual(["PUT", "DELETE"]);
    expect(await forget(undefined, {})).toEqual(["PUT", "DELETE"]);
  });

  test.each([run, undefined])(
    "is not forgotten with another one that somebody has begun since: its nodes would restart twice",
    async (noted) => {
      await expect(forget(noted, { [RUN_ANNOTATION]: runText(another) })).rejects.toThrow(
        "somebody has begun another run of reboots of pool a100",
      );
    },
  );
});

describe("a run of reboots that somebody begins between the plan and its first step", () => {
  /** @param noted by the other one, who has gone. */
  const opened = (noted: object) => {
    const planning = planRelayout(
      new World({ nodes: 2 }).snapshot(),
      { pool: POOL, work: { type: "reboot" }, nodes: ["node-1"] },
      resolveLayout,
    );
    if (planning.type !== "plan") {
      throw new Error(JSON.stringify(planning));
    }
    const written: unknown[] = [];
    const lease = {
      metadata: { annotations: { [RUN_ANNOTATION]: JSON.stringify(noted) }, resourceVersion: "7" },
      spec: { holderIdentity: "" },
    };
    const api = {
      find: () => Promise.resolve(lease),
      request: (_: string, __: string, { content }: { readonly content: { readonly metadata: { readonly annotations: object } } }) => {
        written.push(content.metadata.annotations);
        return Promise.resolve({ status: 200, body: content, warnings: [] });
      },
      close: () => undefined,
    } as unknown as ApiServer;
    return openCluster(
      () => api,
      planning.plan,
      () => undefined,
    ).then(
      () => written,
      (error: unknown) => [String(error), written],
    );
  };

  test("is not written over, because its nodes would restart again", async () => {
    const found = await opened({ isWhole: true, boots: { "node-1": "boot of node-1", "node-2": "boot of node-2" } });
    expect(found).toEqual([expect.stringContaining("somebody has begun a run of reboots of pool h100 since the plan was made"), []]);
  });

  test("is gone on with where it is about the same", async () => {
    const run = { isWhole: false, boots: { "node-1": "boot of node-1" } };
    expect(await opened(run)).toEqual([{ [RUN_ANNOTATION]: JSON.stringify(run) }]);
  });
});
