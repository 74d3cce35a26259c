/** What the engine sends the pack about a run before it asks about resources (`serve.ts` receives it). */

export interface Run {
  /**
   * Whether the run is a preview. Values are unknown in previews only, so a run that the engine has not described counts as an `up`: there a policy
   * rejects an unknown value.
   */
  readonly isPreview: boolean;
  /** The settings of every policy, defaults included. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Kubernetes versions of the EKS clusters that the stack has registered so far, each once; undefined: a cluster does not say its version.
   * A cluster comes before what is created in it.
   */
  readonly clusterVersions: readonly (string | undefined)[];
}

let run: Run = { isPreview: false, settings: {}, clusterVersions: [] };

export function currentRun(): Run {
  return run;
}

/** Keeps what the engine sends. The rest stays. */
export function updateRun(part: Partial<Run>): void {
  run = { ...run, ...part };
}

/** Keeps the Kubernetes version of an EKS cluster, or that one does not say it. */
export function addClusterVersion(version: string | undefined): void {
  if (!run.clusterVersions.includes(version)) {
    updateRun({ clusterVersions: [...run.clusterVersions, version] });
  }
}
