/** Schedules of CronJobs. Source: `ParseStandard` of robfig/cron v3, which Kubernetes uses. */

/**
 * Why a time zone is refused. Kubernetes knows those of the IANA database, of which `Intl` has every one that people use.
 * `Intl` takes them in any case, and Kubernetes reads files of these names.
 */
export function zoneFault(zone: string): string | undefined {
  const fault = "must be a time zone of the IANA database, such as Europe/Berlin";
  if (zone.toLowerCase() === "local") {
    return "must not be Local";
  }
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    const isOfAnotherCase = !/^[A-Z]/.test(zone) || (zone !== timeZone && zone.toLowerCase() === timeZone.toLowerCase());
    return isOfAnotherCase ? `${fault}, in upper and lower case as there` : undefined;
  } catch {
    return fault;
  }
}

interface Unit {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const UNITS: readonly Unit[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { name: "day of the week", least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const DESCRIPTORS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** Why a schedule is refused; undefined for a good one. @param timeZone of the CronJob; beside it the schedule can name none. */
export function scheduleFault(schedule: string, timeZone?: unknown): string | undefined {
  const zone = /^(?:TZ|CRON_TZ)=\S* ?/.exec(schedule);
  if (schedule.includes("TZ")) {
    return timeZone === undefined && zone !== null
      ? "use timeZone instead of TZ in the schedule"
      : "must not name a time zone beside timeZone";
  }
  if (schedule.startsWith("@")) {
    const [, every] = /^@every (.*)$/.exec(schedule) ?? [];
    return DESCRIPTORS.includes(schedule) || (every !== undefined && DURATION.test(every))
      ? undefined
      : `must be one of ${DESCRIPTORS.join(", ")}, or "@every 1h30m"`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== UNITS.length) {
    return `must have 5 fields (minute, hour, day of the month, month, day of the week), not ${String(fields.length)}`;
  }
  return UNITS.flatMap((unit, index) => (fields[index] ?? "").split(",").flatMap((range) => rangeFault(range, unit) ?? []))[0];
}

function rangeFault(range: string, unit: Unit): string | undefined {
  const fault = `"${range}" is no ${unit.name}: a number from ${String(unit.least)} to ${String(unit.most)}, a range or *, with a step behind /`;
  const [span = "", step, ...more] = range.split("/");
  if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) {
    return fault;
  }
  if (span === "*" || span === "?") {
    return undefined;
  }
  const ends = span.split("-").map((end) => valueOf(end, unit));
  const [first, last = step === undefined ? first : unit.most] = ends;
  const legal = ends.length <= 2 && first !== undefined && last !== undefined && first >= unit.least && last <= unit.most && first <= last;
  return legal ? undefined : fault;
}

function valueOf(text: string, { names }: Unit): number | undefined {
  if (/^\d+$/.test(text)) {
    return Number(text);
  }
  const index = text === "" ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1);
  return index < 0 ? undefined : index;
}
