/** Devices of a layout that no team can claim: the platform's device classes have slices of three sizes, and no whole GPUs. */
import { TIERS, tierProfile } from "../dra/tiers";
import { devicesPerNode } from "../hardware/node-devices";
import type { Node } from "./nodes";

/** One sentence for each pool whose layout has such devices. @param shapes one node of each pool. */
export function tierlessDevices(shapes: readonly Node[]): readonly { readonly pool: string; readonly message: string }[] {
  return shapes.flatMap(({ pool, layout }) => {
    if (layout === undefined) {
      return [];
    }
    const claimable = TIERS.map(({ name }) => tierProfile(name, layout.model)?.name);
    const tierless = Object.entries(devicesPerNode(layout)).filter(([profile]) => !claimable.includes(profile));
    const counted = tierless.map(([profile, count]) => `${String(count)} x ${profile}`).join(", ");
    return tierless.length === 0
      ? []
      : [
          {
            pool,
            message: `no team can claim ${counted} of each node: the device classes of the platform have ${claimable.filter((profile) => profile !== undefined).join(", ")} on ${layout.model.name}. Another layout gives teams the whole node`,
          },
        ];
  });
}
