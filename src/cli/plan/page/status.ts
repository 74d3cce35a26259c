/** The page of `--status`. */
import type { PlannedCluster } from "../../../planner/state/cluster";
import type { Status } from "../../../planner/status/status";
import { escape, figureList, page, section } from "../../../rehearsal/report/page/elements";
import { COUNTS, amount, counts, dollars, quotaText } from "../text/status";
import { clusterMap } from "./maps";
import { limitSections, textList, textTable, verdictLine } from "./parts";

export function statusPage(status: Status, cluster: PlannedCluster): string {
  const { source, kubernetesVersion, profiles, tiers, nodes, teams, pending, idleClaims, cost, isComplete, missing, doubts, notes } =
    status;
  const price = cost.unpriced.length === 0 ? "" : ` Without ${cost.unpriced.join(", ")}, which no list has.`;
  return page({
    title: `Status of ${source}`,
    heading: `Status <span>of ${escape(source)}</span>`,
    introduction: `<p>Kubernetes ${escape(kubernetesVersion ?? "of unknown version")}</p>
${isComplete ? "" : verdictLine("partly", "Not everything could be read")}`,
    main: `${section("Missing", "missing", textList(missing))}
${section("Not understood", "doubts", textList(doubts))}
${figures(status)}
${section("GPUs", "gpus", clusterMap(cluster))}
${section("Pending", "pending", textTable(["what waits", "why"], pending.map(pendingCells)))}
${section(
  "Held by claims that no pod uses",
  "idle",
  textTable(
    ["claim", "devices", "$ an hour"],
    idleClaims.map(({ claim, devices, usdPerHour }) => [claim, String(devices), dollars(usdPerHour)]),
  ),
)}
${section(
  "Slices by profile",
  "profiles",
  textTable(
    ["GPU", "profile", ...COUNTS],
    profiles.map((each) => [each.gpuModel, each.profile, ...counts(each)]),
  ),
)}
${section(
  "Slices by tier",
  "tiers",
  textTable(
    ["tier", "device class", ...COUNTS, "reserved by quota"],
    tiers.map((each) => [each.tier, each.deviceClass, ...counts(each), amount(each.reservedByQuota)]),
  ),
)}
${section(
  "Slices by team",
  "teams",
  textTable(
    ["team", "namespace", "allocated", "claimed of quota", "used, $ an hour", "held idle"],
    teams.map(({ team, namespace, allocated, quota, usdPerHourUsed, usdPerHourIdle }) => [
      ...[team ?? "no team", namespace, String(allocated), quotaText(quota)],
      ...[dollars(usdPerHourUsed), dollars(usdPerHourIdle)],
    ]),
  ),
)}
${section(
  "Slices by node",
  "nodes",
  textTable(
    ["node", "pool", ...COUNTS, "$ an hour", "of it idle"],
    nodes.map((each) => [each.node, each.pool, ...counts(each), dollars(each.usdPerHour), dollars(each.usdPerHourIdle)]),
  ),
)}
${section(
  "Cost per hour",
  "cost",
  `${textTable(
    ["per hour", "USD"],
    [
      ["GPU slices in use", dollars(cost.used)],
      ["held by claims that no pod uses", dollars(cost.heldIdle)],
      ["free, or left over by the layout", dollars(cost.free)],
      ["GPU nodes together", dollars(cost.usdPerHour)],
    ],
  )}
<p class="quiet">${escape(`${cost.source}.${price}`)}</p>`,
)}
${limitSections({ missing: [], notes })}`,
  });
}

function pendingCells({ subject, reason }: Status["pending"][number]): readonly string[] {
  return [subject, reason];
}

function figures({ profiles, pending, cost }: Status): string {
  const sum = (of: (counts: Status["profiles"][number]) => number | null) =>
    profiles.reduce<number | null>((total, each) => {
      const value = of(each);
      return total === null || value === null ? null : total + value;
    }, 0);
  return figureList([
    [`${amount(sum(({ free }) => free))} of ${amount(sum(({ published }) => published))}`, "slices and whole GPUs free"],
    [String(pending.length), "pods and claims waiting"],
    [`$${dollars(cost.usdPerHour)}`, "per hour, list price of GPU nodes"],
    [usd(cost.used), "of it for slices in use"],
    [usd(cost.heldIdle), "for claims that no pod uses"],
    [usd(cost.free), "for free slices"],
  ]);
}

function usd(value: number | null): string {
  return value === null ? amount(value) : `$${dollars(value)}`;
}
