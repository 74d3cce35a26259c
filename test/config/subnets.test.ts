import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { planSubnets } from "../../src/config/subnets";

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(cidr: string): Range {
  const toNumber = (address: ipaddr.IPv4): number => address.octets.reduce((number, octet) => number * 256 + octet, 0);
  return { first: toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr)), last: toNumber(ipaddr.IPv4.broadcastAddressFromCIDR(cidr)) };
}

const overlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last;

const zoneNames = (count: number): string[] => [..."abcdef"].slice(0, count).map((letter) => `us-east-1${letter}`);

/** VPCs of /16 to /24 anywhere in 10.0.0.0/8, with two to six zones. */
const vpcs = fc
  .record({ prefix: fc.integer({ min: 16, max: 24 }), place: fc.nat(), zones: fc.integer({ min: 2, max: 6 }) })
  .map(({ prefix, place, zones }) => {
    const size = 2 ** (32 - prefix);
    const base = 10 * 2 ** 24 + (place % 2 ** (prefix - 8)) * size;
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
    return { cidr: `${octets.join(".")}/${prefix}`, zones: zoneNames(zones) };
  });

describe("planSubnets", () => {
  test.each([
    ["10.0.0.0/16", 2, ["10.0.0.0/19", "10.0.64.0/19"], ["10.0.32.0/24", "10.0.96.0/24"]],
    ["10.0.0.0/16", 3, ["10.0.0.0/19", "10.0.64.0/19", "10.0.128.0/19"], ["10.0.32.0/24", "10.0.96.0/24", "10.0.160.0/24"]],
    ["10.20.0.0/17", 2, ["10.20.0.0/20", "10.20.32.0/20"], ["10.20.16.0/24", "10.20.48.0/24"]],
    ["172.16.0.0/18", 3, ["172.16.0.0/21", "172.16.16.0/21", "172.16.32.0/21"], ["172.16.8.0/24", "172.16.24.0/24", "172.16.40.0/24"]],
    ["192.168.0.0/19", 2, ["192.168.0.0/22", "192.168.8.0/22"], ["192.168.4.0/24", "192.168.12.0/24"]],
    ["10.0.16.0/20", 3, ["10.0.16.0/23", "10.0.20.0/23", "10.0.24.0/23"], ["10.0.18.0/24", "10.0.22.0/24", "10.0.26.0/24"]],
    ["10.0.0.0/24", 2, ["10.0.0.0/27", "10.0.0.64/27"], ["10.0.0.32/28", "10.0.0.96/28"]],
    [
      "10.0.0.0/25",
      4,
      ["10.0.0.0/28", "10.0.0.32/28", "10.0.0.64/28", "10.0.0.96/28"],
      ["10.0.0.16/28", "10.0.0.48/28", "10.0.0.80/28", "10.0.0.112/28"],
    ],
  ])("divides %s among %i zones", (cidr, zones, privateRanges, publicRanges) => {
    const plan = planSubnets(cidr, zoneNames(zones));
    expect(plan.map((zone) => zone.private)).toEqual(privateRanges);
    expect(plan.map((zone) => zone.public)).toEqual(publicRanges);
  });

  test("no two subnets share an address, and all lie in the VPC", () => {
    fc.assert(
      fc.property(vpcs, ({ cidr, zones }) => {
        const vpc = rangeOf(cidr);
        const subnets = planSubnets(cidr, zones).flatMap((zone) => [zone.private, zone.public].map(rangeOf));
        for (const [index, subnet] of subnets.entries()) {
          expect(subnet.first >= vpc.first && subnet.last <= vpc.last).toBe(true);
          expect(subnets.slice(index + 1).some((other) => overlap(subnet, other))).toBe(false);
        }
      }),
    );
  });

  test("every range starts at a multiple of its own size, as AWS demands", () => {
    fc.assert(
      fc.property(vpcs, ({ cidr, zones }) => {
        for (const zone of planSubnets(cidr, zones)) {
          for (const subnet of [zone.private, zone.public])
            expect(subnet).toBe(`${ipaddr.IPv4.networkAddressFromCIDR(subnet).toString()}/${subnet.split("/")[1]}`);
        }
      }),
    );
  });

  test("a zone added as the third or the fourth moves no range of the others", () => {
    fc.assert(
      fc.property(vpcs, ({ cidr }) => {
        expect(planSubnets(cidr, zoneNames(4)).slice(0, 3)).toEqual(planSubnets(cidr, zoneNames(3)));
        expect(planSubnets(cidr, zoneNames(3)).slice(0, 2)).toEqual(planSubnets(cidr, zoneNames(2)));
      }),
    );
  });

  test("keeps the order of the zones", () => {
    expect(planSubnets("10.0.0.0/16", ["us-east-1d", "us-east-1a"]).map(({ zone }) => zone)).toEqual(["us-east-1d", "us-east-1a"]);
  });

  test.each([
    ["10.0.0.0/15", 2],
    ["10.0.0.0/26", 2],
    ["10.0.0.0/25", 5],
  ])("refuses %s for %i zones", (cidr, zones) => {
    expect(() => planSubnets(cidr, zoneNames(zones))).toThrow(RangeError);
  });
});
