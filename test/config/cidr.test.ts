import fc from "fast-check";
import type { Block } from "../../src/config/cidr";
import { addressesIn, overlap, readBlock } from "../../src/config/cidr";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const prefix = fc.integer({ min: 0, max: 32 });
const dotted = (number: number): string => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");

/** The block of a prefix around an address, computed with plain numbers. */
const range = (number: number, bits: number): readonly [first: number, last: number] => {
  const length = 2 ** (32 - bits);
  const first = Math.floor(number / length) * length;
  return [first, first + length - 1];
};

const blockOf = (text: string): Block => {
  const result = readBlock(text);
  if (result.type !== "block") {
    throw new Error(`${text}: ${result.type}`);
  }
  return result.block;
};

describe("a block in CIDR notation", () => {
  it.each([
    ["10.0.0.0/16", "block"],
    ["10.0.0.1/16", "hostBits"],
    ["10.0.0.0", "address"],
    ["::/0", "block"],
    ["2001:db8::1", "address"],
    ["10.0.0.0/33", "invalid"],
    ["10.0.0/16", "invalid"],
    ["0x0a.0.0.0/8", "invalid"],
    ["010.0.0.0/8", "invalid"],
    ["10.0.0.0/", "invalid"],
    ["", "invalid"],
    ["private", "invalid"],
  ])("%p is read as %s", (text, type) => {
    expect(readBlock(text).type).toBe(type);
  });

  it("without host bits starts at its own address", () => {
    fc.assert(
      fc.property(address, prefix, (number, bits) => {
        const result = readBlock(`${dotted(number)}/${bits}`);
        const [first] = range(number, bits);
        expect(result).toMatchObject({ type: first === number ? "block" : "hostBits", block: { cidr: `${dotted(first)}/${bits}` } });
      }),
    );
  });

  it("overlaps another exactly where their ranges of addresses meet, either way round", () => {
    fc.assert(
      fc.property(address, prefix, address, prefix, (a, aBits, b, bBits) => {
        const [aFirst, aLast] = range(a, aBits);
        const [bFirst, bLast] = range(b, bBits);
        const [one, other] = [blockOf(`${dotted(aFirst)}/${aBits}`), blockOf(`${dotted(bFirst)}/${bBits}`)];
        const meet = aFirst <= bLast && bFirst <= aLast;
        expect([overlap(one, other), overlap(other, one)]).toEqual([meet, meet]);
      }),
    );
  });

  it.each([
    [[], 0n],
    [["203.0.113.7/32"], 1n],
    [["203.0.113.0/24", "203.0.113.7/32", "203.0.113.0/24"], 256n],
    [["203.0.113.0/25", "203.0.113.128/25"], 256n],
    [["0.0.0.0/0"], 2n ** 32n],
    [["2001:db8::/32"], 2n ** 96n],
  ])("has its addresses counted once: %p", (cidrs, addresses) => {
    expect(addressesIn(cidrs.map(blockOf))).toBe(addresses);
  });

  it("never overlaps one of the other family", () => {
    expect(overlap(blockOf("0.0.0.0/0"), blockOf("::/0"))).toBe(false);
  });
});
