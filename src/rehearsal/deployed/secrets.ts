/** Secrets of an export: encrypted, or with `--show-secrets` as the JSON text of the value (pulumi/pulumi pkg/resource/stack/deployment.go). */
import { SECRET, SIGNATURE } from "../monitor/marks";
import { isWireMap, secret } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";

/** A value in the place of one that only Pulumi can decrypt. */
const ENCRYPTED = "[encrypted]";

/** Values of an export as the engine hands them to programs. @param believed what takes the place of what is encrypted. */
export function decoded(value: WireValue, believed?: WireValue): WireValue {
  if (Array.isArray(value)) {
    const items = Array.isArray(believed) ? believed : [];
    return value.map((item: WireValue, index) => decoded(item, items[index] as WireValue | undefined));
  }
  if (!isWireMap(value)) {
    return value;
  }
  if (value[SIGNATURE] === SECRET) {
    const { plaintext } = value;
    return secret(typeof plaintext === "string" ? (JSON.parse(plaintext) as WireValue) : unmarked(believed));
  }
  const known = isWireMap(believed) ? believed : {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item, known[key])]));
}

function unmarked(believed: WireValue | undefined): WireValue {
  return isWireMap(believed) && believed[SIGNATURE] === SECRET ? (believed.value ?? null) : (believed ?? ENCRYPTED);
}

/** Deployed inputs that can be compared with new ones, and the paths at which nobody can: the new value takes the place of an encrypted one. */
export function comparable(deployed: WireMap, wanted: WireMap): { readonly inputs: WireMap; readonly encrypted: readonly string[] } {
  const encrypted: string[] = [];
  const inputs = compare(deployed, wanted, "", encrypted);
  return { inputs: inputs as WireMap, encrypted };
}

function compare(deployed: WireValue, wanted: WireValue | undefined, path: string, encrypted: string[]): WireValue {
  if (Array.isArray(deployed)) {
    const items = Array.isArray(wanted) ? wanted : [];
    return deployed.map((item: WireValue, index) => compare(item, items[index] as WireValue | undefined, `${path}[${index}]`, encrypted));
  }
  if (!isWireMap(deployed)) {
    return deployed;
  }
  if (deployed[SIGNATURE] === SECRET) {
    if (typeof deployed.plaintext === "string") {
      return JSON.parse(deployed.plaintext) as WireValue;
    }
    // That nothing is wanted there any more is a change that needs no decryption.
    if (wanted === undefined || wanted === null) {
      return ENCRYPTED;
    }
    encrypted.push(path);
    return wanted;
  }
  const known = isWireMap(wanted) ? wanted : {};
  return Object.fromEntries(
    Object.entries(deployed).map(([key, item]) => [key, compare(item, known[key], path === "" ? key : `${path}.${key}`, encrypted)]),
  );
}
