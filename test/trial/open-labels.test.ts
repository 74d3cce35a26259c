/** Objects whose places a control plane with simulated nodes cannot judge. */
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { defaultRelease } from "../../src/releases/find";
import { ownersByOpenLabels } from "../../src/trial/open-labels";
import { runProgram } from "../support/program";

test("pods that want nodes by labels with values that only a node's hardware decides", async () => {
  const { nodes, shapes } = nodesOf(await runProgram());
  const pod = (name: string, nodeSelector: object) =>
    toObject(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: { nodeSelector, containers: [{ name: "a", image: "b" }], tolerations: [{ operator: "Exists" }] },
      },
      { type: "manifest", file: "", line: 1 },
      "default",
    );
  const objects = [pod("memory", { "nvidia.com/gpu.memory": "40960" }), pod("family", { "nvidia.com/gpu.family": "ampere" })];
  const { pods } = judgeAndSimulate(nodes, shapes, objects, defaultRelease());
  expect(pods.map(({ type }) => type)).toEqual(["placed", "placed"]);
  expect([...ownersByOpenLabels(pods, nodes)].map(({ name }) => name)).toEqual(["memory"]);
});
