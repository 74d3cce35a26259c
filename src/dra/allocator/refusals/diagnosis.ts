import { GPU_MODELS } from "../../../hardware/gpu-models";
import type { DeviceClass } from "../../device-classes";
import type { Inventory, NodeDevices } from "../devices/inventory";
import type { AlternativePlan, ClaimPlan, Planner } from "../devices/plan";
import type { Demand, NodeRefusal } from "./refusals";
import { searchNode } from "../devices/search";

/** A MIG profile in the text of a selector. */
const PROFILE_NAME = /(?:\d+c\.)?\d+g\.\d+gb(?:[+-][a-z]+(?:\.[a-z]+)?)?/g;

/** Why a node does not have the devices that a pod's claims ask for. To be asked only about a node where the search found none. */
export function diagnose(
  inventory: Inventory,
  planner: Planner,
  classes: ReadonlyMap<string, DeviceClass>,
  node: NodeDevices,
  claims: readonly ClaimPlan[],
): NodeRefusal {
  const demands = claims.flatMap((claim) =>
    claim.requests.map((alternatives) =>
      alternatives.map((alternative) => demandOf(inventory, planner, classes, node, claim, alternative)),
    ),
  );
  const failing = demands.filter((alternatives) => !alternatives.some(isMet));
  if (failing.length > 0) {
    return { type: "devices", demands: failing.flat(), passedOver: planner.rules.scheduler.wholePools ? passedOver(node) : [] };
  }
  if (searchNode(inventory, planner, node, claims).type === "gaveUp") {
    return { type: "gaveUp" };
  }
  const unconstrained = claims.map((claim) => ({
    ...claim,
    constraints: [],
    requests: claim.requests.map((alternatives) => alternatives.map((alternative) => ({ ...alternative, constraints: [] }))),
  }));
  if (searchNode(inventory, planner, node, unconstrained).type !== "found") {
    return { type: "together", demands: demands.flat(2) };
  }
  const attributes = claims.flatMap(({ constraints }) =>
    constraints.map(({ constraint: { type, attribute } }) => `${type === "matchAttribute" ? "the same" : "distinct"} ${attribute}`),
  );
  return { type: "constraints", attributes };
}

function passedOver({ incompletePools, invalidPools }: NodeDevices): readonly string[] {
  return [
    ...incompletePools.map((pool) => `pool ${pool} is passed over: it is not completely published yet`),
    ...invalidPools.map((pool) => `pool ${pool} is passed over: a device name exists twice`),
  ];
}

function demandOf(
  inventory: Inventory,
  planner: Planner,
  classes: ReadonlyMap<string, DeviceClass>,
  node: NodeDevices,
  claim: ClaimPlan,
  alternative: AlternativePlan,
): Demand {
  const { deviceClassName, selectors, allocationMode, adminAccess } = alternative.exact;
  const devices = Array.from({ length: node.end - node.start }, (_, index) => node.start + index);
  const matching = devices.filter((device) => planner.fits(alternative, device));
  const free = matching.filter((device) => adminAccess || !inventory.isTaken(device));
  const names = (some: readonly number[]) => some.map((device) => inventory.displayName(device));

  const products = unique(devices.flatMap((device) => inventory.at(device).device.attributes["productName"]?.string ?? []));
  const models = unique(products.flatMap(modelNames));
  const expressions = [...(classes.get(deviceClassName)?.selectors ?? []), ...selectors];
  const profiles = unique(expressions.flatMap((expression) => expression.match(PROFILE_NAME) ?? []));
  const namedInRequest = unique(selectors.flatMap((expression) => expression.match(PROFILE_NAME) ?? []));
  const wants = matching.length > 0 ? unique(names(matching)) : namedInRequest.length > 0 ? namedInRequest : profiles;
  return {
    claim: claim.name,
    request: alternative.reference,
    count: allocationMode.type === "All" ? "all" : allocationMode.count,
    wants: wants.length > 0 ? wants : [`a device of class ${deviceClassName}`],
    matching: matching.length,
    taken: matching.length - free.length,
    tainted: free.filter((device) => !planner.toleratesTaintsOf(alternative, device)).length,
    missingProfiles: (namedInRequest.length > 0 ? namedInRequest : profiles).flatMap((profile) =>
      models.filter((model) => !hasProfile(model, profile)).map((model) => ({ profile, model })),
    ),
    published: countNames(names(devices)),
  };
}

function isMet({ count, matching, taken, tainted }: Demand): boolean {
  return count === "all" ? matching > 0 && taken + tainted === 0 : matching - taken - tainted >= count;
}

/** Of a product of the catalogue, the GPU models' short names. */
function modelNames(productName: string): readonly string[] {
  return GPU_MODELS.filter((model) => model.productName === productName).map(({ name }) => name);
}

function hasProfile(modelName: string, profileName: string): boolean {
  return GPU_MODELS.some((model) => model.name === modelName && model.profiles.some(({ name }) => name === profileName));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function countNames(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
