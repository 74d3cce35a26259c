/** The stand-ins for eks and awsx under the real engine: what they register is what the real plugins were seen to register. */
import { differences, recordedChildren } from "../../rehearsal/recorded/children";
import { recordedProgram } from "../../rehearsal/recorded/programs";
import { previewedChildren } from "./previewed";

test.each(["dev", "protected", "private"] as const)("a first preview registers what was recorded: %s", async (name) => {
  const recorded = recordedChildren(name);
  const previewed = await previewedChildren(recordedProgram(name));
  expect(differences(recorded, previewed)).toEqual([]);
  expect(previewed).toHaveLength(recorded.length);
});
