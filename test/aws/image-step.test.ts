import { imageStepProblem } from "../../src/aws/image-step";
import { RELEASES } from "../../src/releases/find";

const IMAGES = RELEASES.flatMap(({ gpuAmi, systemAmiReleaseVersion, otherGpuSoftware }) => [
  gpuAmi.releaseVersion,
  systemAmiReleaseVersion,
  ...Object.values(otherGpuSoftware).map(({ gpuAmi: other }) => other.releaseVersion),
]);

test("every image of the catalogue has the form that is compared", () => {
  for (const image of IMAGES) {
    expect(image).toMatch(/^1\.\d+\.\d+-\d{8}$/);
    expect(imageStepProblem("a100", image, image)).toBeUndefined();
  }
});

test.each([
  ["a later day", "1.34.9-20260714", "1.34.10-20260903"],
  ["a later minor version with an earlier day", "1.34.10-20260903", "1.35.6-20260714"],
  ["a form that EKS does not have", "custom", "1.34.9-20260714"],
  ["an image that is not known yet", "1.34.10-20260903", undefined],
])("%s is accepted", (_, running, wanted) => {
  expect(imageStepProblem("a100", running, wanted)).toBeUndefined();
});

test.each([
  ["an earlier day", "1.34.10-20260903", "1.34.9-20260714"],
  ["an earlier patch release, compared as a number", "1.34.10-20260903", "1.34.9-20260903"],
  ["an earlier minor version", "1.35.6-20260714", "1.34.10-20260903"],
])("%s is refused, and the message says what to write", (_, running, wanted) => {
  const problem = imageStepProblem("a100", running, wanted) ?? "";
  expect(problem).toContain(`back from image ${running} to ${wanted}`);
  expect(problem).toContain("give the pool another name");
});
