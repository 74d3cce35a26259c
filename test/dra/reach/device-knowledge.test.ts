/** What is known of devices before they exist, as a record: a name that is known to more, or to less, than before shows in a review. */
import type { Unknown } from "../../../src/cel/values/failures";
import { catalogueDevices } from "../../../src/dra/devices";
import { formAtLarge, formsOf } from "../../../src/dra/reach/device-knowledge";
import type { DeviceForm } from "../../../src/dra/reach/device-knowledge";
import { UNLISTED_DEVICES } from "../../../src/dra/reach/possible-devices";
import type { PossibleDevice } from "../../../src/dra/reach/possible-devices";
import type { Knowledge } from "../../../src/dra/selector/device-value";
import { GPU_MODELS } from "../../../src/hardware/gpu-models";
import { defaultRelease } from "../../../src/releases/find";

const devices = catalogueDevices(defaultRelease());

function nameOf(device: PossibleDevice): string {
  return device.type === "unlisted" ? `unlisted ${device.form}` : `${device.model.name} ${device.profile?.name ?? "whole"}`;
}

const PROFILES = GPU_MODELS.flatMap(({ profiles }) => profiles.map(({ name }) => name));
const TEXTS = [
  ...GPU_MODELS.map(({ productName }) => productName),
  ...["NVIDIA L4", "1g.1gb", "1g.96gb", "1g.97gb", "1g.7gb+me", "4g.192gb", "4g.193gb", "5g.20gb", "7g.384gb", "7g.385gb", "x"],
  ...PROFILES,
  ...["1g.20gb", "1g.22gb", "1g.24gb", "1g.26gb", "1g.27gb"],
];

function inWords(knowledge: "exact" | Unknown): string {
  if (knowledge === "exact") {
    return "exact";
  }
  const [differs, may] = [true, false].map((wanted) => TEXTS.filter((text) => knowledge.differsFrom(text) === wanted));
  return differs?.length === 0 ? "any" : `may be ${String(may)}`;
}

const known = (knowledge: Knowledge) => Object.fromEntries([...knowledge].map(([name, each]) => [name, inWords(each)]));
const shown = ({ input, known: { attributes, capacity }, likelihood }: DeviceForm) => ({
  ...{ likelihood, profile: "profile" in input.attributes ? input.attributes["profile"]?.string : "none" },
  slices: Object.keys(input.capacity).filter((name) => name.startsWith("memorySlice")),
  ...{ attributes: known(attributes), capacity: known(capacity) },
});

const SHOWN = ["A100-SXM4-40GB whole", "A100-SXM4-40GB 3g.20gb", "H100-SXM5-80GB 7g.80gb", "B200 180GB whole", "B200 180GB 1g.23gb+me"];

test.each(SHOWN)("%s at large, and its forms", (name) => {
  const device = devices.find((each) => nameOf(each) === name);
  expect(device && { atLarge: shown(formAtLarge(device)), forms: formsOf(device).map(shown) }).toMatchSnapshot();
});

test.each(UNLISTED_DEVICES.map((device) => [nameOf(device), device] as const))("%s", (_, device) => {
  const forms = formsOf(device);
  expect({ atLarge: shown(formAtLarge(device)), first: forms.slice(0, 1).map(shown), forms: forms.length }).toMatchSnapshot();
});

test("names of profiles that a product outside the catalogue can have", () => {
  const names = UNLISTED_DEVICES.flatMap((device) => formsOf(device).map(({ input }) => input.attributes["profile"]?.string ?? "none"));
  const sizes = new Map<string, number[]>();
  for (const name of names) {
    const [, compute = name, gigabytes = "", suffix = ""] = /^(\d+g)\.(\d+)(gb.*)$/.exec(name) ?? [];
    const key = `${compute} ${suffix}`;
    sizes.set(key, [...(sizes.get(key) ?? []), Number(gigabytes)]);
  }
  const missing = (have: readonly number[]) =>
    Array.from({ length: Math.max(...have) }, (_, index) => index + 1).filter((each) => !have.includes(each));
  expect(
    Object.fromEntries([...sizes].map(([key, have]) => [key, `1 to ${String(Math.max(...have))} but for ${String(missing(have))}`])),
  ).toMatchSnapshot();
});

test("names that each profile can have", () => {
  const names = devices.map((device) => [
    nameOf(device),
    [...new Set(formsOf(device).map(({ input }) => input.attributes["profile"]?.string))],
  ]);
  expect(Object.fromEntries(names.filter(([, forms]) => (forms?.length ?? 0) > 1))).toMatchSnapshot();
});
