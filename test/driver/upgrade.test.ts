/** What one version of NVIDIA's DRA driver makes of the claims that another has prepared on the node. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { publishDevices } from "../../src/dra/devices";
import { DraFiles } from "../../src/fleet/dra-files";
import type { AllocatedClaim } from "../../src/fleet/machine";
import { startPlugin } from "../../src/fleet/operators/dra-driver/claims";
import { waitFor } from "../../src/live/wait";
import { draDriverLine } from "../../src/releases/dra-driver-lines";
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
const devicesOf = (line: DraDriverLine): readonly string[] =>
  publishDevices(MIXED, { ...testedRelease(), draDriver: { version: "", line } }, NODE)
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

  /** What the later plugin does on a node where the earlier one has prepared a claim with these requests: it `ends`, or it answers for another claim. */
  async function after(...requests: readonly Request[]): Promise<{ readonly own: string; readonly modelled: string }> {
    const files = new NodeFiles(join(makeFolder({}), "node"), simulatedNode(MODEL, GPUS, testedRelease()));
    files.boot(randomUUID());
    files.divide(MIXED);
    let prepared: AllocatedClaim | undefined;
    const earlier = new KubeletPlugin(plane.api, files, BEFORE, NODE);
    try {
      const kubelet = await earlier.registered();
      await waitForDevices(LINE_BEFORE);
      if (requests.length > 0) {
        prepared = await claims.allocated(...requests);
        expect(await kubelet.prepare(prepared)).toMatchObject({ type: "prepared" });
        await claims.forget(prepared);
      }
    } finally {
      await earlier.stop();
    }
    const later = new KubeletPlugin(plane.api, files, AFTER, NODE);
    try {
      const kubelet = await later.registered().catch(() => undefined);
      if (kubelet === undefined) {
        return { own: "ends", modelled: await modelOf(prepared, undefined) };
      }
      await waitForDevices(LINE);
      const next = await claims.allocated(LARGE);
      const answer = await kubelet.prepare(next);
      await claims.forget(next);
      return { own: answer.type === "refused" ? answer.reason : "prepares", modelled: await modelOf(prepared, next) };
    } finally {
      await later.stop();
    }
  }

  async function waitForDevices(line: DraDriverLine): Promise<void> {
    await waitFor("the devices", async () => (await publishedNames(plane)).join() === devicesOf(line).join());
  }

  it.each<[string, readonly Request[]]>([
    ["claims with slices", [SMALL]],
    ["claims with whole GPUs", [WHOLE]],
    ["claims with both", [SMALL, WHOLE]],
    ["no claims", []],
  ])("makes of a record with %s what the simulated nodes make of it", async (_, requests) => {
    const { own, modelled } = await after(...requests);
    expect(own).toBe(modelled);
  });
});

/** What a simulated plugin answers for a claim after another has run; `ends`: it does not start. */
async function modelOf(prepared: AllocatedClaim | undefined, next: AllocatedClaim | undefined): Promise<string> {
  const machine = { dra: new DraFiles(), bootId: randomUUID() };
  const earlier = startPlugin(machine, new Set(devicesOf(LINE_BEFORE)), LINE_BEFORE);
  if (prepared !== undefined) {
    await earlier.prepare(prepared);
  }
  try {
    const later = startPlugin(machine, new Set(devicesOf(LINE)), LINE);
    const answer = next === undefined ? undefined : await later.prepare(next);
    return answer?.type === "refused" ? answer.reason : "prepares";
  } catch {
    return "ends";
  }
}

async function publishedNames({ api }: ControlPlane): Promise<readonly string[]> {
  const slices = await api.list("/apis/resource.k8s.io/v1/resourceslices");
  return slices.flatMap(({ spec }) => (spec.devices as readonly { readonly name: string }[]).map(({ name }) => name)).sort();
}
