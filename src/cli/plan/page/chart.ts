/** Lines over time, as a picture that a screen reader and a printer without colours can tell apart. */
import { escape } from "../../../rehearsal/report/page/elements";

export interface Line {
  readonly name: string;
  /** One for each interval of time. Null: nothing to say. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly id: string;
  /** `Idle, $ an hour`. */
  readonly title: string;
  readonly hours: number;
  readonly lines: readonly Line[];
  /** The values begin at 0. @default the largest value */
  readonly most?: number;
}

const WIDTH = 520;
const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 26;
const TOP = 10;
const RIGHT = 8;

/** Steps of the scale. */
const STEPS = 4;

export function chart({ id, title, hours, lines, most }: Chart): string {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const top = most ?? niceTop(Math.max(0, ...values));
  const count = Math.max(2, ...lines.map((line) => line.values.length));
  const x = (index: number) => LEFT + (index / (count - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const scale = Array.from({ length: STEPS + 1 }, (_, step) => (top * step) / STEPS).map(
    (value) =>
      `<line class="grid" x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${at(y(value))}" y2="${at(y(value))}"/><text x="${String(LEFT - 6)}" y="${at(y(value) + 4)}" text-anchor="end">${number(value)}</text>`,
  );
  const drawn = lines.map((line, index) => `<path class="line t${String(index)}" d="${pathOf(line.values, x, y)}"/>`);
  const said = lines.map(({ name, values: own }) => `${name}: ${rangeText(own)}`).join(". ");
  return `<svg class="chart" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${escape(title)}</title>
<desc id="${id}-description">${escape(`${said}.`)}</desc>
${scale.join("\n")}
${drawn.join("\n")}
<text x="${String(LEFT)}" y="${String(HEIGHT - 8)}">0 h</text><text x="${String(WIDTH - RIGHT)}" y="${String(HEIGHT - 8)}" text-anchor="end">${number(hours)} h</text>
</svg>`;
}

/** A line of the picture beside its name. */
export function sample(index: number): string {
  return `<svg class="sample" viewBox="0 0 34 10" aria-hidden="true"><path class="line t${String(index)}" d="M0 5H34"/></svg>`;
}

export function number(value: number): string {
  return String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
}

/** A line is interrupted where there is nothing to say, and a value between two such places is a short stroke. */
function pathOf(values: Line["values"], x: (index: number) => number, y: (value: number) => number): string {
  return values
    .map((value, index) => {
      if (value === null) {
        return "";
      }
      const before = values[index - 1] ?? null;
      const after = values[index + 1] ?? null;
      const stroke = before === null && after === null ? "h4" : "";
      return `${before === null ? "M" : "L"}${at(x(index))} ${at(y(value))}${stroke}`;
    })
    .join("");
}

function rangeText(values: Line["values"]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? "nothing to say" : `from ${number(Math.min(...known))} to ${number(Math.max(...known))}`;
}

/** A round number at or above a value. */
function niceTop(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8].find((step) => step * unit >= value) ?? 10) * unit;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
