/**
 * The properties of a resource, read once for all policies. The SDK unpacks and wraps them again for each policy, so that none sees what another does to
 * them. The rules of this pack change nothing. So `engine/serve.ts` gives the SDK a ticket in their place, and a validation takes the properties that
 * belong to it.
 */
import { snapshot, snapshotOfPlain } from "./snapshot";
import type { OnUnknown, Snapshot } from "./snapshot";

/** The one property of a ticket. A resource cannot bring a ticket itself: whatever it has stays behind one. */
const TICKET = "shared-gpu:ticket";

/** Gives the properties to a rule, which is told of each unknown value that it reads. */
type Reading = (onUnknown: OnUnknown) => Snapshot;

const readings = new Map<number, Reading>();
let issued = 0;

export interface SharedProperties {
  /** What a validation gets as the properties of the resource. */
  readonly ticket: Readonly<Record<string, number>>;
  /** Every policy has been asked. */
  readonly end: () => void;
}

/** @param unpack reads the properties as plain data. It is called when a rule first reads them. */
export function shareProperties(unpack: () => Snapshot): SharedProperties {
  issued += 1;
  const number = issued;
  readings.set(number, readingOf(unpack));
  return {
    ticket: { [TICKET]: number },
    end: () => {
      readings.delete(number);
    },
  };
}

/** Rules run one after the other, so there is one to tell at a time. */
function readingOf(unpack: () => Snapshot): Reading {
  let told: OnUnknown;
  let shared: Snapshot | undefined;
  return (onUnknown) => {
    told = onUnknown;
    return (shared ??= snapshotOfPlain(unpack(), (path) => {
      told(path);
    }));
  };
}

/** The properties that a validation gets, as rules see them: those behind a ticket, or, where nobody serves the pack, what it got. */
export function readProperties(properties: Snapshot, onUnknown: OnUnknown): Snapshot {
  const reading = readings.get(properties[TICKET] as number);
  return reading === undefined ? snapshot(properties, onUnknown) : reading(onUnknown);
}
