import ipaddr from "ipaddr.js";

/** An IP network block. */
export interface Block {
  readonly family: "ipv4" | "ipv6";
  /** As written without host bits: `10.0.0.0/16`. */
  readonly cidr: string;
  readonly prefix: number;
  /** What the block's addresses are for (`private`, `loopback`, `unicast`, ...), by the IANA registries. */
  readonly range: string;
}

/** What became of a text that should be a block in CIDR notation. */
export type BlockResult =
  | { readonly type: "block"; readonly block: Block }
  /** An address whose bits beyond the prefix are not zero; `block` is the one around it. */
  | { readonly type: "hostBits"; readonly block: Block }
  /** An address without a prefix; `block` is the block of this one address. */
  | { readonly type: "address"; readonly block: Block }
  | { readonly type: "invalid" };

/** Reads a block such as `10.0.0.0/16`. IPv4 must be four decimal numbers: shorter, octal and hexadecimal forms mean different things to different programs. */
export function readBlock(text: string): BlockResult {
  if (isStrictAddress(text)) {
    const address = ipaddr.parse(text);
    const prefix = address.kind() === "ipv4" ? 32 : 128;
    return { type: "address", block: toBlock(address, prefix) };
  }
  if (!isStrictBlock(text)) {
    return { type: "invalid" };
  }
  const [address, prefix] = ipaddr.parseCIDR(text);
  const block = toBlock(networkAddress(text), prefix);
  return address.toString() === networkAddress(text).toString() ? { type: "block", block } : { type: "hostBits", block };
}

/** Whether two blocks share an address. Blocks of different families never do. */
export function overlap(a: Block, b: Block): boolean {
  if (a.family !== b.family) {
    return false;
  }
  const [wider, narrower] = a.prefix <= b.prefix ? [a, b] : [b, a];
  const [address] = ipaddr.parseCIDR(narrower.cidr);
  return address.match(ipaddr.parseCIDR(wider.cidr));
}

/** The number of addresses that blocks of one family have together. An address that is in several of them counts once. */
export function addressesIn(blocks: readonly Block[]): bigint {
  const outer: (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = [];
  // The widest first: of two blocks that overlap, one is in the other.
  for (const { cidr } of [...blocks].sort((a, b) => a.prefix - b.prefix)) {
    const [address, prefix] = ipaddr.parseCIDR(cidr);
    if (!outer.some(([other, width]) => address.match(other, width))) {
      outer.push([address, prefix]);
    }
  }
  return outer.reduce((sum, [address, prefix]) => sum + 2n ** BigInt((address.kind() === "ipv4" ? 32 : 128) - prefix), 0n);
}

function toBlock(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): Block {
  return { family: address.kind(), cidr: `${address.toString()}/${prefix}`, prefix, range: address.range() };
}

function networkAddress(cidr: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return cidr.includes(":") ? ipaddr.IPv6.networkAddressFromCIDR(cidr) : ipaddr.IPv4.networkAddressFromCIDR(cidr);
}

function isStrictAddress(text: string): boolean {
  return text.includes(":") ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
}

function isStrictBlock(text: string): boolean {
  return text.includes(":") ? ipaddr.IPv6.isValidCIDR(text) : ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
}
