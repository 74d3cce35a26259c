/** What the pages of several answers have alike. */
import { escape, list, section, table } from "../../../rehearsal/report/page/elements";

/** A table of texts. Without rows there is none. */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0
    ? ""
    : table(
        heading,
        rows.map((row) => row.map(escape)),
      );
}

export function textList(texts: readonly string[], tag: "ul" | "ol" = "ul"): string {
  return list(texts.map(escape), tag);
}

/** What is left out of an answer, and what there is to know about it. */
export function limitSections({ missing, notes }: { readonly missing: readonly string[]; readonly notes: readonly string[] }): string {
  return `${section("Missing", "missing", textList(missing))}\n${section("Notes", "notes", textList(notes))}`;
}

export type Tone = "good" | "partly" | "bad";

export function verdictLine(tone: Tone, text: string): string {
  return `<p class="verdict ${tone}">${escape(text)}</p>`;
}
