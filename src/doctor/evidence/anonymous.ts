/** Texts that can be published: without the names of nodes, teams and users. */
import { nameOf } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import { TEAM_LABEL } from "../../well-known/labels";
import type { Observation } from "../observation/observation";

/** A function that writes numbers for the names of an observation, the same number for the same name. */
export function anonymizer({ objects }: Observation): (text: string) => string {
  const nodes = objects.Node.map(nameOf).sort();
  const teams = objects.Namespace.filter((each) => valueAt(each, "metadata", "labels", TEAM_LABEL) !== undefined)
    .map(nameOf)
    .sort();
  const names = new Map([
    ...nodes.map((name, index): [string, string] => [name, `node-${String(index + 1)}`]),
    ...teams.map((name, index): [string, string] => [name, `team-${String(index + 1)}`]),
  ]);
  // A name can begin with another one.
  const longestFirst = [...names.keys()].sort((one, other) => other.length - one.length);
  const pattern = longestFirst.length === 0 ? undefined : new RegExp(`(?<![\\w.-])(${longestFirst.map(escaped).join("|")})(?![\\w-])`, "g");
  return (text) => {
    const withoutUsers = text.replaceAll(/\b(User|user|Group|group) "[^"]*"/g, '$1 "..."');
    return pattern === undefined ? withoutUsers : withoutUsers.replaceAll(pattern, (name) => names.get(name) ?? name);
  };
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
