/**
 * What is known of a device before it exists, by attribute and capacity: the same for every version of NVIDIA's DRA driver and of its GPU driver.
 * Whether a device has a name that is not in these tables is unknown: it may come with the next version, a feature gate, another kernel.
 *
 * Source: what the unmodified kubelet plugins of v25.8.1, v25.12.0, v0.4.1 and of the branch for 0.5.0 published for whole and partitioned A100s, and captures from
 * real nodes with GPU drivers 550 to 595. So `pcieBusID` (up to 25.8), `resource.kubernetes.io/pciBusID`, `addressingMode` (from 25.12), `numaNode` (from 0.5) and
 * `pcieRoot` (where the operating system tells it) are in no table. Nor is `uuid`, which MIG devices lack with the feature gate DynamicMIG.
 */
import { Unknown } from "../../cel/values/failures";
import { GPU_MODELS } from "../../hardware/gpu-models";
import type { Knowledge } from "../selector/device-value";
import type { SelectorInput } from "../types";
import type { CatalogueDevice } from "../devices";
import type { PossibleDevice, UnlistedDevice } from "./possible-devices";

/** Fixed by the hardware and the layout. A device that lacks one lacks it in every version. */
const FIXED_ATTRIBUTES = ["type", "profile", "parentUUID", "productName", "architecture", "cudaComputeCapability"];

/** On every device, with the node's value. NVML may say another brand on Blackwell RTX GPUs. */
const VARYING_ATTRIBUTES = ["brand", "driverVersion", "cudaDriverVersion"];

/** On every MIG device, fixed by the profile, which the catalogue has from a listing or assumes. Whether a whole GPU has them depends on feature gates. */
const FIXED_CAPACITIES_OF_MIG = ["multiprocessors", "copyEngines", "decoders", "encoders", "jpegEngines", "ofaEngines"];

/** On every MIG device. The GPU driver rounds it: a 2g.10gb has 9856 MiB at driver 550, 9984 from 560 on. A whole GPU may lack it from 0.4 on. */
const VARYING_CAPACITIES_OF_MIG = ["memory"];

const PROFILES: ReadonlySet<string> = new Set(GPU_MODELS.flatMap(({ profiles }) => profiles.map(({ name }) => name)));
const PRODUCTS: ReadonlySet<string> = new Set(GPU_MODELS.map(({ productName }) => productName));

/** One form of a device, for the evaluation of selectors. */
export interface DeviceForm {
  readonly input: SelectorInput;
  readonly known: { readonly attributes: Knowledge; readonly capacity: Knowledge };
  /** `usual`: devices of the shape have it wherever the catalogue is right. `conceivable`: one may have it. */
  readonly likelihood: "usual" | "conceivable";
}

/** A device in all its forms at once: what differs between them is unknown. */
export function formAtLarge(device: PossibleDevice): DeviceForm {
  switch (device.type) {
    case "catalogue":
      return { input: device.input, known: { attributes: attributesOf(device), capacity: capacitiesOf(device) }, likelihood: "usual" };
    case "unlisted":
      return { input: device.input, known: { attributes: attributesOfUnlisted(device), capacity: new Map() }, likelihood: "conceivable" };
  }
}

/**
 * The forms one by one, the usual ones first: a MIG device at each place where it can start, and then one with each name
 * that its profile can have, of which unknown figures are unknown. That one can also lack its memory slices, as with the feature gate DynamicMIG.
 */
export function formsOf(device: PossibleDevice): readonly DeviceForm[] {
  const atLarge = formAtLarge(device);
  if (device.type === "unlisted") {
    return device.form === "GPU" ? [atLarge] : [...UNLISTED_PROFILES].map((name) => withProfile(atLarge, name, "conceivable"));
  }
  const placed = formsByPlacement(device, atLarge);
  const name = device.profile?.name;
  return [
    ...placed.map((form) => withProfile(form, name, "usual")),
    ...[name, ...otherProfileNames(device)].map((each) => withProfile(atLarge, each, "conceivable")),
  ];
}

function formsByPlacement(device: CatalogueDevice, atLarge: DeviceForm): readonly DeviceForm[] {
  const names = device.profile === undefined ? [] : [...FIXED_CAPACITIES_OF_MIG, ...memorySlices(device)];
  const capacity = new Map([...atLarge.known.capacity, ...names.map((name) => [name, "exact"] as const)]);
  return device.placements.map((placement) => ({
    ...atLarge,
    input: { ...device.input, capacity: placement },
    known: { ...atLarge.known, capacity },
  }));
}

function withProfile({ input, known }: DeviceForm, name: string | undefined, likelihood: DeviceForm["likelihood"]): DeviceForm {
  const attributes = new Map([...known.attributes, ["profile", "exact"] as const]);
  return {
    input: name === undefined ? input : { ...input, attributes: { ...input.attributes, profile: { string: name } } },
    known: { ...known, attributes },
    likelihood,
  };
}

function attributesOf(device: CatalogueDevice): Knowledge {
  const attributes = new Map<string, "exact" | Unknown>(FIXED_ATTRIBUTES.map((name) => [name, "exact"]));
  VARYING_ATTRIBUTES.forEach((name) => attributes.set(name, Unknown.instance));
  if (device.profile !== undefined) {
    attributes.set("parentUUID", Unknown.instance);
    const names = new Set([device.profile.name, ...otherProfileNames(device)]);
    if (names.size > 1) {
      attributes.set(
        "profile",
        Unknown.text((name) => names.has(name)),
      );
    }
  }
  return attributes;
}

function capacitiesOf({ model, profile }: CatalogueDevice): Knowledge {
  const fixed = model.profileFigures === "assumed" ? Unknown.instance : "exact";
  return profile === undefined
    ? new Map()
    : new Map<string, "exact" | Unknown>([
        ...FIXED_CAPACITIES_OF_MIG.map((name) => [name, fixed] as const),
        ...VARYING_CAPACITIES_OF_MIG.map((name) => [name, Unknown.instance] as const),
      ]);
}

/** It has another product name than those of the catalogue, and as a MIG device another profile: whoever names one of the catalogue does not mean it. */
function attributesOfUnlisted({ form }: UnlistedDevice): Knowledge {
  return new Map<string, "exact" | Unknown>([
    ["type", "exact"],
    ["productName", Unknown.text((name) => !PRODUCTS.has(name))],
    ...(form === "GPU"
      ? [["profile", "exact"] as const, ["parentUUID", "exact"] as const]
      : [["profile", Unknown.text((name) => UNLISTED_PROFILES.has(name))] as const, ["parentUUID", Unknown.instance] as const]),
    ...[...VARYING_ATTRIBUTES, "architecture", "cudaComputeCapability"].map((name) => [name, Unknown.instance] as const),
  ]);
}

/** By how many gibibytes the name of a Blackwell profile can differ. */
const NAME_TOLERANCE_GIB = 3;

/**
 * Other names of a profile. The driver computes the name from the profile's memory, which the GPU driver rounds: a GB200 has 1g.23gb or 1g.24gb
 * (NVIDIA/mig-parted #227), a B200 has 22528 or 20992 MiB in it. Those of Ampere and Hopper are the same in every capture.
 */
function otherProfileNames({ model, profile }: CatalogueDevice): readonly string[] {
  if (model.architecture !== "Blackwell" || profile === undefined) {
    return [];
  }
  const steps = Array.from({ length: NAME_TOLERANCE_GIB }, (_, index) => index + 1);
  const differing = (by: number) => profile.name.replace(/\d+(?=gb)/, (gigabytes) => String(Number(gigabytes) + by));
  const names = steps.flatMap((step) => [-step, step]).map(differing);
  return names.filter((name) => !PROFILES.has(name));
}

/** The most memory, in gigabytes, that a profile of so many compute slices has on a GPU of twice the memory that any has in 2026. */
const LARGEST_PROFILES = { "1g": 96, "2g": 96, "3g": 192, "4g": 192, "7g": 384 } as const;

/** Names of profiles that a product outside the catalogue can have. Those of the catalogue are not among them: whoever names one means its size. */
const UNLISTED_PROFILES: ReadonlySet<string> = new Set(
  Object.entries(LARGEST_PROFILES)
    .flatMap(([compute, most]) => Array.from({ length: most }, (_, index) => `${compute}.${String(index + 1)}gb`))
    .flatMap((name) => [name, `${name}+me`])
    .filter((name) => !PROFILES.has(name)),
);

function memorySlices({ model }: CatalogueDevice): readonly string[] {
  return Array.from({ length: model.memorySlices }, (_, slice) => `memorySlice${String(slice)}`);
}
