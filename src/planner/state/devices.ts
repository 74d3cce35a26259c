/** The slices and whole GPUs that NVIDIA's driver publishes, with what they are worth and who holds them. */
import { Inventory } from "../../dra/allocator/devices/inventory";
import { Matcher } from "../../dra/allocator/devices/matching";
import { TIERS } from "../../dra/tiers";
import type { TierName } from "../../dra/tiers";
import type { Device } from "../../dra/types";
import { findGpuModel } from "../../hardware/gpu-models";
import { WHOLE_GPU } from "../../hardware/node-devices";
import type { GpuModel } from "../../hardware/types";
import { DRIVER } from "../../well-known/attributes";
import type { PlannedClaim, PlannedCluster } from "./cluster";

export interface GpuDevice {
  readonly node: string;
  readonly name: string;
  /** As the driver says it: `NVIDIA A100-SXM4-40GB`. */
  readonly productName: string;
  /** Undefined for a product that the catalogue does not have. */
  readonly model: GpuModel | undefined;
  /** MIG profile, or `whole GPU`. */
  readonly profile: string;
  readonly tier: TierName | undefined;
  /** Its physical GPU: a name that no other GPU of the cluster has. */
  readonly gpu: string;
  /** The part of its GPU that it is, by compute slices. Undefined where the catalogue does not say. */
  readonly share: number | undefined;
  /** What the driver publishes of it. */
  readonly capacity: Device["capacity"];
  /** The claim that holds it. */
  readonly holder: PlannedClaim | undefined;
}

/** Every device of NVIDIA's driver that kube-scheduler can see: of the newest generation of each pool. */
export function gpuDevices({ state, claims, release: { kubernetes: rules } }: PlannedCluster): readonly GpuDevice[] {
  const inventory = new Inventory(state.slices, rules.scheduler);
  const holders = inventory.holders(claims);
  const tiers = TIERS.flatMap(({ name, className }) => {
    const deviceClass = state.deviceClasses.find((each) => each.name === className);
    return deviceClass === undefined ? [] : [{ name, matcher: new Matcher(inventory, deviceClass, [], rules) }];
  });
  const kinds = new Map<string, KindOfDevice>();
  const found: GpuDevice[] = [];
  for (const { metadata } of state.nodes) {
    const { start, end } = inventory.onNode(metadata.name);
    for (let index = start; index < end; index++) {
      const { driver, device } = inventory.at(index);
      if (driver === DRIVER) {
        const { profile, productName, parentUUID, uuid } = device.attributes;
        const { model, share } = kindOf(kinds, productName?.string ?? UNKNOWN_PRODUCT, profile?.string ?? WHOLE_GPU);
        found.push({
          node: metadata.name,
          name: device.name,
          productName: productName?.string ?? UNKNOWN_PRODUCT,
          model,
          profile: profile?.string ?? WHOLE_GPU,
          tier: tiers.find(({ matcher }) => matcher.verdict(index).type === "match")?.name,
          gpu: `${metadata.name} ${parentUUID?.string ?? uuid?.string ?? device.name}`,
          share,
          capacity: device.capacity,
          holder: holders[index],
        });
      }
    }
  }
  return found;
}

const UNKNOWN_PRODUCT = "unknown product";

/** What devices of one product and profile share. */
type KindOfDevice = Pick<GpuDevice, "model" | "share">;

function kindOf(known: Map<string, KindOfDevice>, productName: string, profile: string): KindOfDevice {
  const key = `${productName} ${profile}`;
  let kind = known.get(key);
  if (kind === undefined) {
    const model = findGpuModel(productName);
    kind = { model, share: shareOf(model, profile) };
    known.set(key, kind);
  }
  return kind;
}

/** The index of a device's GPU on its node, by the names that the driver gives: `gpu-0-mig-1g5gb-19-0`, `gpu-0`. Undefined for another name. */
export function gpuIndexOf(deviceName: string): number | undefined {
  const [, index] = /^gpu-(\d+)(?:-|$)/.exec(deviceName) ?? [];
  return index === undefined ? undefined : Number(index);
}

function shareOf(model: GpuModel | undefined, profile: string): number | undefined {
  if (profile === WHOLE_GPU) {
    return 1;
  }
  const computeSlices = model?.profiles.find(({ name }) => name === profile)?.computeSlices;
  return model === undefined || computeSlices === undefined ? undefined : computeSlices / model.computeSlices;
}
