/** How awsx's Auto strategy divides a VPC's range (pulumi-awsx e60adf3, awsx/ec2/subnetDistributorNew.ts). */

/**
 * CIDR blocks by zone, then by subnet.
 * @param masks prefix length per subnet; undefined: an even share of the zone's range.
 */
export function rangesOf(cidrBlock: string, zones: number, masks: readonly (number | undefined)[]): readonly (readonly string[])[] {
  const [base = "", prefix = "16"] = cidrBlock.split("/");
  const zonePrefix = Number(prefix) + bitsFor(zones);
  const evenPrefix = zonePrefix + bitsFor(masks.length);
  return Array.from({ length: zones }, (_, zone) => {
    let next = toNumber(base) + zone * size(zonePrefix);
    return masks.map((mask) => {
      const length = mask ?? evenPrefix;
      // A subnet starts at a multiple of its own size.
      const start = Math.ceil(next / size(length)) * size(length);
      next = start + size(length);
      return `${toText(start)}/${length}`;
    });
  });
}

function bitsFor(count: number): number {
  return count === 0 ? 0 : Math.ceil(Math.log2(count));
}

function size(prefix: number): number {
  return 2 ** (32 - prefix);
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
