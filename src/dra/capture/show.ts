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

/** Names in the domains of Kubernetes and of the driver, and fields of objects. */
const SHOWN_NAME = /^(resource\.kubernetes\.io\/)?[A-Za-z][A-Za-z0-9]{0,31}(\.[A-Za-z][A-Za-z0-9]{0,31}){0,2}$/;

/** The name of an attribute, a capacity or a field. */
export function showName(name: string): string {
  return SHOWN_NAME.test(name) ? name : `with a name of ${String(name.length)} characters`;
}

/** A version of three numbers. What is behind them could be a text of one machine's. */
const VERSION = /^\d{1,5}(\.\d{1,5}){2}$/;

/** The largest number that is shown: larger ones could be that of an account. */
const LARGEST_SHOWN = 99_999;

export function showAttribute(name: string, attribute: unknown): string {
  const [[kind, value] = [], ...others] = Object.entries(attribute ?? {}) as [string, unknown][];
  if (others.length > 0) {
    return "a value of another form";
  }
  switch (typeof value) {
    case "number":
      return Math.abs(value) > LARGEST_SHOWN ? "a large number" : `${String(value)} (${showName(String(kind))})`;
    case "boolean":
      return `${String(value)} (${showName(String(kind))})`;
    case "string":
      if (kind === "version" && VERSION.test(value)) {
        return value;
      }
      return kind === "string" && isShared(name) && NAME.test(value) ? `"${value}"` : `a text of ${String(value.length)} characters`;
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
