import { addressesIn, overlap, readBlock } from "./cidr";
import type { Block } from "./cidr";
import type { Report } from "./reading/problem";
import type { ApiServerAccess } from "./types";

const KEY = "apiServerAccess";

/** EKS takes at most so many blocks (service quota "Public endpoint access CIDR ranges per cluster"). */
const MAX_BLOCKS = 40;

/** A wider block is no restriction: two /1 are the whole Internet. Nor are more addresses than such a block has, however many blocks name them. */
export const WIDEST_PREFIX = 8;

/** What to write if whoever needs access has one of very many addresses. */
export const INSTEAD_OF_A_CLOUD =
  "The addresses of a public cloud are also those of its other customers. Give what needs access one address, such as that of a NAT gateway, or run it in the VPC";

/** Uses of addresses that nobody outside the VPC can send from; EKS refuses them, and from inside the private endpoint serves. */
const UNROUTABLE: readonly string[] = ["private", "carrierGradeNat", "loopback", "linkLocal", "multicast", "broadcast", "unspecified"];

/**
 * Who may reach the API server: `private`, or CIDR blocks with commas between them. There is no default, because every default is wrong for somebody:
 * open is unsafe, and with `private` this very program cannot reach the cluster from outside the VPC.
 */
export function resolveAccess(text: string, report: Report): ApiServerAccess | undefined {
  if (text.trim() === "") {
    report({ key: KEY, reason: UNSET });
    return undefined;
  }
  if (text.trim() === "private") {
    return { type: "private" };
  }
  const blocks = text.split(",").map((entry) => resolveEntry(entry.trim(), report));
  const understood = blocks.filter((block) => block !== undefined);
  checkOverlaps(understood, report);
  checkSum(understood, report);
  if (blocks.length > MAX_BLOCKS) {
    report({ key: KEY, reason: `${blocks.length} CIDR blocks are more than the ${MAX_BLOCKS} that EKS accepts. Merge adjacent ones` });
  }
  return { type: "cidrs", cidrs: understood.map(({ cidr }) => cidr) };
}

const UNSET = [
  "it is not set, and it has no default. Choose who can reach the Kubernetes API server with one of these commands",
  "      pulumi config set apiServerAccess private",
  '      pulumi config set apiServerAccess "$(curl -s https://checkip.amazonaws.com)/32"',
  "    The first allows only the VPC and networks connected to it, and this program must then run there. The second allows your own address too",
].join("\n");

function resolveEntry(entry: string, report: Report): Block | undefined {
  const result = readBlock(entry);
  if (result.type === "invalid") {
    report({
      key: KEY,
      value: entry,
      reason: 'neither "private" nor a CIDR block such as 203.0.113.7/32',
      nearest: /^priv/i.test(entry) ? ["private"] : [],
    });
    return undefined;
  }
  const { block } = result;
  if (result.type === "address") {
    report({ key: KEY, value: entry, reason: "an address without its prefix", nearest: [block.cidr] });
  } else if (block.prefix === 0) {
    report({ key: KEY, value: entry, reason: "this allows the whole Internet. Name the addresses that need access" });
  } else if (block.family === "ipv6") {
    report({ key: KEY, value: entry, reason: "the cluster uses IPv4, so EKS accepts IPv4 blocks only" });
  } else if (result.type === "hostBits") {
    report({
      key: KEY,
      value: entry,
      reason: "it has bits set beyond its prefix",
      nearest: [block.cidr, `${entry.slice(0, entry.indexOf("/"))}/32`],
    });
  } else if (block.prefix < WIDEST_PREFIX) {
    report({ key: KEY, value: entry, reason: `a block wider than /${WIDEST_PREFIX} is no restriction. Use narrower blocks` });
  } else if (UNROUTABLE.includes(block.range)) {
    report({
      key: KEY,
      value: entry,
      reason: "nobody reaches AWS over the Internet from these addresses. Inside the VPC the API server is always reachable",
      nearest: ["private"],
    });
  } else {
    return block;
  }
  return undefined;
}

function checkSum(blocks: readonly Block[], report: Report): void {
  const addresses = addressesIn(blocks);
  if (addresses > 2n ** BigInt(32 - WIDEST_PREFIX)) {
    report({
      key: KEY,
      reason: `the CIDR blocks have ${addresses.toLocaleString("en")} addresses together, more than a /${WIDEST_PREFIX}, which is no restriction. ${INSTEAD_OF_A_CLOUD}`,
    });
  }
}

function checkOverlaps(blocks: readonly Block[], report: Report): void {
  blocks.forEach((block, index) => {
    const other = blocks.slice(0, index).find((earlier) => overlap(earlier, block));
    if (other !== undefined) {
      report({ key: KEY, value: block.cidr, reason: `it overlaps ${other.cidr}, which comes before it. Keep the wider of the two` });
    }
  });
}
