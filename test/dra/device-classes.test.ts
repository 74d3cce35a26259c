import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import { catalogueDevices } from "../../src/dra/devices";
import { compileSelector } from "../../src/dra/selector/selector";
import { RELEASES } from "../../src/releases/find";
import { RULES } from "../support/rules";

describe("the vendor's device classes", () => {
  it.each([
    ["gpu.nvidia.com", "gpu"],
    ["mig.nvidia.com", "mig"],
  ])("%s holds exactly the devices of type %s", (name, type) => {
    const deviceClass = VENDOR_DEVICE_CLASSES.find((candidate) => candidate.name === name);
    const devices = RELEASES.flatMap((release) => catalogueDevices(release));
    for (const expression of deviceClass?.selectors ?? [""]) {
      const selector = compileSelector(expression, RULES);
      for (const { input } of devices) {
        const expected = input.attributes["type"]?.string === type ? "match" : "noMatch";
        expect(selector.type === "selector" && selector.evaluate(input).type).toBe(expected);
      }
      expect(selector.type === "selector" && selector.evaluate({ driver: "other", attributes: {}, capacity: {} }).type).toBe("noMatch");
    }
  });
});
