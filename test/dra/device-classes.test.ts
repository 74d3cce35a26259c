import { PASSTHROUGH_DEVICE_CLASS, VENDOR_DEVICE_CLASSES, draDriverClasses } from "../../src/dra/device-classes";
import { catalogueDevices } from "../../src/dra/devices";
import { compileSelector } from "../../src/dra/selector/selector";
import type { DraDriverLine } from "../../src/releases/dra-driver-lines";
import { RELEASES } from "../../src/releases/find";
import { RULES } from "../support/rules";

describe("the vendor's device classes", () => {
  it("are two up to 25.8, and three from 25.12 on", () => {
    const namesOf = (line: DraDriverLine) => draDriverClasses({ version: line, line }).map(({ name }) => name);
    expect(namesOf("25.8")).toEqual(["gpu.nvidia.com", "mig.nvidia.com"]);
    expect(namesOf("25.12")).toEqual(["gpu.nvidia.com", "mig.nvidia.com", "vfio.gpu.nvidia.com"]);
    expect(namesOf("0.4")).toEqual(namesOf("25.12"));
  });

  it.each([
    ["gpu.nvidia.com", "gpu"],
    ["mig.nvidia.com", "mig"],
    ["vfio.gpu.nvidia.com", "vfio"],
  ])("%s holds exactly the devices of type %s", (name, type) => {
    const deviceClass = [...VENDOR_DEVICE_CLASSES, PASSTHROUGH_DEVICE_CLASS].find((candidate) => candidate.name === name);
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
