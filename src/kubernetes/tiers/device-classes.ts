import { DeviceClass } from "@pulumi/kubernetes/resource/v1";
import type { DeviceClassArgs } from "@pulumi/kubernetes/resource/v1";
import * as pulumi from "@pulumi/pulumi";
import type { DeviceClass as TierClass } from "../../dra/device-classes";
import { catalogueTierClasses } from "../../dra/tiers";

/**
 * A DeviceClass per tier: what claim templates name, quotas count and admission policies allow. Over every GPU of the catalogue, whichever the pools have: a profile that
 * no node publishes gives nobody anything, and another pool changes no class under the claims that name it.
 */
export class DeviceTiers extends pulumi.ComponentResource {
  /** Names of the classes, smallest tier first. */
  readonly classNames: pulumi.Output<string[]>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:DeviceTiers", name, {}, opts);

    const classes = catalogueTierClasses().map(
      (deviceClass) => new DeviceClass(deviceClass.name, deviceClassManifest(deviceClass), { parent: this }),
    );
    this.classNames = pulumi.all(classes.map(({ metadata }) => metadata.name));
    this.registerOutputs({ classNames: this.classNames });
  }
}

/** The manifest of a DeviceClass of `resource.k8s.io/v1`. */
export function deviceClassManifest({ name, selectors }: TierClass): DeviceClassArgs {
  return { metadata: { name }, spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) } };
}
