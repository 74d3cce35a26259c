/** The dashboard of a team: its slices, how busy they are, its quota. */
import { ALLOCATED, ALLOCATED_DEVICES, ALLOCATED_USD, BUSY, BUSY_RATIO, IDLE, IDLE_USD } from "../rules/accounting";
import { QUOTA_HARD, QUOTA_USED } from "../rules/stack-series";
import { usageQuery } from "../usage";
import { dashboard } from "./layout";
import { bars, lines, rows, stat } from "./panels";
import { oneOf } from "./variables";

const SHOWN = "$__range";
const MINE = '{team="$team"}';
const WAITING = 'shared_gpu_claim_pending_since_seconds{for_pod="true", team="$team"}';

export const TEAM_DASHBOARD = dashboard({
  uid: "shared-gpu-team",
  title: "Shared GPU: team",
  description: "What one team holds, uses and may claim.",
  variables: [oneOf({ name: "team", label: "Team", series: QUOTA_HARD, of: "team" })],
  sections: [
    {
      title: "Now",
      width: 4,
      height: 4,
      panels: [
        stat({
          title: "Slices",
          description: "Slices that the team's claims hold.",
          unit: "none",
          questions: [{ expr: `sum(${ALLOCATED}${MINE}) or vector(0)` }],
        }),
        stat({
          title: "Busy",
          description: "Part of them that works: the mean of their activity.",
          unit: "percentunit",
          questions: [{ expr: `sum(${BUSY}${MINE}) / sum(${ALLOCATED}${MINE})` }],
        }),
        stat({
          title: "Idle",
          description: "Slices that have done nothing for an hour. Other teams may wait for them.",
          unit: "none",
          questions: [{ expr: `sum(${IDLE}${MINE}) or vector(0)` }],
        }),
        stat({
          title: "Waiting claims",
          description: "Claims of pods that have no slice yet.",
          unit: "none",
          questions: [{ expr: `count(${WAITING}) or vector(0)` }],
        }),
        stat({
          title: "Price per hour",
          description: "List price of the team's slices. Instance types that are not sold on demand have none.",
          unit: "currencyUSD",
          questions: [{ expr: `sum(${ALLOCATED_USD}${MINE}) or vector(0)` }],
        }),
        stat({
          title: "Idle, per hour",
          description: "List price of the slices that have done nothing for an hour.",
          unit: "currencyUSD",
          questions: [{ expr: `sum(${IDLE_USD}${MINE}) or vector(0)` }],
        }),
      ],
    },
    {
      title: "Quota",
      width: 12,
      height: 6,
      panels: [
        bars({
          title: "Quota used",
          description: "Part of the quota that claims count for, waiting ones too.",
          unit: "percentunit",
          questions: [{ expr: `sum by (tier) (${QUOTA_USED}${MINE}) / (sum by (tier) (${QUOTA_HARD}${MINE}) > 0)`, legend: "{{tier}}" }],
        }),
        rows(
          {
            title: "Quota",
            description: "Slices that the team may claim, and that its claims count for.",
            unit: "none",
            questions: [{ expr: `sum by (tier) (${QUOTA_HARD}${MINE})` }, { expr: `sum by (tier) (${QUOTA_USED}${MINE})` }],
          },
          [
            { from: "tier", title: "Tier" },
            { from: "Value #A", title: "May claim" },
            { from: "Value #B", title: "Claimed" },
          ],
        ),
      ],
    },
    {
      title: "Slices",
      width: 12,
      height: 8,
      panels: [
        rows(
          {
            title: "Slices that the team holds",
            description: "The names are those of the devices in the status of a claim.",
            unit: "none",
            questions: [{ expr: `group by (node, gpu_uuid, device, profile, tier) (${ALLOCATED_DEVICES}${MINE})` }],
          },
          [
            { from: "tier", title: "Tier" },
            { from: "profile", title: "Profile" },
            { from: "node", title: "Node" },
            { from: "device", title: "Device" },
            { from: "gpu_uuid", title: "GPU" },
          ],
        ),
        lines({
          title: "Activity",
          description:
            "By GPU and profile. Equal slices of one GPU share their activity where the exporter does not name the team: it is exact if the team has them all.",
          unit: "percentunit",
          questions: [{ expr: `${BUSY_RATIO}${MINE}`, legend: "{{tier}} {{profile}} {{gpu_uuid}}" }],
        }),
        lines(
          {
            title: "Allocated slices by tier",
            description: "What the team held.",
            unit: "none",
            questions: [{ expr: `sum by (tier) (${ALLOCATED}${MINE})`, legend: "{{tier}}" }],
          },
          { stacked: true },
        ),
        lines(
          {
            title: "Busy slices by tier",
            description: "What the team held, each slice counted by its activity.",
            unit: "none",
            questions: [{ expr: `sum by (tier) (${BUSY}${MINE})`, legend: "{{tier}}" }],
          },
          { stacked: true },
        ),
        rows(
          {
            title: "Waiting claims",
            description: "Claims of pods that have no slice yet.",
            unit: "s",
            questions: [{ expr: `time() - max by (claim, tier) (${WAITING})` }],
          },
          [
            { from: "claim", title: "Claim" },
            { from: "tier", title: "Tier" },
            { from: "Value", title: "Waits" },
          ],
        ),
        rows(
          {
            title: "Use in the time shown",
            description: "At list price, by compute slices.",
            unit: "none",
            questions: [
              { expr: `${usageQuery("allocatedSliceSeconds", ["tier"], SHOWN, MINE)} / 3600` },
              { expr: `${usageQuery("busySliceSeconds", ["tier"], SHOWN, MINE)} / 3600` },
              { expr: usageQuery("allocatedUsd", ["tier"], SHOWN, MINE) },
            ],
          },
          [
            { from: "tier", title: "Tier" },
            { from: "Value #A", title: "Slice-hours" },
            { from: "Value #B", title: "Busy slice-hours" },
            { from: "Value #C", title: "Price", unit: "currencyUSD" },
          ],
        ),
      ],
    },
  ],
});
