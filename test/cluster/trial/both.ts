/** Puts manifests through the models and through a real control plane, for a stack of the test. */
import { join } from "node:path";
import { judgeAndSimulate } from "../../../src/cluster/judgement/judge";
import type { Refusal } from "../../../src/cluster/judgement/checks";
import type { ClusterObject } from "../../../src/cluster/objects";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import type { Answered } from "../../../src/rehearsal/control-plane";
import { asResource } from "../../../src/rehearsal/manifests";
import { evaluatePack, isMandatory } from "../../../src/rehearsal/policy/evaluate";
import { loadPack } from "../../../src/rehearsal/policy/load-pack";
import { nodesOf } from "../../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../../src/rehearsal/recorded/objects";
import { readStack } from "../../../src/rehearsal/stack-files";
import { tryOut } from "../../../src/trial/trial";
import { ROOT, runProgram } from "../../support/program";
import { testedRelease } from "../../support/tested-release";

/** @param plane is empty, and has the sender among its users. @param config over that of the dev stack. */
export async function askBoth(
  plane: ControlPlane,
  config: Readonly<Record<string, unknown>>,
  manifestObjects: readonly ClusterObject[],
): Promise<Answered> {
  const release = testedRelease();
  const recording = await runProgram({ config });
  const { nodes, shapes } = nodesOf(recording);
  const stackObjects = objectsOf(recording);
  const settings = readStack(ROOT, "dev");
  const simulation = judgeAndSimulate(nodes, shapes, [...stackObjects, ...manifestObjects], release);
  const denied = await deniedByPack(recording.resources, manifestObjects);
  return tryOut(
    plane,
    { settings, recording, release, nodes, shapes, stackObjects, manifestObjects, denied, simulation },
    { answeredBy: [], signal: new AbortController().signal, onProgress: () => undefined },
  );
}

async function deniedByPack(
  resources: Awaited<ReturnType<typeof runProgram>>["resources"],
  objects: readonly ClusterObject[],
): Promise<ReadonlyMap<ClusterObject, readonly Refusal[]>> {
  const pack = await loadPack(join(ROOT, "policy-pack"));
  const asked = objects.map((object, index) => ({ object, resource: asResource(object, "dev", "shared-gpu", index) }));
  const { violations } = await evaluatePack(pack, [...resources, ...asked.map(({ resource }) => resource)]);
  const urns = new Set(violations.filter(isMandatory).map(({ urn }) => urn));
  return new Map(
    asked
      .filter(({ resource }) => urns.has(resource.urn))
      .map(({ object }) => [object, [{ message: "policy of the pack", onPurpose: "policyPack" }]]),
  );
}
