import { createHash } from "node:crypto";

/**
 * Eight hexadecimal digits that change with the content. As the end of an immutable ConfigMap's name they make its users roll: a pod template that names
 * another ConfigMap is another pod template, and pods that still run keep the one they were started with.
 */
export function contentHash(content: Readonly<Record<string, string>>): string {
  const entries = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 8);
}
