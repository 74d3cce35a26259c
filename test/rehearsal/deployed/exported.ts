/** Exports of a deployed stack, made from a run of the program, and what an `up` would do with them. */
import { DeployedStack } from "../../../src/rehearsal/deployed/deployed-stack";
import { isOfProvider, titleOf } from "../../../src/rehearsal/deployed/plan";
import type { Step } from "../../../src/rehearsal/deployed/plan";
import { SECRET, SIGNATURE } from "../../../src/rehearsal/monitor/marks";
import type { DeployedResource, StackExport } from "../../../src/rehearsal/deployed/stack-export";
import { runProgram } from "../../support/program";
import type { ProgramOptions, RecordedResource, Recording } from "../../support/program";

export const PLACE = { project: "shared-gpu", stack: "dev" };

/** As an engine that has made everything would export it: secrets are encrypted. */
export function exportOf({ resources }: Recording, change: (resource: DeployedResource) => object = () => ({})): StackExport {
  return { resources: resources.map((resource) => deployedOf(resource, change)), pending: [] };
}

function deployedOf(resource: RecordedResource, change: (resource: DeployedResource) => object): DeployedResource {
  const { urn, type, id = "", parent = "", wire, kind, options, dependencies } = resource;
  const deployed = {
    ...{
      urn,
      type,
      id,
      parent,
      dependencies: [...dependencies],
      protect: options.protect,
      retainOnDelete: false,
      external: false,
      delete: false,
      pendingReplacement: false,
      taint: false,
      initErrors: [],
    },
    custom: ["custom", "provider", "defaultProvider"].includes(kind),
    inputs: encrypted(wire.inputs) as DeployedResource["inputs"],
    outputs: encrypted(wire.outputs) as DeployedResource["outputs"],
  };
  return { ...deployed, ...change(deployed) };
}

function encrypted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(encrypted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ((value as Record<string, unknown>)[SIGNATURE] === SECRET) {
    return { [SIGNATURE]: SECRET, ciphertext: "v1:cipher" };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encrypted(item)]));
}

export async function planOf(exported: StackExport, config: ProgramOptions["config"] = {}): Promise<readonly Step[]> {
  const deployed = new DeployedStack(exported, PLACE);
  await runProgram({ config, deployed });
  return deployed.steps();
}

/** `update NodeGroup a100`, without what stays the same. */
export const changesOf = (steps: readonly Step[]) =>
  steps.filter((step) => step.type !== "same" && isOfProvider(step)).map((step) => `${step.type} ${titleOf(step)}`);
