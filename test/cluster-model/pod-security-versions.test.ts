/** Pod Security where versions of Kubernetes differ. `test/cluster/validation` compares everything else with the API server. */
import { podSecurityProblems } from "../../src/cluster/judgement/pod-security";
import { findRelease } from "../../src/releases/find";

const problems = (version: string, level: "baseline" | "restricted", spec: object, securityContext: object): readonly string[] => {
  const release = findRelease(version);
  const container = {
    name: "main",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
      ...securityContext,
    },
  };
  return release === undefined
    ? [`no release ${version}`]
    : podSecurityProblems(level, release.kubernetes, { containers: [container], ...spec }, "spec");
};

describe("a pod that is root in a user namespace", () => {
  it.each([["runAsUser", { runAsUser: 0, runAsNonRoot: true }] as const, ["runAsNonRoot", {}] as const])(
    "needs %s no more from 1.35 on",
    (field, securityContext) => {
      const refused = [expect.stringContaining(field)];
      expect(problems("1.34", "restricted", { hostUsers: false }, securityContext)).toEqual(refused);
      expect(problems("1.35", "restricted", { hostUsers: false }, securityContext)).toEqual([]);
      expect(problems("1.35", "restricted", { hostUsers: true }, securityContext)).toEqual(refused);
      expect(problems("1.35", "restricted", {}, securityContext)).toEqual(refused);
    },
  );

  it("can unmask its /proc in baseline from 1.35 on, and never in restricted", () => {
    const unmasked = { procMount: "Unmasked", runAsNonRoot: true };
    const refused = [expect.stringContaining("procMount")];
    expect(problems("1.34", "baseline", { hostUsers: false }, unmasked)).toEqual(refused);
    expect(problems("1.35", "baseline", { hostUsers: false }, unmasked)).toEqual([]);
    expect(problems("1.35", "baseline", {}, unmasked)).toEqual(refused);
    expect(problems("1.35", "restricted", { hostUsers: false }, unmasked)).toEqual(refused);
  });
});
