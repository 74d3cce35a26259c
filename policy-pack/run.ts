/** What the engine tells the pack about a run before it asks about resources (`serve.ts` hears it). */

export interface Run {
  /**
   * Whether nothing is made in this run. Values are unknown in previews only, so that a run of which nothing is told counts as an `up`: there an
   * unknown value is refused.
   */
  readonly isPreview: boolean;
  /** The settings of every policy, defaults included. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Kubernetes versions of the EKS clusters that the stack has registered so far, each once. A cluster comes before what is created in it. */
  readonly clusterVersions: readonly string[];
}

let run: Run = { isPreview: false, settings: {}, clusterVersions: [] };

export function currentRun(): Run {
  return run;
}

/** Keeps what the engine tells; what it does not speak of stays. */
export function tellRun(part: Partial<Run>): void {
  run = { ...run, ...part };
}

/** Keeps the Kubernetes version of an EKS cluster. */
export function tellClusterVersion(version: string): void {
  if (!run.clusterVersions.includes(version)) {
    tellRun({ clusterVersions: [...run.clusterVersions, version] });
  }
}
