import { READ_ON } from "./table";

const DAY_MS = 24 * 60 * 60 * 1000;

/** From this age on, the tables say so: NVIDIA, AWS and Kubernetes publish advisories every month. */
export const OLD_AFTER_DAYS = 30;

/** How old the tables are. */
export interface TableAge {
  /** ISO. */
  readonly readOn: string;
  readonly days: number;
  readonly isOld: boolean;
}

export function ageOfTables(date: Date): TableAge {
  const days = Math.max(0, Math.floor((date.getTime() - Date.parse(READ_ON)) / DAY_MS));
  return { readOn: READ_ON, days, isOld: days > OLD_AFTER_DAYS };
}
