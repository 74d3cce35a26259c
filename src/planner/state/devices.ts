/** The slices and whole GPUs that NVIDIA's driver publishes, with what they are worth and who holds them. */
import { Inventory } from "../../dra/allocator/inventory";
import { Matcher } from "../../dra/allocator/matching";
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
  const holders = new Map<string, PlannedClaim>();
  for (const planned of claims) {
    for (const { driver, pool, device, adminAccess } of planned.claim.allocation?.devices ?? []) {
      if (!adminAccess) {
        holders.set(`${driver}/${pool}/${device}`, planned);
      }
    }
  }
  const tiers = TIERS.flatMap(({ name, className }) => {
    const deviceClass = state.deviceClasses.find((each) => each.name === className);
    return deviceClass === undefined ? [] : [{ name, matcher: new Matcher(inventory, deviceClass, [], rules) }];
  });
  const models = new Map<string, GpuModel | undefined>();
  return state.nodes.flatMap(({ metadata: { name: node } }) => {
    const { start, end } = inventory.onNode(node);
    return Array.from({ length: end - start }, (_, offset) => start + offset).flatMap((index): GpuDevice[] => {
      const { driver, pool, device } = inventory.at(index);
      if (driver !== DRIVER) {
        return [];
      }
      const text = (name: string) => device.attributes[name]?.string;
      const productName = text("productName") ?? "unknown product";
      if (!models.has(productName)) {
        models.set(productName, findGpuModel(productName));
      }
      const model = models.get(productName);
      const profile = text("profile") ?? WHOLE_GPU;
      return [
        {
          ...{ node, name: device.name, productName, model, profile },
          tier: tiers.find(({ matcher }) => matcher.verdict(index).type === "match")?.name,
          gpu: `${node} ${text("parentUUID") ?? text("uuid") ?? device.name}`,
          share: shareOf(model, profile),
          capacity: device.capacity,
          holder: holders.get(`${driver}/${pool}/${device.name}`),
        },
      ];
    });
  });
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
