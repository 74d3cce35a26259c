import { nearNames, nearestNames } from "../../hardware/nearest";

/** At most so many suggestions. */
const MAX_SUGGESTIONS = 3;

/** The legal values that somebody who wrote `text` may have meant: those that contain it (`us-east` in `us-east-1`), else those spelled most like it. */
export function nearestValues(text: string, legal: readonly string[]): readonly string[] {
  const within = containing(text, legal);
  return within.length > 0 ? within : nearestNames(text, legal, MAX_SUGGESTIONS);
}

/**
 * The keys that somebody who wrote `name` may have meant; none where even the nearest has half its letters different.
 * (Of values one has to be chosen, so that any suggestion helps; an unknown key may just be one too many.)
 */
export function nearestKeys(name: string, keys: readonly string[]): readonly string[] {
  const within = containing(name, keys);
  return within.length > 0 ? within : nearNames(name, keys, MAX_SUGGESTIONS);
}

function containing(text: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => text.length > 2 && name.toLowerCase().includes(text.toLowerCase())).slice(0, MAX_SUGGESTIONS);
}
