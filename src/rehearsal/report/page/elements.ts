/** What pages are made of: a self-contained document without a script and without a request, readable without colours and without a mouse. */
import { CSS } from "./style";

export interface PageContent {
  readonly title: string;
  /** HTML, as the next two. */
  readonly heading: string;
  readonly introduction: string;
  readonly main: string;
}

/** A whole page. */
export function page({ title, heading, introduction, main }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${CSS}</style>
</head>
<body>
<header>
<h1>${heading}</h1>
${introduction}
</header>
<main>
${main}
</main>
</body>
</html>
`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** @param content HTML. Without any there is no section. */
export function section(title: string, id: string, content: string): string {
  return content === "" ? "" : `<section aria-labelledby="${id}"><h2 id="${id}">${escape(title)}</h2>\n${content}\n</section>`;
}

/** @param items HTML. */
export function list(items: readonly string[], tag: "ul" | "ol" = "ul"): string {
  return items.length === 0 ? "" : `<${tag}>${items.map((item) => `<li>${item}</li>`).join("\n")}</${tag}>`;
}

/** Figures that a reader looks for first, each with what it says. HTML. */
export function figureList(items: readonly (readonly [figure: string, name: string])[]): string {
  return `<dl class="figures">${items.map(([figure, name]) => `<div><dt>${name}</dt><dd>${figure}</dd></div>`).join("")}</dl>`;
}

/** @param rows HTML. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = heading.map((_, column) => rows.every((row) => /^[\d.,%]+$/.test(row[column] ?? "")));
  const line = (tag: "td" | "th", row: readonly string[]) =>
    `<tr>${row.map((text, column) => cell(tag, text, isNumber[column] === true)).join("")}</tr>`;
  return scrolled(
    `table of ${heading.filter((text) => text !== "").join(", ")}`,
    `<table><thead>${line("th", heading)}</thead><tbody>${rows.map((row) => line("td", row)).join("\n")}</tbody></table>`,
  );
}

/** Content that can be wider than a screen, and that the keyboard can scroll. @param name for screen readers. */
export function scrolled(name: string, content: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escape(name)}">${content}</div>`;
}

/** Cells that are numbers stand on the right; short ones are not broken. */
function cell(tag: "td" | "th", text: string, isNumber: boolean): string {
  const classes = [...(isNumber ? ["number"] : []), ...(text.length <= 60 ? ["short"] : [])];
  return `<${tag}${tag === "th" ? ' scope="col"' : ""}${classes.length > 0 ? ` class="${classes.join(" ")}"` : ""}>${text}</${tag}>`;
}
