/** How outputs come from inputs: once something exists, and after a change. */
import { SIGNATURE } from "../monitor/marks";
import { isWireMap } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";

/** Inputs, and below them what the provider computes. Where both are given, inputs win: they carry the marks of secrets. */
export function settled(inputs: WireMap, computed: WireMap): WireMap {
  const known = Object.entries(computed).filter(([, value]) => value !== null);
  return merged(inputs, Object.fromEntries(known));
}

/** What the provider had computed: outputs that were no inputs. */
export function computedIn(outputs: WireMap, inputs: WireMap): WireMap {
  const entries = Object.entries(outputs).flatMap(([key, value]): [string, WireValue][] => {
    const given = inputs[key];
    if (given === undefined) {
      return [[key, value]];
    }
    return isPlainMap(value) && isPlainMap(given) ? [[key, computedIn(value, given)]] : [];
  });
  return Object.fromEntries(entries);
}

function merged(inputs: WireMap, computed: WireMap): WireMap {
  const added = Object.entries(computed).flatMap(([key, value]): [string, WireValue][] => {
    const given = inputs[key];
    if (given === undefined) {
      return [[key, value]];
    }
    return isPlainMap(value) && isPlainMap(given) ? [[key, merged(given, value)]] : [];
  });
  return { ...inputs, ...Object.fromEntries(added) };
}

function isPlainMap(value: WireValue | undefined): value is WireMap {
  return isWireMap(value) && value[SIGNATURE] === undefined;
}
