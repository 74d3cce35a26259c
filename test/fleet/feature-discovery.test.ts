/** The stand-in for feature discovery and the operator's labelling, which every node meets first. */
import { featureDiscovery } from "../../src/fleet/operators/mig-manager";
import type { Node } from "../../src/cluster/nodes";
import { Machine } from "../../src/fleet/machine";
import type { ApiServer } from "../../src/live/api/api-server";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { gpuNodes } from "../harness/fleet/cluster";
import { recordedProgram } from "../support/recordings/recorded-program";

const LAYOUT = "nvidia.com/mig.config";

/** The labels that it sets on a node which has these in the API server. No watch has shown it the node. */
async function labelsSet(existing: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const [node] = gpuNodes(nodesOf(await recordedProgram()));
  const end = new AbortController();
  let set: Readonly<Record<string, string>> = {};
  const api = {
    get: () => Promise.resolve({ metadata: { labels: existing } }),
    merge: (_: object, patch: { readonly metadata: { readonly labels: typeof set } }) => {
      set = patch.metadata.labels;
      end.abort();
      return Promise.resolve({});
    },
  } as unknown as ApiServer;
  await expect(featureDiscovery({ api, stepMs: 0 })(new Machine(node as Node), end.signal)).rejects.toThrow("aborted");
  return set;
}

test("the layout that a node group sets stays, also where watches lag behind the API server", async () => {
  const set = await labelsSet({ [LAYOUT]: "all-balanced" });
  expect(set).toMatchObject({ "nvidia.com/mig.capable": "true" });
  expect(set).not.toHaveProperty([LAYOUT]);
});

test("what somebody has switched off stays off", async () => {
  const off = { "nvidia.com/gpu.deploy.mig-manager": "false", "nvidia.com/gpu.deploy.dcgm-exporter": "false" };
  expect(Object.keys(await labelsSet(off))).not.toEqual(expect.arrayContaining([expect.stringMatching(/deploy/)]));
});

test("a node without a layout gets the operator's default", async () => {
  expect(await labelsSet({})).toMatchObject({ [LAYOUT]: "all-disabled" });
});
