/** Which version of NVIDIA's DRA driver published a node's slices: no field says it, their form does. */
import { DRA_DRIVER_LINES, draDriverPublication } from "../../releases/dra-driver-lines";
import type { DraDriverLine, DraDriverPublication } from "../../releases/dra-driver-lines";
import { DRIVER } from "../../well-known/attributes";
import { LONGEST_GENERATED_PREFIX } from "../devices";
import { parseDeviceName } from "./device-names";
import type { CapturedNode } from "./read";

/** The lines whose form the slices have, the oldest first. Several where the capture does not show in what they differ. */
export function possibleLines(node: CapturedNode): readonly DraDriverLine[] {
  return DRA_DRIVER_LINES.filter((line) => hasForm(node, draDriverPublication(line)));
}

/** A device may lack its PCI address: then that is a difference. */
function hasForm({ devices, sliceNames }: CapturedNode, publication: DraDriverPublication): boolean {
  return (
    devices.every(({ name }) => parseDeviceName(name, publication.deviceNames) !== undefined) &&
    devices.some(({ attributes }) => Object.hasOwn(attributes, publication.pciAddress)) &&
    sliceNames.every((name) => hasSliceNameForm(name, publication.sliceNames))
  );
}

/** What stands before the five characters of the API server: as the driver asks for it, or as much of it as the API server takes. */
const GENERATED_NAME = /^(?<prefix>.+)[a-z0-9]{5}$/;
const INDEX_FIRST = /^\d{5}-gpu\.nvidia\.com-./;

function hasSliceNameForm(name: string, form: DraDriverPublication["sliceNames"]): boolean {
  const prefix = GENERATED_NAME.exec(name)?.groups?.["prefix"];
  if (prefix === undefined || INDEX_FIRST.test(prefix) !== (form === "indexFirst")) {
    return false;
  }
  return prefix.length === LONGEST_GENERATED_PREFIX || prefix.endsWith(form === "indexFirst" ? "-" : `-${DRIVER}-`);
}
