/** How awsx's Auto strategy divides a VPC's range (pulumi-awsx e60adf3, awsx/ec2/subnetDistributorNew.ts). */

/** Whether two CIDR blocks have addresses in common. */
export function overlaps(a: string, b: string): boolean {
  const [one, other] = [span(a), span(b)];
  return one.start < other.end && other.start < one.end;
}

function span(cidrBlock: string): { readonly start: number; readonly end: number } {
  const [base = "", prefix = "32"] = cidrBlock.split("/");
  const start = Math.floor(toNumber(base) / size(Number(prefix))) * size(Number(prefix));
  return { start, end: start + size(Number(prefix)) };
}

/**
 * CIDR blocks by zone, then by subnet.
 * @param masks prefix length per subnet; undefined: an even share of the zone's range.
 * @throws Error where they do not fit into a zone's share of the VPC.
 */
export function rangesOf(cidrBlock: string, zones: number, masks: readonly (number | undefined)[]): readonly (readonly string[])[] {
  const [base = "", prefix = "16"] = cidrBlock.split("/");
  const zonePrefix = Number(prefix) + bitsFor(zones);
  const evenPrefix = zonePrefix + bitsFor(masks.length);
  const needed = masks.reduce((sum: number, mask) => sum + size(mask ?? evenPrefix), 0);
  if (needed > size(zonePrefix)) {
    throw new Error(`Subnets are too large for VPC. VPC has ${size(zonePrefix)} addresses, but subnets require ${needed} addresses.`);
  }
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
