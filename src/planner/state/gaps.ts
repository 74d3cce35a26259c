/** What could not be read, as far as an answer depends on it. */
import type { Pod } from "../../dra/pods";
import { KINDS, VOLUME_KINDS } from "../snapshot/kinds";
import type { Gap } from "../snapshot/snapshot";

/** Gaps that matter for some pods: where none of them has a volume, nothing depends on what volumes there are. */
export function gapsAbout(gaps: readonly Gap[], pods: readonly { readonly pod: Pod }[]): readonly Gap[] {
  const haveVolumes = pods.some(({ pod }) => pod.volumes.length > 0);
  return haveVolumes ? gaps : gaps.filter(({ kind }) => !VOLUME_KINDS.includes(kind));
}

/** `pods: forbidden. Unknown: which pods are pending`. */
export function describeGap({ kind, reason }: Gap): string {
  return `${KINDS[kind].resource}: ${reason}. Unknown: ${KINDS[kind].without}`;
}
