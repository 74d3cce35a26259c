/** Answers of a transform, by which a component of ours changes what the awsx and eks components make. */
import * as pulumi from "@pulumi/pulumi";

/**
 * Other properties, and the options as they came. Options that go through the SDK come back changed: aliases get empty names, and `deleteBeforeReplace` is
 * false where it was not given, which overrules the provider (@pulumi/pulumi 3.248, runtime/callbacks.js).
 */
export function withProps(props: pulumi.Inputs): pulumi.ResourceTransformResult {
  return { props } as pulumi.ResourceTransformResult;
}

/** More options. Only for resources without aliases, because of what is said above. */
export function withOptions(
  { props, opts }: pulumi.ResourceTransformArgs,
  more: pulumi.CustomResourceOptions,
): pulumi.ResourceTransformResult {
  const { deleteBeforeReplace, ...others } = opts as pulumi.CustomResourceOptions;
  return { props, opts: pulumi.mergeOptions(deleteBeforeReplace === true ? { ...others, deleteBeforeReplace } : others, more) };
}
