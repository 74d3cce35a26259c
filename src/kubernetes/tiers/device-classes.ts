import { DeviceClass } from "@pulumi/kubernetes/resource/v1";
import * as pulumi from "@pulumi/pulumi";
import { catalogueTierClasses } from "../../dra/tiers";
import { deviceClassManifest } from "../pool-tiers";

/**
 * A DeviceClass per tier: what claim templates name, quotas count and guardrails allow. Over every GPU of the catalogue, whichever the pools have: a profile that
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
