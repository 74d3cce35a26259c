/** "Did you mean ...?" */
import { distance } from "fastest-levenshtein";
import { parseProfileName } from "./profile-name";
import type { GpuModel } from "./types";

/**
 * The names spelled most like `text`: all at the smallest edit distance, in their own order, at most `limit`.
 * Empty only when there are no names.
 */
export function nearestNames(text: string, names: readonly string[], limit = 3): readonly string[] {
  const distances = names.map((name) => distance(text.toLowerCase(), name.toLowerCase()));
  const smallest = Math.min(...distances);
  return names.filter((_, index) => distances[index] === smallest).slice(0, limit);
}

/** The names that somebody who wrote `text` probably meant: the nearest, where fewer than half of their letters differ. */
export function nearNames(text: string, names: readonly string[], limit = 3): readonly string[] {
  return nearestNames(text, names, limit).filter((name) => distance(text.toLowerCase(), name.toLowerCase()) * 2 < name.length);
}

/** More names than a person reads: thousands of templates in a namespace are not an answer. */
const MAX_LISTED = 50;

/** The end of a message about a name that does not exist: what was probably meant, else what there is. @param listed introduces the list of names. */
export function didYouMean(text: string, names: readonly string[], listed = "there are"): string {
  const [near] = nearNames(text, names, 1);
  if (near !== undefined) {
    return `; did you mean "${near}"?`;
  }
  const more = names.length > MAX_LISTED ? ` and ${String(names.length - MAX_LISTED)} more` : "";
  return `; ${listed}: ${names.slice(0, MAX_LISTED).join(", ")}${more}`;
}

/**
 * The profile of this GPU that somebody who wrote `text` most likely means: same number of compute slices and same attributes first
 * (`2g.40gb` on a B200 is `2g.45gb`, not `1g.45gb`), then the nearest memory, then the spelling.
 */
export function nearestProfiles(text: string, model: GpuModel): readonly string[] {
  const names = model.profiles.map((profile) => profile.name);
  const wanted = parseProfileName(text);
  if (wanted.type === "invalid") return nearestNames(text, names);

  const sameShape = names.flatMap((name) => {
    const parsed = parseProfileName(name);
    return parsed.type === "profile" && parsed.gpuSlices === wanted.gpuSlices && parsed.attributes === wanted.attributes
      ? [{ name, apart: Math.abs(parsed.memoryGB - wanted.memoryGB) }]
      : [];
  });
  const smallest = Math.min(...sameShape.map(({ apart }) => apart));
  const nearest = sameShape.filter(({ apart }) => apart === smallest).map(({ name }) => name);
  return nearest.length > 0 ? nearest : nearestNames(text, names);
}
