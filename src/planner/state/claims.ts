/** Claims and their templates, of every API version that the cluster has. */
import { listAt, toObject } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { readClaim } from "../../dra/claims";
import type { ResourceClaimTemplate } from "../../dra/claims";
import { valueAt } from "../../json/value-at";
import type { KubernetesRules } from "../../releases/kubernetes";
import type { Doubt, PlannedClaim } from "./cluster";

export interface ClaimsReading {
  readonly claims: readonly PlannedClaim[];
  readonly templates: readonly ResourceClaimTemplate[];
}

export function readClaims(
  claimBodies: readonly JsonObject[],
  templateBodies: readonly JsonObject[],
  rules: KubernetesRules,
  doubts: Doubt[],
): ClaimsReading {
  return {
    claims: claimBodies.flatMap((body) => readOne(body, rules, doubts)),
    templates: templateBodies.flatMap((body) => {
      const { name, namespace } = locationOf(body);
      const reading = readClaim(body, rules);
      if (reading.type === "claim" && reading.claim.kind === "ResourceClaimTemplate") {
        return [{ ...reading.claim, namespace }];
      }
      const problems = reading.type === "invalid" ? reading.problems : ["is no template"];
      doubts.push({
        kind: "ResourceClaimTemplate",
        could: "take",
        namespace,
        message: `the planner cannot read ResourceClaimTemplate ${namespace}/${name}: ${problems.join("; ")}`,
      });
      return [];
    }),
  };
}

/** A claim that asks for something unknown still holds what its status says. */
function readOne(body: JsonObject, rules: KubernetesRules, doubts: Doubt[]): readonly PlannedClaim[] {
  const { name, namespace } = locationOf(body);
  const { apiVersion, kind, spec, status } = body;
  const metadata = { name, namespace };
  const whole = readClaim({ apiVersion, kind, metadata, spec, status }, rules);
  const reading = whole.type === "claim" ? whole : readClaim({ apiVersion, kind, metadata, spec: {}, status }, rules);
  if (whole.type === "invalid") {
    const held =
      reading.type === "claim" ? "what it holds counts, what it asks for does not" : "neither what it asks for nor what it holds counts";
    doubts.push({
      kind: "ResourceClaim",
      could: "take",
      message: `the planner cannot read ResourceClaim ${namespace}/${name} (${whole.problems.join("; ")}): ${held}`,
    });
  }
  if (reading.type === "invalid" || reading.claim.kind !== "ResourceClaim") {
    return [];
  }
  const users = listAt(status, "reservedFor").map((user) => String(valueAt(user, "name")));
  return [{ claim: { ...reading.claim, namespace }, users, madeFor: ownerOf(body) }];
}

/** The pod that the controller made the claim for. */
function ownerOf(body: JsonObject): string | undefined {
  const owner = listAt(body, "metadata", "ownerReferences").find((each) => valueAt(each, "kind") === "Pod");
  const name = valueAt(owner, "name");
  return typeof name === "string" ? name : undefined;
}

function locationOf(body: JsonObject): { readonly name: string; readonly namespace: string } {
  return toObject(body, { type: "manifest", file: "", line: 0 }, "default");
}
