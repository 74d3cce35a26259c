import { DeviceClass } from "@pulumi/kubernetes/resource/v1";
import * as pulumi from "@pulumi/pulumi";
import type { GpuPool } from "../config/types";
import { tierDeviceClass } from "../dra/tiers";
import { deviceClassManifest, poolModels, poolTiers } from "./pool-tiers";

export interface DeviceTiersArgs {
  /** All GPU pools; the classes name the profiles that the tiers are on their GPUs. */
  readonly pools: readonly GpuPool[];
}

/** A DeviceClass per tier: what claim templates name, quotas count and guardrails allow. */
export class DeviceTiers extends pulumi.ComponentResource {
  /** Names of the classes, smallest tier first. */
  readonly classNames: pulumi.Output<string[]>;

  constructor(name: string, args: DeviceTiersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:DeviceTiers", name, {}, opts);

    const models = poolModels(args.pools);
    const classes = poolTiers(args.pools).map(
      (tier) => new DeviceClass(tier.className, deviceClassManifest(tierDeviceClass(tier.name, models)), { parent: this }),
    );
    this.classNames = pulumi.all(classes.map(({ metadata }) => metadata.name));
    this.registerOutputs({ classNames: this.classNames });
  }
}
