/** What the AWS components write and the policy pack looks for. */
import { eksControlPlaneLogsOn } from "../../policy-pack/aws/cluster/eks-control-plane-logs-on";
import { gpuPoolLabelsLeftToAgents } from "../../policy-pack/aws/gpu-pools/gpu-pool-labels-left-to-agents";
import { CONTAINER_TOOLKIT, userData } from "../../src/aws/user-data";
import { CONTAINER_TOOLKIT_SETTINGS } from "../../src/well-known/container-toolkit";
import { CONTROL_PLANE_LOG_TYPES } from "../../src/well-known/control-plane-logs";
import { GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { EKS_CLUSTER, EKS_NODE_GROUP } from "../../src/well-known/resource-types";
import { verdictOf } from "../policy-pack/verdict";

const logs = (enabledClusterLogTypes: readonly string[]) =>
  verdictOf(eksControlPlaneLogsOn, { type: EKS_CLUSTER, props: { enabledClusterLogTypes: [...enabledClusterLogTypes] } }).refused;

test("a control plane with every log passes", () => {
  expect(logs(CONTROL_PLANE_LOG_TYPES)).toEqual([]);
});

test.each(CONTROL_PLANE_LOG_TYPES)("one without the log %s does not", (log) => {
  expect(logs(CONTROL_PLANE_LOG_TYPES.filter((other) => other !== log))).toEqual([expect.stringContaining(`off: ${log}`)]);
});

test.each(CONTAINER_TOOLKIT_SETTINGS)("the nodes set %s at boot, and check that it is set", (setting) => {
  const text = Buffer.from(userData([CONTAINER_TOOLKIT]) ?? "", "base64").toString();
  expect(text).toContain(`--set ${setting}`);
  expect(text).toContain(`grep -qx '${setting.replace("=", " = ")}'`);
});

const labelled = (label: string) =>
  verdictOf(gpuPoolLabelsLeftToAgents, { type: EKS_NODE_GROUP, props: { labels: { [label]: "true" } } }).refused;

test.each([GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL, MIG_CONFIG_STATE_LABEL])(
  "a node group that sets the agents' label %s is denied",
  (label) => {
    expect(labelled(label)).toEqual([expect.stringContaining(label)]);
  },
);

test(`a node group that sets ${MIG_CONFIG_LABEL} passes`, () => {
  expect(labelled(MIG_CONFIG_LABEL)).toEqual([]);
});
