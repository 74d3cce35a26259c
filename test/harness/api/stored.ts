/** Whether an API server stores what it was sent. */

/** Below these fields, numbers and texts are quantities: `1024Gi` is stored as `1Ti`. */
const QUANTITY_FIELDS = new Set(["hard", "limits", "requests", "default", "defaultRequest", "sizeLimit"]);

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  ...Object.fromEntries(["", "k", "M", "G", "T", "P"].map((suffix, power) => [suffix, 1e3 ** power])),
  ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi"].map((suffix, power) => [suffix, 1024 ** (power + 1)])),
};

/** What was sent and is not stored as it was sent, each as `path: sent, stored`. What is stored besides are defaults and what the server keeps itself. */
export function lost(sent: unknown, stored: unknown, path = "", inQuantities = false): readonly string[] {
  if (Array.isArray(sent)) {
    const items = Array.isArray(stored) ? stored : [];
    const ofLength = items.length === sent.length ? [] : [`${path}: ${sent.length} items, ${items.length}`];
    return [...ofLength, ...sent.flatMap((item, index) => lost(item, items[index], `${path}[${index}]`, inQuantities))];
  }
  if (typeof sent === "object" && sent !== null) {
    if (typeof stored !== "object" || stored === null) {
      return [`${path}: ${JSON.stringify(sent)}, ${JSON.stringify(stored)}`];
    }
    return Object.entries(sent).flatMap(([key, value]) =>
      lost(value, (stored as Readonly<Record<string, unknown>>)[key], `${path}.${key}`, inQuantities || QUANTITY_FIELDS.has(key)),
    );
  }
  const same = sent === stored || (inQuantities && quantity(sent) === quantity(stored));
  return same ? [] : [`${path}: ${JSON.stringify(sent)}, ${JSON.stringify(stored)}`];
}

function quantity(value: unknown): number | undefined {
  const [, digits = "", suffix = ""] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const scale = SUFFIXES[suffix];
  return digits === "" || scale === undefined ? undefined : Number(digits) * scale;
}
