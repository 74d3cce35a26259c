/** Puts a scenario to the real cluster and to the model, pod after pod, and tells where they differ. */
import type { AllocatedDevice, ResourceClaim } from "../../../src/dra/claims";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import type { Bed, Refusals } from "./bed";
import { faultsOf } from "./legality";
import { ask, podOf, preferredTo, readValid, refusalOfClaim, stateOf } from "./model";
import type { Moment } from "./model";
import { isOrderKnown, ofKind } from "./scenario";
import type { Scenario } from "./scenario";
import { isSame, verdictOfModel } from "./verdicts";
import type { Verdict } from "./verdicts";

export interface Disagreement {
  /** The object that it is about. */
  readonly about: string;
  readonly real: string;
  readonly model: string;
}

export interface Trial {
  readonly disagreements: readonly Disagreement[];
  /** What became of the pods in the real cluster. */
  readonly verdicts: readonly Verdict[];
}

/** @param refusals what the API server did not take of the scenario when it was created */
export async function runTrial(bed: Bed, scenario: Scenario, refusals: Refusals): Promise<Trial> {
  const disagreements = disagreementsOnObjects(scenario, refusals);
  const verdicts: Verdict[] = [];
  let running: Moment["running"] = [];
  let liveClaims: readonly KubernetesObject[] = [];
  for (const manifest of scenario.pods) {
    const before: Moment = { scenario, liveClaims, running };
    const expected = verdictOfModel(ask(stateOf(before), manifest));
    const { verdict, pod } = await bed.schedule(manifest, lacksClaim(scenario, refusals, manifest));
    verdicts.push(verdict);
    if (!isSame(verdict, expected)) {
      disagreements.push({ about: nameOf(manifest), real: describe(verdict), model: describe(expected) });
    }
    if (verdict.type === "placed") {
      const preferred = preferredTo(verdict.nodeName, stateOf(before), manifest);
      if (preferred !== undefined) {
        disagreements.push({ about: nameOf(manifest), real: describe(verdict), model: `prefers ${preferred}` });
      }
      liveClaims = await bed.claims(String(pod.metadata["namespace"]));
      running = [...running, { pod: manifest, nodeName: verdict.nodeName }];
      disagreements.push(...disagreementsOnDevices(before, pod, verdict.nodeName, liveClaims));
    }
  }
  return { disagreements, verdicts };
}

function disagreementsOnObjects(scenario: Scenario, refusals: Refusals): Disagreement[] {
  return scenario.objects.flatMap((object) => {
    const isClaim = object.kind === "ResourceClaim" || object.kind === "ResourceClaimTemplate";
    const [real, model] = [refusals.get(object), isClaim ? refusalOfClaim(scenario, object) : undefined];
    return (real === undefined) === (model === undefined)
      ? []
      : [{ about: nameOf(object), real: real ?? "accepted", model: model ?? "accepted" }];
  });
}

/** Whether a pod names a claim that does not exist, or a template from which none is made. */
function lacksClaim(scenario: Scenario, refusals: Refusals, pod: KubernetesObject): boolean {
  const exists = (kind: string, name: string): boolean =>
    ofKind(scenario, kind).some((object) => object.metadata["name"] === name && !refusals.has(object));
  return podOf(pod).claims.some(({ source }) =>
    source.type === "claim" ? !exists("ResourceClaim", source.claimName) : !exists("ResourceClaimTemplate", source.templateName),
  );
}

/** Of a pod that was placed: the devices that its claims got then. */
function disagreementsOnDevices(
  before: Moment,
  pod: KubernetesObject,
  nodeName: string,
  liveClaims: readonly KubernetesObject[],
): readonly Disagreement[] {
  const about = nameOf(pod);
  const state = stateOf(before);
  const claims = claimNamesOf(pod).map((name) =>
    readValid(liveClaims.find(({ metadata }) => metadata["name"] === name) as KubernetesObject),
  );
  const held = new Set(state.claims.filter(({ allocation }) => allocation !== undefined).map(({ name }) => name));
  const fresh = claims.filter(({ name }, index) => !held.has(name) && claims.findIndex((other) => other.name === name) === index);
  if (!isOrderKnown(before.scenario)) {
    return faultsOf(state, nodeName, fresh as readonly ResourceClaim[]).map((fault) => ({ about, real: fault, model: "cannot be" }));
  }
  // The pod names its node by now.
  const there = ask(state, pod);
  const real = (claims as readonly ResourceClaim[]).map(({ allocation }) => devicesIn(allocation?.devices ?? [])).join("; ");
  const model = there.type === "placed" ? there.claims.map(({ devices }) => devicesIn(devices)).join("; ") : there.message;
  return real === model ? [] : [{ about, real: `${nodeName}: ${real}`, model: `${nodeName}: ${model}` }];
}

/** The claims of a pod by the names that they have in the cluster, in the pod's order. */
function claimNamesOf({ spec, status }: KubernetesObject): readonly string[] {
  const entries = (spec["resourceClaims"] ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  const made = (status?.resourceClaimStatuses ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  return entries.map(
    ({ name, resourceClaimName }) => resourceClaimName ?? made.find((other) => other.name === name)?.resourceClaimName ?? "",
  );
}

function devicesIn(devices: readonly AllocatedDevice[]): string {
  return devices.map(({ request, pool, device, adminAccess }) => `${request}=${pool}/${device}${adminAccess ? " (admin)" : ""}`).join(" ");
}

function describe(verdict: Verdict): string {
  return verdict.type === "placed" ? `placed on ${verdict.nodeName}` : `${verdict.reason}: ${verdict.message}`;
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${String(metadata["name"])}`;
}
