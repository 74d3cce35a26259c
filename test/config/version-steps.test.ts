import { formatProblem } from "../../src/config/reading/problem";
import { versionStepProblem } from "../../src/config/version-steps";
import { RELEASES } from "../../src/releases/find";

const VERSIONS = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
const [OLDEST = "", ...LATER] = VERSIONS;
const NEWEST = VERSIONS.at(-1) ?? "";
const minor = (version: string, step: number) => `1.${Number(version.split(".")[1]) + step}`;

test("the version that runs, and the next one, are accepted, for every version of the catalogue", () => {
  for (const [index, version] of VERSIONS.entries()) {
    expect(versionStepProblem(version, version)).toBeUndefined();
    expect(versionStepProblem(version, VERSIONS[index + 1] ?? version)).toBeUndefined();
  }
});

test.each([
  ["a jump", OLDEST, NEWEST, `EKS upgrades one minor version at a time. Set it to "${LATER[0] ?? ""}", and run pulumi up`],
  ["a step back", NEWEST, OLDEST, `does not take a control plane back. Set it to "${NEWEST}", and run pulumi up`],
  [
    "a jump from before the catalogue",
    minor(OLDEST, -2),
    OLDEST,
    `This release of the project does not know ${minor(OLDEST, -1)}: use one that does`,
  ],
  ["a step back from behind the catalogue", minor(NEWEST, 1), NEWEST, `This release of the project does not know ${minor(NEWEST, 1)}`],
])("%s is refused, and the message says what to write", (_, running, wanted, words) => {
  const problem = versionStepProblem(running, wanted);
  expect(problem).toMatchObject({ key: "kubernetesVersion", value: wanted });
  expect(problem?.reason).toContain(`the cluster runs Kubernetes ${running}`);
  expect(problem?.reason).toContain(words);
});

test("a version that EKS cannot have is named", () => {
  const problem = versionStepProblem("2", OLDEST);
  expect(problem && formatProblem(problem)).toContain('the cluster runs Kubernetes "2", which is no version of EKS');
});
