import type { ApiServer } from "../../src/live/api/api-server";
import { runOf } from "../../src/live/relayout";
import { RUN_ANNOTATION, leaseNameOf, runText } from "../../src/relayout/run";

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
