/**
 * Published values in words that can go into a public report. A text that is not known to be the same on many machines is named by its form: it could be a UUID,
 * an address, a node's name or an account.
 */
import { DRIVER, SHARED_ATTRIBUTES } from "../../well-known/attributes";

/** Texts that many machines have alike: what SHARED_ATTRIBUTES names, and how memory is addressed. */
function isShared(name: string): boolean {
  return SHARED_ATTRIBUTES.includes(`${DRIVER}/${name}`) || name === "addressingMode";
}

/** What names of products, profiles and architectures look like. ARNs, paths and addresses of IPv6 do not. */
const NAME = /^[A-Za-z0-9][\w .+-]{0,63}$/;

export function showAttribute(name: string, attribute: unknown): string {
  const [[kind, value] = [], ...others] = Object.entries(attribute ?? {}) as [string, unknown][];
  if (others.length > 0) {
    return "a value of another form";
  }
  switch (typeof value) {
    case "number":
    case "boolean":
      return `${String(value)} (${String(kind)})`;
    case "string":
      if (!NAME.test(value) || !(isShared(name) || kind === "version")) {
        return `a text of ${String(value.length)} characters`;
      }
      return kind === "version" ? value : `"${value}"`;
    default:
      return "a value of another form";
  }
}

export function showCapacity(capacity: { readonly value: string } | undefined): string {
  if (capacity === undefined) {
    return "nothing";
  }
  return /^[\d.]{1,20}[A-Za-z]{0,2}$/.test(capacity.value) ? capacity.value : "a quantity of another form";
}
