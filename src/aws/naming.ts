/** Names that say, in the AWS console and on the bill, which cluster a resource belongs to. */
import * as pulumi from "@pulumi/pulumi";
import { IAM_ROLE } from "../well-known/resource-types";
import { withOptions, withProps } from "./transforms";

/**
 * How long the prefix of a made-up name may be: the longest name that AWS takes, less the 26 digits that the provider adds.
 * Source: hashicorp/terraform-provider-aws v6, internal/service/{iam,ec2,eks}.
 */
const MAX_PREFIX = { role: 38, launchTemplate: 99, nodeGroup: 37 } as const;

/**
 * The beginning of a made-up name: `shared-gpu-dev-a100-`. Where both names together are too long each keeps half of the room, and more where the other
 * needs less. Pure.
 *
 * Let changes of the prefix be ignored: another name means another resource, and one that exists keeps the name that it has, with another prefix or with none,
 * as release 0.1 made them.
 */
export function namePrefix(clusterName: string, name: string, kind: keyof typeof MAX_PREFIX): string {
  const room = MAX_PREFIX[kind] - "--".length;
  const cluster = withoutHyphens(clusterName.slice(0, Math.max(Math.floor(room / 2), room - name.length)));
  return `${cluster}-${withoutHyphens(name.slice(0, room - cluster.length))}-`;
}

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

function withoutHyphens(text: string): string {
  return text.replace(/-+$/, "");
}
