/** What is known of running pods is kept with their list. */
import { Parts } from "../../../src/planner/ask/parts";
import { clusterOf, gpuNode, pod } from "../clusters";

test("a part has the pods of its own cluster, also where another cluster has the same ones", () => {
  const cluster = clusterOf([
    ...gpuNode("one"),
    ...gpuNode("two"),
    ...["one", "two"].map((nodeName) => pod("a", `on-${nodeName}`, { nodeName })),
  ]);
  const podsOf = (whole: typeof cluster, node: string) => new Parts(whole).of([node]).state.pods.map((running) => running.pod.name);
  expect([podsOf(cluster, "one"), podsOf(cluster, "two")]).toEqual([["on-one"], ["on-two"]]);
  const samePods = { ...cluster, claims: [] };
  expect([podsOf(samePods, "one"), podsOf(samePods, "two")]).toEqual([["on-one"], ["on-two"]]);
  const fewer = { ...cluster, state: { ...cluster.state, pods: cluster.state.pods.slice(1) } };
  expect([podsOf(fewer, "one"), podsOf(fewer, "two")]).toEqual([[], ["on-two"]]);
});
