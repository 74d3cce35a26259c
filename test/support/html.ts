/** What every page has to keep to. */

const VOID = new Set(["meta", "br", "wbr", "img", "hr", "path", "line"]);

/** What is wrong with a page: something that is fetched or run, tags that do not fit each other, and what a screen reader misses. */
export function pageProblems(html: string): readonly string[] {
  const body = html.replace(/<style>[^]*<\/style>/, "");
  const [style = ""] = /<style>[^]*<\/style>/.exec(html) ?? [];
  // What stands in quotes or between tags is text.
  const tags = [...body.replaceAll(/="[^"]*"/g, '=""').matchAll(/<[^>]*>/g)].map(([tag]) => tag).join("");
  const active = /<(script|link|img|iframe|object|embed|form|base)\b|\b(on[a-z]+|href|src)=/i.exec(tags) ?? /url\(|@import/.exec(style);
  return [
    ...(active === null ? [] : [`has ${active[0]}`]),
    ...unbalanced(body),
    ...[
      ...body.matchAll(/<svg(?![^>]*aria-hidden="true")[^>]*>(?!\s*<title id="[^"]+">[^<]+<\/title>\s*<desc id="[^"]+">[^<]+<\/desc>)/g),
    ].map(() => "has a picture without a title and a description"),
    ...[...body.matchAll(/<th(?! scope=)[\s>]/g)].map(() => "has a heading of a table without a scope"),
    ...[...body.matchAll(/<div class="scroll"(?! role="region" tabindex="0" aria-label="[^"]+")/g)].map(
      () => "has a part that no key can scroll",
    ),
    ...repeated([...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id ?? "")).map((id) => `has id ${id} twice`),
    ...[...body.matchAll(/aria-labelledby="([^"]*)"/g)]
      .flatMap(([, ids]) => (ids ?? "").split(" "))
      .filter((id) => !body.includes(` id="${id}"`))
      .map((id) => `has no ${id}`),
    ...(html.startsWith('<!doctype html>\n<html lang="en">') ? [] : ["does not say its language"]),
  ];
}

function unbalanced(html: string): readonly string[] {
  const open: string[] = [];
  for (const [, end, name = "", self] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (end === "/") {
      const last = open.pop();
      if (last !== name) {
        return [`closes ${name} in ${String(last)}`];
      }
    } else if (!VOID.has(name) && self !== "/") {
      open.push(name);
    }
  }
  return open.map((name) => `does not close ${name}`);
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
