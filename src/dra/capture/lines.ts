/** Which version of NVIDIA's DRA driver published a node's slices: no field says it, their form does. */
import { DRA_DRIVER_LINES, draDriverPublication } from "../../releases/dra-driver-lines";
import type { DraDriverLine, DraDriverPublication } from "../../releases/dra-driver-lines";
import { parseDeviceName } from "./device-names";
import type { CapturedNode } from "./read";

/** The lines whose form the slices have, the oldest first. Several where the capture does not show in what they differ. */
export function possibleLines(node: CapturedNode): readonly DraDriverLine[] {
  return DRA_DRIVER_LINES.filter((line) => hasForm(node, draDriverPublication(line)));
}

const SLICE_NAMES: Readonly<Record<DraDriverPublication["sliceNames"], RegExp>> = {
  nodeFirst: /^(?!\d{5}-gpu\.nvidia\.com-).+-gpu\.nvidia\.com-[a-z0-9]{5}$/,
  indexFirst: /^\d{5}-gpu\.nvidia\.com-.+-[a-z0-9]{5}$/,
};

function hasForm({ devices, sliceNames }: CapturedNode, publication: DraDriverPublication): boolean {
  return (
    devices.every(
      ({ name, attributes }) =>
        parseDeviceName(name, publication.deviceNames) !== undefined && Object.hasOwn(attributes, publication.pciAddress),
    ) && sliceNames.every((name) => SLICE_NAMES[publication.sliceNames].test(name))
  );
}
