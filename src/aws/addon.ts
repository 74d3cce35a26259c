/** What all EKS add-ons of the stack have in common. */
import { Addon } from "@pulumi/aws/eks/addon";
import type * as pulumi from "@pulumi/pulumi";

export interface AddonSpec {
  /** EKS's name of the add-on: `vpc-cni`. */
  readonly addonName: string;
  readonly addonVersion: string;
  /** Settings in the add-on's own schema (`aws eks describe-addon-configuration`). Default: the add-on's defaults. */
  readonly configuration?: object;
  /** The service account of the add-on that gets the role by pod identity. Default: no AWS permissions. */
  readonly identity?: { readonly serviceAccount: string; readonly roleArn: pulumi.Input<string> };
}

/**
 * Creates one add-on in the version of the release, because "the most recent" changes under the stack.
 *
 * Both conflict settings are OVERWRITE. On creation, only the remains of an earlier attempt can conflict. On update, the stack is the only writer of
 * add-ons, and PRESERVE would keep an edit by hand for good, such as a network policy agent switched off.
 */
export function createAddon(
  name: string,
  clusterName: pulumi.Input<string>,
  tags: Readonly<Record<string, string>>,
  spec: AddonSpec,
  opts: pulumi.CustomResourceOptions,
): Addon {
  return new Addon(
    `${name}-${spec.addonName}`,
    {
      clusterName,
      addonName: spec.addonName,
      addonVersion: spec.addonVersion,
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      configurationValues: spec.configuration && JSON.stringify(spec.configuration),
      podIdentityAssociations: spec.identity && [spec.identity],
      tags,
    },
    opts,
  );
}
