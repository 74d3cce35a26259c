/** What the engine sends the pack about a run before it asks about resources (`serve.ts` receives it). */

export interface Run {
  /**
   * Whether the run is a preview. Values are unknown in previews only, so a run that the engine has not described counts as an `up`: there a policy
   * rejects an unknown value.
   */
  readonly isPreview: boolean;
  /** The settings of every policy, defaults included. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

let run: Run = { isPreview: false, settings: {} };

export function currentRun(): Run {
  return run;
}

/** Keeps what the engine sends. The rest stays. */
export function updateRun(part: Partial<Run>): void {
  run = { ...run, ...part };
}
