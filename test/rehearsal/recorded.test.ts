/** The stand-ins for eks and awsx make what the real plugins were seen to make: child by child, input by input, unknown by unknown. */
import { runComponents } from "../support/program";
import { differences, recordedChildren, rehearsedChildren } from "../support/component-children";
import { recordedProgram } from "./recorded/programs";

test.each(["dev", "protected", "private"] as const)("the rehearsal of a first preview registers what was recorded: %s", async (name) => {
  const recorded = recordedChildren(name);
  const rehearsed = rehearsedChildren(await runComponents(recordedProgram(name), { mode: "preview" }));
  expect(differences(recorded, rehearsed)).toEqual([]);
  expect(rehearsed).toHaveLength(recorded.length);
});

test("what differs is told", () => {
  const [first, ...others] = recordedChildren("dev");
  if (first === undefined) throw new Error("the recording is empty");
  const extra = { ...first, urn: `${first.urn}-2` };
  const changed = { ...first, protect: true, inputs: { ...first.inputs, name: "another", tags: undefined } };
  expect(differences([first, ...others], [changed, extra, ...others.slice(1)])).toEqual([
    expect.stringMatching(/\.protect: false in the recording, true here$/),
    expect.stringMatching(/\.inputs\.name: "shared-gpu-dev" in the recording, "another" here$/),
    expect.stringMatching(/\.inputs\.tags: \{.*\} in the recording, nothing here$/),
    expect.stringMatching(/: missing$/),
    expect.stringMatching(/-2: not in the recording$/),
  ]);
});
