import { parseQuantity, Quantity } from "../../cel/values/quantity";

/** A quantity as JSON has it, a string or a number; undefined for anything else. */
export function readQuantity(value: unknown): Quantity | undefined {
  const quantity = typeof value === "string" || typeof value === "number" ? parseQuantity(String(value)) : undefined;
  return quantity instanceof Quantity ? quantity : undefined;
}
