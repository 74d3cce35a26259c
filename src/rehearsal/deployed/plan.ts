/** What an `up` would do with a stack that is deployed. */
import type { RecordedResource } from "../monitor/recording";
import type { Changes } from "./changes";
import type { DeployedResource } from "./stack-export";

/** A resource that is deployed, and wanted. */
interface Compared {
  readonly resource: RecordedResource;
  readonly deployed: DeployedResource;
  readonly changes: Changes;
}

/** What happens to one resource. */
export type Step =
  | { readonly type: "create"; readonly resource: RecordedResource }
  | ({ readonly type: "same" } & Compared)
  | ({ readonly type: "update" } & Compared)
  | ({ readonly type: "replace" } & Compared)
  | { readonly type: "delete"; readonly deployed: DeployedResource };

/** The type of a step's resource, and its name in the program. */
export function subjectOf(step: Step): { readonly urn: string; readonly type: string; readonly name: string } {
  const { urn, type } = step.type === "delete" ? step.deployed : step.resource;
  return { urn, type, name: urn.split("::").slice(3).join("::") };
}

/** `NodeGroup a100`. */
export function titleOf(step: Step): string {
  return titleOfUrn(subjectOf(step).urn);
}

/** The title of what has a URN, whose third part are the types of the resource and of its parents. */
export function titleOfUrn(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.split(":").at(-1) ?? ""} ${name.join("::")}`;
}

/** Whether a step is about something that a provider makes: components and the stack itself say nothing of their own. */
export function isOfProvider(step: Step): boolean {
  return step.type === "delete" ? step.deployed.custom : ["custom", "read", "provider", "defaultProvider"].includes(step.resource.kind);
}

/** Whether an interrupted run has deleted the resource that the state still has. */
export function isGoneAlready(step: Step): boolean {
  return "deployed" in step && step.deployed.pendingReplacement;
}

/** Whether Pulumi forgets the resource that is deployed, and leaves it where it is. */
export function isKept(step: Step): boolean {
  return (step.type === "delete" || step.type === "replace") && step.deployed.retainOnDelete;
}
