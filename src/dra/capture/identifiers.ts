/** What each node, GPU or device has a value of its own for. */
import { PCIE_ROOT } from "../../releases/dra-driver-lines";
import type { CapturedDevice } from "./read";
import { stringOf } from "./values";

interface Named {
  readonly name: string;
}

export function isMig({ name }: Named): boolean {
  return name.includes("-mig-");
}

const UUIDS = {
  GPU: { form: /^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, words: "the UUID of a GPU" },
  MIG: { form: /^MIG-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, words: "the UUID of a MIG device" },
} as const;
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Strings of which a node has its own, by the form that all have. `addressingMode` says what NVML says. */
export function identifierForm(
  attribute: string,
  device: Named,
  pciAddress: string,
): { readonly form: RegExp; readonly words: string } | undefined {
  switch (attribute) {
    case "uuid":
      return isMig(device) ? UUIDS.MIG : UUIDS.GPU;
    case "parentUUID":
      return UUIDS.GPU;
    case pciAddress:
      return { form: PCI_ADDRESS, words: "a PCI address" };
    case PCIE_ROOT:
      return { form: /^pci[0-9a-f]{4}:[0-9a-f]{2}$/, words: "a root complex" };
    case "addressingMode":
      return { form: /^(None|HMM|ATS)$/, words: "None, HMM or ATS" };
    default:
      return undefined;
  }
}

interface Shared {
  readonly device: CapturedDevice;
  readonly subject: string;
  readonly published: string;
  readonly model: string;
}

/** Devices with an identifier that is not that of their owner alone: a UUID belongs to one device, that of the parent and a PCI address to one GPU. */
export function sharedIdentifiers(devices: readonly CapturedDevice[], pciAddress: string): readonly Shared[] {
  const gpuOf = ({ name }: Named): string => name.split("-", 2).join("-");
  return [
    ...sharedBy(devices, "uuid", ({ name }) => name, "one for each device"),
    ...sharedBy(devices, "parentUUID", gpuOf, "one for each GPU"),
    ...sharedBy(devices, pciAddress, gpuOf, "one for each GPU"),
  ];
}

function sharedBy(
  devices: readonly CapturedDevice[],
  attribute: string,
  ownerOf: (device: CapturedDevice) => string,
  model: string,
): readonly Shared[] {
  const owners = new Map<string, Set<string>>();
  const identifiers = new Map<string, Set<string>>();
  const add = (sets: Map<string, Set<string>>, key: string, value: string) => sets.set(key, (sets.get(key) ?? new Set()).add(value));
  const having = devices.flatMap((device) => {
    const identifier = stringOf(device.attributes[attribute]);
    return identifier === undefined ? [] : [{ device, owner: ownerOf(device), identifier }];
  });
  for (const { owner, identifier } of having) {
    add(owners, identifier, owner);
    add(identifiers, owner, identifier);
  }
  return having
    .filter(({ owner, identifier }) => owners.get(identifier)?.size !== 1 || identifiers.get(owner)?.size !== 1)
    .map(({ device }) => ({ subject: `attribute ${attribute}`, published: "one that others have too, or several", model, device }));
}
