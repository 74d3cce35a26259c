import type { Report } from "./reading/problem";

/** Longest label of a DNS name (RFC 1123), and so of a namespace and of a label's value. */
export const MAX_LABEL_LENGTH = 63;

/** Refuses a name that is not a DNS label (RFC 1123) of at most `maxLength` characters. Returns whether it is one. */
export function checkDnsLabel(key: string, name: string, maxLength: number, report: Report): boolean {
  if (isDnsLabel(name, maxLength)) {
    return true;
  }
  const repaired = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, maxLength)
    .replaceAll(/^-+|-+$/g, "");
  report({
    key,
    value: name,
    reason: `a name is 1 to ${maxLength} lower-case letters, digits and hyphens, and starts and ends with a letter or digit`,
    nearest: isDnsLabel(repaired, maxLength) ? [repaired] : [],
  });
  return false;
}

/** Refuses a name for the second and every later time. `keyOf` gives the key of the name at an index. */
export function checkUnique(names: readonly string[], keyOf: (index: number) => string, report: Report): void {
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (first < index) {
      report({ key: keyOf(index), value: name, reason: `${keyOf(first)} has the same value, and each value can appear only once` });
    }
  });
}

function isDnsLabel(name: string, maxLength: number): boolean {
  return name.length <= maxLength && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}
