/** How `npm run relayout` ends. */
export const DONE = 0;
export const STOPPED = 1;
/** Nothing was changed. */
export const REFUSED = 2;
