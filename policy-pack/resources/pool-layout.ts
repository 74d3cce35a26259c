/** Whether the GPUs of an instance type can have a layout. */
import { findInstanceType } from "../../src/hardware/instance-types";
import { resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import { MIG_CONFIG_LABEL } from "../../src/well-known/labels";
import { ifKnown } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { show } from "../evaluation/snapshot";

/** Why the GPUs of an instance type cannot have a layout. @param spec what the name means; undefined if that is unknown here. */
export function layoutFindings(name: unknown, type: unknown, spec: LayoutSpec | undefined): readonly Finding[] {
  const label = `label ${MIG_CONFIG_LABEL} is ${show(name)}`;
  if (typeof type !== "string") {
    const sentence = `${label}, and an instance type is ${show(type)}, so this policy cannot check whether the layout is legal`;
    return [ifKnown(type, "instanceTypes", `whether the layout ${show(name)} is legal`, sentence)];
  }
  const instanceType = findInstanceType(type);
  if (instanceType === undefined) {
    return [`${label}, and the instance type ${type} is not in the catalogue, so this policy cannot check whether the layout is legal`];
  }
  const { gpus } = instanceType;
  if (gpus.type === "none") {
    return [`${label}, and a ${type} has no GPU. Remove the label, or use another instance type`];
  }
  if (gpus.type === "noMig") {
    return [`${label}, and the ${gpus.gpuName} of a ${type} cannot be divided: ${gpus.reason}`];
  }
  if (spec === undefined) {
    return [];
  }
  const result = resolveLayout(spec, gpus.model, gpus.count);
  if (result.type === "legal") {
    return [];
  }
  const nearest = result.nearest.length > 0 ? `; nearest: ${result.nearest.join(", ")}` : "";
  return [`${label}, which is not legal on a ${type}: ${result.reason}${nearest}`];
}
