/** The rehearsal runs program and pack in one process. That must show the same as Pulumi's own hosts. */
import { join } from "node:path";
import { toObject } from "../../src/cluster/objects";
import { asResource } from "../../src/rehearsal/manifests";
import type { PlainMap, Recording } from "../../src/rehearsal/monitor/recording";
import { evaluatePack } from "../../src/rehearsal/policy/evaluate";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import { runProgram } from "../../src/rehearsal/run-program";
import { corpusCases } from "../corpus/corpus";
import { runInHost, servePackInHost } from "../support/host";
import { ROOT, toRunOptions } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";

const PACK = join(ROOT, "policy-pack");
const options = { ...toRunOptions({}), program: join(ROOT, "index.ts") };

/** A recording without what may differ from run to run: the order in which independent resources arrive. */
function comparable(recording: Recording): object {
  const resources = [...recording.resources]
    .sort((a, b) => (a.urn < b.urn ? -1 : 1))
    .map((resource) => ({ ...resource, dependencies: [...resource.dependencies].sort() }));
  return { resources, outputs: recording.outputs, secretOutputs: recording.secretOutputs, errors: recording.errors };
}

let rehearsed: Recording;
beforeAll(async () => {
  rehearsed = await recordedProgram();
}, 180_000);

test("the program registers in Pulumi's host what it registers in the rehearsal", async () => {
  const { recording, host } = await runInHost(options);
  expect(host).toMatchObject({ code: 0, stderr: "" });
  expect(comparable(recording)).toEqual(comparable(rehearsed));
}, 180_000);

test("a program that refuses its configuration fails in Pulumi's host with the same words, and registers nothing", async () => {
  const refused = { ...options, config: { ...options.config, "shared-gpu:apiServerAccess": "" } };
  // Pulumi.yaml turns stacks off, which this test relies on: Node 20 takes 15 seconds and half a gigabyte to show a stack that ends in Pulumi's own
  // files (markNodeModules in lib/internal/util/inspect.js does not end on "node_modules/@pulumi/resource.ts").
  const here = await runProgram(refused);
  const { recording, host } = await runInHost(refused);
  expect(host.code).not.toBe(0);
  expect(recording.errors).toEqual(here.errors);
  expect(here.errors.join("\n")).toContain("pulumi config set apiServerAccess private");
  for (const { resources } of [recording, here]) {
    expect(resources.map(({ kind }) => kind)).toEqual(["stack"]);
  }
}, 180_000);

test("the policy pack says in Pulumi's host what it says in the rehearsal, of the stack and of every manifest of the corpus", async () => {
  // One resource that the pack refuses, so that there is something to say.
  const [template] = rehearsed.resources.filter(({ type }) => type === "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate");
  const spec = { spec: { devices: { requests: [{ name: "all-of-it", exactly: { deviceClassName: "gpu.nvidia.com" } }] } } };
  const inputs = { ...template?.wire.inputs, spec };
  const resources = [
    ...rehearsed.resources,
    ...(template === undefined ? [] : [{ ...template, urn: `${template.urn}-2`, inputs, wire: { inputs, outputs: inputs } }]),
    ...corpusCases().map(({ manifest, policy, verdict, name }) => {
      const object = toObject(manifest as PlainMap, { type: "manifest", file: `${policy}/${verdict}.yaml`, line: 1 }, "default");
      return asResource({ ...object, name: `${policy}-${verdict}-${name}` }, options.stack, options.project);
    }),
  ];

  const [here, there] = await Promise.all([loadPack(PACK), servePackInHost(PACK, "main.js")]);
  try {
    const verdict = await evaluatePack(here, resources);
    expect(await evaluatePack(there.pack, resources)).toEqual(verdict);
    expect(verdict.violations).toContainEqual(
      expect.objectContaining({ policy: "enforce-balanced-mig-profiles", message: expect.stringContaining("all-of-it") as string }),
    );
  } finally {
    await there.stop();
  }
}, 180_000);
