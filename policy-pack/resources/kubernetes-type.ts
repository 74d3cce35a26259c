/** The type tokens of Pulumi's Kubernetes provider. */

/** What a type token stands for. */
export type KubernetesType =
  | { readonly type: "object"; readonly apiVersion: string; readonly kind: string }
  /** It renders or reads objects and registers each of them. */
  | { readonly type: "component" }
  /** Helm installs the chart, and the program registers none of its objects. */
  | { readonly type: "release" }
  /** Not a token of the provider. */
  | { readonly type: "malformed" };

/** The SDK's types that are no objects (@pulumi/kubernetes 4.34: `yaml`, `kustomize`, `helm`), with those of earlier versions of them. */
const COMPONENTS: readonly string[] = [
  ...["kubernetes:yaml:ConfigFile", "kubernetes:yaml:ConfigGroup", "kubernetes:yaml/v2:ConfigFile", "kubernetes:yaml/v2:ConfigGroup"],
  ...["kubernetes:kustomize:Directory", "kubernetes:kustomize/v2:Directory"],
  ...["kubernetes:helm.sh/v2:Chart", "kubernetes:helm.sh/v3:Chart", "kubernetes:helm.sh/v4:Chart"],
];

export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Whether a type is one of the Kubernetes provider. */
export function isKubernetesType(type: string): boolean {
  return type.startsWith("kubernetes:");
}

/** Reads a type token of the Kubernetes provider. Only the SDK's own types are no objects: a custom resource can have a group that begins like theirs. */
export function readKubernetesType(token: string): KubernetesType {
  if (token === RELEASE) {
    return { type: "release" };
  }
  if (COMPONENTS.includes(token)) {
    return { type: "component" };
  }
  // Stryker disable next-line ArrayDeclaration: one entry is no kind either
  const [, versionOrToken, kind] = /^kubernetes:([^:]+):([^:]+)$/.exec(token) ?? [];
  return kind === undefined ? { type: "malformed" } : { type: "object", apiVersion: String(versionOrToken).replace(/^core\//, ""), kind };
}
