import { supportPhase } from "./eks-support";
import { RELEASES } from "./find";

/**
 * The versions to which a cluster is upgraded, one after the other as EKS asks, until one has standard support on a day: `["1.35"]`. Empty for the newest
 * version of the catalogue. If none has standard support any more, it goes to the newest.
 * @param from a version of the catalogue.
 */
export function upgradePath(from: string, date: Date): readonly string[] {
  const later = RELEASES.slice(RELEASES.findIndex(({ kubernetesVersion }) => kubernetesVersion === from) + 1);
  const first = later.findIndex((release) => supportPhase(release, date).type === "standard");
  return later.slice(0, first === -1 ? later.length : first + 1).map(({ kubernetesVersion }) => kubernetesVersion);
}
