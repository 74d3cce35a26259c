import { dnsLabelFault } from "../../dra/manifest/names";
import { didYouMean } from "../../hardware/nearest";
import type { PlannedCluster } from "../state/cluster";

export type NamespaceReading =
  { readonly type: "namespace"; readonly namespace: string } | { readonly type: "invalid"; readonly reason: string };

/** The namespace of a team; without a team the one that kubectl uses. Where namespaces could not be read, a team has the namespace of its name. */
export function namespaceOf({ teams, gaps }: PlannedCluster, team: string | undefined): NamespaceReading {
  if (team === undefined) {
    return { type: "namespace", namespace: "default" };
  }
  const [found] = [...teams].find(([namespace, name]) => name === team || namespace === team) ?? [];
  if (found === undefined && !gaps.some(({ kind }) => kind === "Namespace")) {
    const known = teams.size === 0 ? "; the cluster has none" : didYouMean(team, [...new Set(teams.values())]);
    return { type: "invalid", reason: `there is no such team${known}` };
  }
  const namespace = found ?? team;
  const fault = dnsLabelFault(namespace);
  return fault === undefined ? { type: "namespace", namespace } : { type: "invalid", reason: `the name of its namespace ${fault}` };
}
