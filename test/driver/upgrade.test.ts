/** What one version of NVIDIA's DRA driver makes of the claims that another has prepared on the node. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { publishDevices } from "../../src/dra/devices";
import { waitFor } from "../../src/live/wait";
import { draDriverLine, draDriverPublication } from "../../src/releases/dra-driver-lines";
import type { DraDriverLine } from "../../src/releases/dra-driver-lines";
import { startControlPlane } from "../harness/control-plane/start";
import { draDriverBinary, earlierDraDriverBinary } from "../harness/gpu-node/binaries";
import { KubeletPlugin, versionOf } from "../harness/gpu-node/kubelet-plugin";
import { NodeFiles } from "../harness/gpu-node/node-files";
import { simulatedNode } from "../harness/gpu-node/nvml/figures";
import { makeFolder } from "../support/folder";
import { testedRelease } from "../support/tested-release";
import { Claims, SMALL, WHOLE } from "./claims";
import type { Request } from "./claims";
import { GPUS, MIXED, MODEL } from "./layouts";

const BEFORE = earlierDraDriverBinary() ?? "";
const AFTER = draDriverBinary() ?? "";
const IS_SKIPPED = BEFORE === "" || AFTER === "";
/** A version that nobody has read is taken for one of the newest line. */
const lineOf = (program: string): DraDriverLine => (program === "" ? undefined : draDriverLine(versionOf(program))) ?? "0.4";
const LINE_BEFORE = lineOf(BEFORE);
const LINE = lineOf(AFTER);
const NODE = "node-1";
const DEVICES = publishDevices(MIXED, { ...testedRelease(), draDriver: { version: "", line: LINE } }, NODE)
  .map(({ name }) => name)
  .sort();
const LARGE: Request = ["mig.nvidia.com", `device.attributes["gpu.nvidia.com"].profile == "3g.20gb"`];
const TITLE = IS_SKIPPED
  ? "another DRA driver (skipped: DRA_DRIVER_BINARY and DRA_DRIVER_BINARY_BEFORE do not both name a gpu-kubelet-plugin)"
  : `DRA driver ${versionOf(BEFORE)}, then ${versionOf(AFTER)}`;

(IS_SKIPPED ? describe.skip : describe)(TITLE, () => {
  let plane: ControlPlane;
  let claims: Claims;
  beforeAll(async () => {
    plane = await startControlPlane();
    claims = await Claims.on(plane.api, NODE);
  });
  afterAll(() => plane.stop());

  /** What the later plugin does on a node where the earlier one has run, and prepared a claim if there are requests: it `ends`, or it answers for another claim. */
  async function after(...requests: readonly Request[]): Promise<string> {
    const files = new NodeFiles(join(makeFolder({}), "node"), simulatedNode(MODEL, GPUS, testedRelease()));
    files.boot(randomUUID());
    files.divide(MIXED);
    const earlier = new KubeletPlugin(plane.api, files, BEFORE, NODE);
    try {
      const kubelet = await earlier.registered();
      await earlier.publication();
      if (requests.length > 0) {
        const claim = await claims.allocated(...requests);
        expect(await kubelet.prepare(claim)).toMatchObject({ type: "prepared" });
        await claims.forget(claim);
      }
    } finally {
      await earlier.stop();
    }
    const later = new KubeletPlugin(plane.api, files, AFTER, NODE);
    try {
      const kubelet = await later.registered().catch(() => undefined);
      if (kubelet === undefined) {
        return "ends";
      }
      await waitFor("the devices of the later plugin", async () => (await publishedNames(plane)).join() === DEVICES.join());
      const claim = await claims.allocated(LARGE);
      const answer = await kubelet.prepare(claim);
      await claims.forget(claim);
      return answer.type === "refused" ? answer.reason : "prepares";
    } finally {
      await later.stop();
    }
  }

  /** What a plugin does with a record that it cannot read: from 0.4 on it reads it when it starts. */
  const failure = LINE === "0.4" ? "ends" : (expect.stringContaining("checkpoint is corrupted") as unknown);
  /** 0.4 writes the boot into the record, which earlier plugins do not know. */
  const isStepBack = LINE_BEFORE === "0.4" && LINE !== "0.4";

  it("reads the record of claims with slices where both name devices alike", async () => {
    const isRenamed = draDriverPublication(LINE_BEFORE).deviceNames !== draDriverPublication(LINE).deviceNames;
    expect(await after(SMALL)).toEqual(isRenamed || isStepBack ? failure : "prepares");
  });

  it("reads the record of claims with whole GPUs, but for a step back from 0.4", async () => {
    expect(await after(WHOLE)).toEqual(isStepBack ? failure : "prepares");
  });

  it("reads a record without claims, but for a step back from 0.4", async () => {
    expect(await after()).toEqual(isStepBack ? failure : "prepares");
  });
});

async function publishedNames({ api }: ControlPlane): Promise<readonly string[]> {
  const slices = await api.list("/apis/resource.k8s.io/v1/resourceslices");
  return slices.flatMap(({ spec }) => (spec.devices as readonly { readonly name: string }[]).map(({ name }) => name)).sort();
}
