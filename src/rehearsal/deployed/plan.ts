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
  const { type, name } = subjectOf(step);
  return `${type.split(":").at(-1) ?? ""} ${name}`;
}

/** Whether a step is about something that a provider makes: components and the stack itself say nothing of their own. */
export function isOfProvider(step: Step): boolean {
  return step.type === "delete" ? step.deployed.custom : ["custom", "read", "provider", "defaultProvider"].includes(step.resource.kind);
}
