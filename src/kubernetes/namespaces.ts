import type { NamespaceArgs } from "@pulumi/kubernetes/core/v1";
import { podSecurityLabel } from "../well-known/labels";

/** Level of the Pod Security Standards that a namespace enforces. */
export type PodSecurityLevel = "privileged" | "restricted";

/**
 * A Namespace that enforces a Pod Security level. `restricted` also warns and audits, so that the author of a Deployment learns at once why it makes no pods.
 * The level's version is `latest`: a cluster upgrade brings its own definition.
 */
export function namespace(name: string, podSecurity: PodSecurityLevel, labels: Readonly<Record<string, string>> = {}): NamespaceArgs {
  const modes = podSecurity === "restricted" ? (["enforce", "warn", "audit"] as const) : (["enforce"] as const);
  return {
    metadata: {
      name,
      labels: { ...labels, ...Object.fromEntries(modes.map((mode) => [podSecurityLabel(mode), podSecurity])) },
    },
  };
}
