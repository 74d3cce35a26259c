/** Name formats that only single kinds use. Source: `k8s.io/apimachinery/pkg/util/validation`. */

import ipaddr from "ipaddr.js";
import { dnsSubdomainFault } from "../../../dra/manifest/names";

/** Keys of ConfigMaps and Secrets, which become file names. */
export function dataKeyFault(key: string): string | undefined {
  if (key === "." || key.startsWith("..")) {
    return "must not be '.' or begin with '..'";
  }
  return key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) ? undefined : "must consist of at most 253 letters, digits, '-', '_' and '.'";
}

/** Names of ports: an IANA service name. */
export function portNameFault(name: string): string | undefined {
  const legal =
    name.length <= 15 &&
    /^[-a-z0-9]+$/.test(name) &&
    /[a-z]/.test(name) &&
    !name.includes("--") &&
    !name.startsWith("-") &&
    !name.endsWith("-");
  return legal
    ? undefined
    : "must be a port name: at most 15 lower case letters, digits and single '-', at least one letter, none of '-' at an end";
}

/** The API server reads numbers with zeros in front as decimal ones where it always has (`IsValidIPForLegacyField`). */
export function addressFault(address: string): string | undefined {
  const decimal = withoutZeros(address);
  return ipaddr.IPv4.isValidFourPartDecimal(decimal) || ipaddr.IPv6.isValid(address) ? undefined : "must be an IP address";
}

function withoutZeros(address: string): string {
  return address.replace(/(^|\.)0+(?=\d)/g, "$1");
}

/** An address at which something outside of the node can be. Source: `ValidateEndpointIP`. */
export function endpointAddressFault(address: string): string | undefined {
  const fault = addressFault(address);
  if (fault !== undefined) {
    return fault;
  }
  const parsed = ipaddr.parse(withoutZeros(address));
  const isLocalMulticast = parsed.kind() === "ipv4" && parsed.toString().startsWith("224.0.0.");
  return ["unspecified", "loopback", "linkLocal"].includes(parsed.range()) || isLocalMulticast
    ? "must not be an unspecified, loopback or link-local address"
    : undefined;
}

/** Search domains of DNS, in which underscores are usual. */
export function searchDomainFault(domain: string): string | undefined {
  const name = domain.endsWith(".") ? domain.slice(0, -1) : domain;
  return domain === "." || dnsSubdomainFault(name.replaceAll("_", "-")) === undefined ? undefined : "must be a DNS domain";
}
