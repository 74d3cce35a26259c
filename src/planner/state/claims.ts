/** Claims and their templates, of every API version that the cluster has. */
import { listAt, toObject } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { readClaim } from "../../dra/claims";
import type { ClaimSpec, ResourceClaimTemplate } from "../../dra/claims";
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
  const specs = new Map<string, ClaimSpec>();
  return {
    claims: claimBodies.flatMap((body) => readOne(body, rules, specs, doubts)),
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

/**
 * A claim that asks for something unknown still holds what its status says.
 * @param specs those that were read before, by their text: claims of one template ask for the same.
 */
function readOne(body: JsonObject, rules: KubernetesRules, specs: Map<string, ClaimSpec>, doubts: Doubt[]): readonly PlannedClaim[] {
  const { name, namespace } = locationOf(body);
  const { apiVersion, kind, spec, status } = body;
  const metadata = { name, namespace };
  const withoutSpec = readClaim({ apiVersion, kind, metadata, spec: {}, status }, rules);
  const text = `${String(apiVersion)} ${JSON.stringify(spec)}`;
  let asked = specs.get(text);
  if (asked === undefined || withoutSpec.type === "invalid") {
    const whole = readClaim({ apiVersion, kind, metadata, spec, status }, rules);
    if (whole.type === "invalid") {
      const held =
        withoutSpec.type === "claim"
          ? "what it holds counts, what it asks for does not"
          : "neither what it asks for nor what it holds counts";
      doubts.push({
        kind: "ResourceClaim",
        could: "take",
        message: `the planner cannot read ResourceClaim ${namespace}/${name} (${whole.problems.join("; ")}): ${held}`,
      });
    } else {
      asked = whole.claim.spec;
      specs.set(text, asked);
    }
  }
  if (withoutSpec.type === "invalid" || withoutSpec.claim.kind !== "ResourceClaim") {
    return [];
  }
  const users = listAt(status, "reservedFor").map((user) => String(valueAt(user, "name")));
  const claim = { ...withoutSpec.claim, ...(asked === undefined ? {} : { spec: asked }), namespace };
  return [{ claim, users, madeFor: ownerOf(body) }];
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
