/** What the rehearsal says will become of a stack's objects with others created after them. */
import { toObject } from "../../../src/cluster/objects";
import { objectsOf } from "../../../src/rehearsal/recorded/objects";
import { testedRelease } from "../../support/tested-release";
import { simulateCluster } from "../../../src/cluster/simulate";
import type { PlainMap } from "../../../src/rehearsal/monitor/recording";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import type { Cluster } from "./cluster";

export interface Rehearsed {
  /** By name of the object that makes the pods: the profiles that each of its pods gets, and its node. */
  readonly placed: Readonly<Record<string, readonly { readonly nodeName: string; readonly profiles: readonly string[] }[]>>;
  /** By name of the object that makes the pods: the reasons of those that are pending. */
  readonly pending: Readonly<Record<string, readonly string[]>>;
}

export function rehearse({ nodes, recording }: Cluster, objects: readonly KubernetesObject[] = []): Rehearsed {
  const more = objects.map((object) => toObject(object as PlainMap, { type: "manifest", file: "test", line: 1 }, "default"));
  const simulation = simulateCluster(nodes.nodes, nodes.shapes, [...objectsOf(recording), ...more], testedRelease());
  const profiles = new Map(
    simulation.slices.flatMap(({ spec }) =>
      spec.devices.map(({ name, attributes }) => [`${spec.pool.name}/${name}`, attributes["profile"]?.string ?? "whole GPU"] as const),
    ),
  );
  const placed: Record<string, { nodeName: string; profiles: readonly string[] }[]> = {};
  const pending: Record<string, string[]> = {};
  for (const outcome of simulation.pods) {
    const owner = outcome.planned.owner.name;
    if (outcome.type === "pending") {
      (pending[owner] ??= []).push(...Array.from({ length: outcome.count }, () => outcome.reason));
    } else {
      const devices = outcome.claims.flatMap((claim) => claim.devices.map(({ pool, device }) => profiles.get(`${pool}/${device}`) ?? ""));
      (placed[owner] ??= []).push({ nodeName: outcome.nodeName, profiles: devices });
    }
  }
  return { placed, pending };
}
