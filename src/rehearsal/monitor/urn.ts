/** Uniform resource names in the engine's form (pulumi/pulumi sdk/go/common/resource/urn). */

/** The type of the root resource, the only one that never appears as a parent type in a URN. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** The URN of a resource. @param parent URN of its parent, empty for the stack itself. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : qualifiedType(parent);
  const qualified = parentType === "" || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** The part of a URN that names the types of a resource and its parents, `a:b:Parent$c:d:Child`. */
export function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** `aws` of `aws:eks/nodeGroup:NodeGroup`, and of the provider type `pulumi:providers:aws`. */
export function packageOf(type: string): string {
  const [first = "", module, name = ""] = type.split(":");
  return first === "pulumi" && module === "providers" ? name : first;
}

/** The URN in a provider reference `<urn>::<id>`; empty for an empty one. */
export function urnOfProvider(reference: string): string {
  return reference.slice(0, Math.max(0, reference.lastIndexOf("::")));
}
