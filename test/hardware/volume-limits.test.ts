import { INSTANCE_TYPES, findInstanceType } from "../../src/hardware/instance-types";
import { reportedVolumes, sharesAttachments } from "../../src/hardware/volume-limits";

function typeNamed(name: string) {
  const type = findInstanceType(name);
  if (type === undefined) {
    throw new Error(`no ${name} in the catalogue`);
  }
  return type;
}

test.each([
  ["p4d.24xlarge", 27, false],
  ["p5.48xlarge", 63, false],
  ["g5.48xlarge", 8, true],
  ["g6.48xlarge", 127, false],
  ["m7i.large", 31, false],
  // Not in the driver's table.
  ["m6i.large", 26, true],
  ["p6e-gb200.36xlarge", 26, true],
])("a node of type %s attaches %i volumes besides its root volume", (name, count, isShared) => {
  expect([reportedVolumes(typeNamed(name)), sharesAttachments(typeNamed(name))]).toEqual([count, isShared]);
});

test("the types of the catalogue that the driver does not list are those before the seventh generation without GPUs, and one with", () => {
  const unlisted = INSTANCE_TYPES.filter((type) => reportedVolumes(type) === 26).map(({ name }) => name.replace(/\..*/, ""));
  expect([...new Set(unlisted)].sort()).toEqual(["m5", "m6a", "m6i", "p6e-gb200", "t3"]);
});
