/** Host names that a pod has besides its own, by version of Kubernetes. */
import { podSpecProblems } from "../../src/cluster/judgement/validation/pods/spec";
import { RELEASES } from "../../src/releases/find";

const spec = { containers: [{ name: "main", image: "registry.example.com/app:1.0" }] };

describe.each(RELEASES)("Kubernetes $kubernetesVersion", ({ kubernetes }) => {
  const problems = (more: object) => podSpecProblems({ ...spec, ...more }, "spec", kubernetes);
  const expected = (faults: readonly string[]) =>
    kubernetes.hostnameOverride ? faults.map((fault) => expect.stringContaining(fault) as string) : [];

  test.each<[object, readonly string[]]>([
    [{ hostnameOverride: "node.example.com" }, []],
    [{ hostnameOverride: "Exists" }, ['spec.hostnameOverride: "Exists": must be']],
    [{ hostnameOverride: "a".repeat(65) }, ["must have at most 64 characters"]],
    [{ hostnameOverride: "node", hostNetwork: true }, ["not allowed beside hostNetwork"]],
    [{ hostnameOverride: "node", setHostnameAsFQDN: true }, ["not allowed beside setHostnameAsFQDN"]],
  ])("%j", (more, faults) => {
    expect(problems(more)).toEqual(expected(faults));
  });
});
