import { lastingCommands } from "../../src/relayout/lasting";

const POOLS = { stack: "dev", clusterName: "shared-gpu-dev", gpuPools: ["a100"] };

test("names of a file that a shell would run are comments, and no lines of their own", () => {
  const layout = "own\ntouch layout";
  const ofAnother = lastingCommands(layout, "other\r\ntouch group", POOLS);
  expect(ofAnother).toEqual([expect.stringMatching(/^# no pool .* other touch group: write own touch layout into .*$/)]);
  const [first] = lastingCommands(layout, "a100-0123456", POOLS);
  expect(first).toBe("# write the layout own touch layout into gpuPools[0].layout of Pulumi.dev.yaml");
});
