import { kubernetesObjects } from "../../../policy-pack/resources/objects";
import { isSet, podTemplates } from "../../../policy-pack/resources/pod-specs";

test.each([undefined, null])("a workload without a template has no pods (%p)", (template) => {
  const objects = kubernetesObjects({ type: "kubernetes:apps/v1:Deployment", urn: "", props: { spec: { template } } });
  expect(objects.flatMap(podTemplates)).toEqual([]);
});

test("a field that is empty is not set", () => {
  const all = [undefined, null, false, "", [], true, "x", 0, {}, [0], [undefined]];
  expect(all.filter(isSet)).toEqual([true, "x", 0, {}, [0], [undefined]]);
});
