import { didYouMean } from "../../hardware/nearest";
import type { PlannedCluster } from "../state/cluster";

export type NamespaceReading =
  { readonly type: "namespace"; readonly namespace: string } | { readonly type: "invalid"; readonly reason: string };

/** The namespace of a team; without a team the one that kubectl uses. Where namespaces could not be read, a team has the namespace of its name. */
export function namespaceOf({ teams, gaps }: PlannedCluster, team: string | undefined): NamespaceReading {
  if (team === undefined) {
    return { type: "namespace", namespace: "default" };
  }
  const found = [...teams].find(([namespace, name]) => name === team || namespace === team);
  if (found !== undefined) {
    return { type: "namespace", namespace: found[0] };
  }
  return gaps.some(({ kind }) => kind === "Namespace")
    ? { type: "namespace", namespace: team }
    : {
        type: "invalid",
        reason: `there is no such team${teams.size === 0 ? "; the cluster has none" : didYouMean(team, [...new Set(teams.values())])}`,
      };
}
