/** Pieces of PromQL. */

/** `expr` with a label under another name too. */
export function withLabel(expr: string, target: string, source: string): string {
  return `label_replace(${expr}, "${target}", "$1", "${source}", "(.+)")`;
}

/** A duration as PromQL writes it, of whole seconds. */
export function seconds(count: number): string {
  return `${String(count)}s`;
}
