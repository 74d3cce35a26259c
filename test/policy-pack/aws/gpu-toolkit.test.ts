import { gpuNodesHardenToolkit } from "../../../policy-pack/aws/gpu-pools/gpu-nodes-harden-toolkit";
import { CONTAINER_TOOLKIT, LOCAL_STORAGE, userData } from "../../../src/aws/user-data";
import { stackViolations } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const group = (props: object = {}, from: Readonly<Record<string, readonly string[]>> = { launchTemplate: ["template"] }) => ({
  type: "aws:eks/nodeGroup:NodeGroup",
  name: "gpu",
  props: { instanceTypes: ["p4d.24xlarge"], amiType: "AL2023_x86_64_NVIDIA", ...props },
  from,
});

const template = (data: string | undefined) => ({
  type: "aws:ec2/launchTemplate:LaunchTemplate",
  name: "template",
  props: data === undefined ? {} : { userData: data },
});

const judge = (...resources: Parameters<typeof stackViolations>[1]) =>
  stackViolations(gpuNodesHardenToolkit, resources).map(({ message }) => message);

describe("Should pass if", () => {
  test("the user data of the GPU pool sets the container toolkit", () => {
    expect(judge(group(), template(userData([LOCAL_STORAGE, CONTAINER_TOOLKIT])))).toEqual([]);
  });

  test("the nodes have no GPU", () => {
    expect(judge(group({ instanceTypes: ["m6i.large"], amiType: "AL2023_x86_64_STANDARD" }), template(undefined))).toEqual([]);
  });

  test("the nodes run Bottlerocket", () => {
    expect(judge(group({ amiType: "BOTTLEROCKET_x86_64_NVIDIA" }, {}))).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, string | undefined, RegExp]>([
    ["there is no user data", undefined, /does not set accept-nvidia-visible-devices-envvar-when-unprivileged=false and accept/],
    ["it does something else", userData([LOCAL_STORAGE]), /does not set/],
    [
      "one setting is missing",
      Buffer.from("nvidia-ctk config --set accept-nvidia-visible-devices-envvar-when-unprivileged=false").toString("base64"),
      /does not set accept-nvidia-visible-devices-as-volume-mounts=false/,
    ],
    ["a setting is turned on", Buffer.from("--set accept-nvidia-visible-devices-as-volume-mounts=true").toString("base64"), /does not set/],
    ["it is unknown", UNKNOWN, /"userData" is unknown/],
  ])("%s", (_, data, words) => {
    expect(judge(group(), template(data))).toEqual([expect.stringMatching(words)]);
    expect(judge(group(), template(data))).toMatchSnapshot();
  });

  test("the node group has no launch template of the stack", () => {
    expect(judge(group({}, {}))).toEqual([expect.stringContaining("no launch template")]);
  });

  test("the content of user data is not repeated", () => {
    expect(judge(group(), template(Buffer.from("password=hunter2").toString("base64"))).join()).not.toContain("hunter2");
  });
});
