/** Names that say, in the AWS console and on the bill, which cluster a resource belongs to. */
import * as pulumi from "@pulumi/pulumi";
import { namePrefix } from "../well-known/name-prefix";
import { IAM_ROLE } from "../well-known/resource-types";
import { withOptions, withProps } from "./transforms";

/**
 * For the components of others: puts the cluster's name before the tag `Name` of everything that they make, which AWS changes in place.
 * @param ownTags tags of the stack; a `Name` among them is the user's own, and stays.
 */
export function tagsNamedAfter(clusterName: string, ownTags: Readonly<Record<string, string>>): pulumi.ResourceTransform {
  return ({ type, props }) => {
    if (!type.startsWith("aws:") || props.tags === undefined || ownTags.Name !== undefined) {
      return undefined;
    }
    const tags = pulumi.output(props.tags as Tags).apply((given) => nameTagAfter(clusterName, given));
    return withProps({ ...props, tags });
  };
}

/** For the eks component, which names its role after itself alone. */
export function roleNamedAfter(clusterName: string): pulumi.ResourceTransform {
  return (args) =>
    args.type === IAM_ROLE
      ? withOptions(
          { ...args, props: { ...args.props, namePrefix: namePrefix(clusterName, args.name, "role") } },
          { ignoreChanges: ["namePrefix"] },
        )
      : undefined;
}

type Tags = Readonly<Record<string, string>>;

function nameTagAfter(clusterName: string, tags: Tags): Tags {
  const { Name: name } = tags;
  return name === undefined ? tags : { ...tags, Name: `${clusterName}-${name}` };
}
