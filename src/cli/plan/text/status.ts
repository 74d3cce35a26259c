/** `--status` as text. */
import type { SliceCounts, Status } from "../../../planner/status/status";
import { hang, table } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";

export function formatStatus(status: Status, { style, width }: TextOptions): string {
  const { source, kubernetesVersion, profiles, tiers, nodes, teams, pending, idleClaims, cost } = status;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", style.bold(title), ...indented(lines)]);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang("- ", text, width - 2));
  const rows = (heading: readonly string[], all: readonly (readonly string[])[]) => (all.length === 0 ? [] : table([heading, ...all]));
  const price = cost.unpriced.length === 0 ? "" : `; without ${cost.unpriced.join(", ")}, which no list has`;
  return [
    `${source}, Kubernetes ${kubernetesVersion ?? "of unknown version"}`,
    ...section(
      "Slices by profile",
      rows(
        ["GPU", "profile", ...COUNTS],
        profiles.map((each) => [each.gpuModel, each.profile, ...counts(each)]),
      ),
    ),
    ...section(
      "Slices by tier",
      rows(
        ["tier", "device class", ...COUNTS, "reserved by quota"],
        tiers.map((each) => [each.tier, each.deviceClass, ...counts(each), amount(each.reservedByQuota)]),
      ),
    ),
    ...section(
      "Slices by node",
      rows(
        ["node", "pool", ...COUNTS, "$ an hour", "of it idle"],
        nodes.map((each) => [each.node, each.pool, ...counts(each), dollars(each.usdPerHour), dollars(each.usdPerHourIdle)]),
      ),
    ),
    ...section(
      "Slices by team",
      rows(
        ["team", "namespace", "allocated", "claimed of quota", "used, $ an hour", "held idle"],
        teams.map(({ team, namespace, allocated, quota, usdPerHourUsed, usdPerHourIdle }) => [
          ...[team ?? "no team", namespace, String(allocated), quotaText(quota)],
          ...[dollars(usdPerHourUsed), dollars(usdPerHourIdle)],
        ]),
      ),
    ),
    ...section("Pending", items(pending.map(({ subject, reason }) => `${subject}: ${reason}`))),
    ...section(
      "Held by claims that no pod uses",
      items(idleClaims.map(({ claim, devices, usdPerHour }) => `${claim}: ${String(devices)} devices, $${dollars(usdPerHour)} an hour`)),
    ),
    ...section("Cost per hour", [
      ...table([
        ["", "$"],
        ["GPU slices in use", dollars(cost.used)],
        ["held by claims that no pod uses", dollars(cost.heldIdle)],
        ["free, or left over by the layout", dollars(cost.free)],
        ["GPU nodes together", dollars(cost.usdPerHour)],
      ]).slice(1),
      style.dim(`${cost.source}${price}`),
    ]),
    ...section("Missing", items(status.missing)),
    ...section("Not understood", items(status.doubts)),
    ...section("Notes", items(status.notes)),
    "",
  ].join("\n");
}

export const COUNTS = ["published", "allocated", "free"] as const;

export function counts({ published, allocated, free }: SliceCounts): readonly string[] {
  return [String(published), amount(allocated), amount(free)];
}

export function quotaText(quota: Status["teams"][number]["quota"]): string {
  return Object.entries(quota)
    .flatMap(([tier, limits]) => (limits === null ? [] : [`${tier} ${String(limits.claimed)}/${String(limits.limit)}`]))
    .join(", ");
}

export function amount(value: number | null): string {
  return value === null ? "unknown" : String(value);
}

export function dollars(value: number | null): string {
  return value === null ? "unknown" : value.toFixed(2);
}

export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
