/** The dashboard of whoever runs the platform: what there is, who has it, what it costs. */
import { ALLOCATED, ALLOCATED_DEVICES, ALLOCATED_USD, BUSY, FREE, IDLE, IDLE_USD, PUBLISHED } from "../rules/accounting";
import { QUOTA_HARD, QUOTA_USED, SLICES_EXPECTED } from "../rules/stack-series";
import { observedSecondsQuery, usageQuery } from "../usage";
import { dashboard } from "./layout";
import { bars, lines, rows, stat } from "./panels";

/** The time that the dashboard shows. */
const SHOWN = "$__range";

const TAKEN = `count(group by (node, device) (${ALLOCATED_DEVICES}))`;
const WAITING = 'shared_gpu_claim_pending_since_seconds{for_pod="true"}';

export const PLATFORM_DASHBOARD = dashboard({
  uid: "shared-gpu-platform",
  title: "Shared GPU: platform",
  description: "Slices that there are, who holds them, how busy they are, and what they cost at list price.",
  variables: [],
  sections: [
    {
      title: "Now",
      width: 4,
      height: 4,
      panels: [
        stat({ title: "Slices", description: "Slices that nodes publish.", unit: "none", questions: [{ expr: `sum(${PUBLISHED})` }] }),
        stat({
          title: "Allocated",
          description: "Slices that claims hold. A slice that several claims share counts once.",
          unit: "none",
          questions: [{ expr: `${TAKEN} or sum(${PUBLISHED}) * 0` }],
        }),
        stat({
          title: "Busy",
          description: "Part of the allocated slices that works: the mean of their activity.",
          unit: "percentunit",
          questions: [{ expr: `sum(${BUSY}) / sum(${ALLOCATED})` }],
        }),
        stat({
          title: "Waiting claims",
          description: "Claims of pods that have no slice yet.",
          unit: "none",
          questions: [{ expr: `count(${WAITING}) or vector(0)` }],
        }),
        stat({
          title: "Allocated, per hour",
          description: "List price of all allocated slices. Instance types that are not sold on demand have none.",
          unit: "currencyUSD",
          questions: [{ expr: `sum(${ALLOCATED_USD}) or vector(0)` }],
        }),
        stat({
          title: "Idle, per hour",
          description: "List price of allocated slices that have done nothing for an hour.",
          unit: "currencyUSD",
          questions: [{ expr: `sum(${IDLE_USD}) or vector(0)` }],
        }),
      ],
    },
    {
      title: "Capacity",
      width: 12,
      height: 8,
      panels: [
        bars({
          title: "Free slices by tier",
          description: "Published slices that nobody holds. Whether the pods of a demand get them, `npm run plan -- --ask` says.",
          unit: "none",
          questions: [{ expr: FREE, legend: "{{tier}}" }],
        }),
        lines({
          title: "Free slices by tier, over time",
          description: "At zero, the next claim for this tier waits.",
          unit: "none",
          questions: [{ expr: FREE, legend: "{{tier}}" }],
        }),
        rows(
          {
            title: "GPU nodes",
            description: "Layout and state of MIG Manager. Only nodes in the state `success` publish slices.",
            unit: "none",
            questions: [{ expr: "group by (node, instance_type, layout, mig_state) (shared_gpu_node_info)" }],
          },
          [
            { from: "node", title: "Node" },
            { from: "instance_type", title: "Instance type" },
            { from: "layout", title: "Layout" },
            { from: "mig_state", title: "State" },
          ],
        ),
        rows(
          {
            title: "Slices by node",
            description: "What each node publishes, beside what its layout has.",
            unit: "none",
            questions: [{ expr: `sum by (node, profile) (${SLICES_EXPECTED})` }, { expr: `sum by (node, profile) (${PUBLISHED})` }],
          },
          [
            { from: "node", title: "Node" },
            { from: "profile", title: "Profile" },
            { from: "Value #A", title: "Layout has" },
            { from: "Value #B", title: "Published" },
          ],
        ),
      ],
    },
    {
      title: "Teams",
      width: 12,
      height: 8,
      panels: [
        lines(
          {
            title: "Allocated slices by team",
            description: "A slice that two teams share counts for both.",
            unit: "none",
            questions: [{ expr: `sum by (team) (${ALLOCATED})`, legend: "{{team}}" }],
          },
          { stacked: true },
        ),
        lines(
          {
            title: "Busy slices by team",
            description:
              "Allocated slices, each counted by its activity. Equal slices of one GPU share their activity where the exporter does not name the team.",
            unit: "none",
            questions: [{ expr: `sum by (team) (${BUSY})`, legend: "{{team}}" }],
          },
          { stacked: true },
        ),
        bars({
          title: "Quota used",
          description: "Part of each team's quota that its claims count for.",
          unit: "percentunit",
          questions: [
            { expr: `sum by (team, tier) (${QUOTA_USED}) / (sum by (team, tier) (${QUOTA_HARD}) > 0)`, legend: "{{team}} {{tier}}" },
          ],
        }),
        bars({
          title: "Idle slices by team",
          description: "Allocated slices that have done nothing for an hour.",
          unit: "none",
          questions: [{ expr: `sum by (team) (${IDLE}) or sum by (team) (${ALLOCATED}) * 0`, legend: "{{team}}" }],
        }),
        rows(
          {
            title: "Waiting claims",
            description: "Claims of pods that have no slice yet.",
            unit: "s",
            questions: [{ expr: `time() - max by (team, claim, tier) (${WAITING})` }],
          },
          [
            { from: "team", title: "Team" },
            { from: "claim", title: "Claim" },
            { from: "tier", title: "Tier" },
            { from: "Value", title: "Waits" },
          ],
        ),
      ],
    },
    {
      title: "Cost of the time shown",
      width: 12,
      height: 8,
      panels: [
        rows(
          {
            title: "Bill by team",
            description: "At list price, by compute slices. Allocated is what a team held; busy is the part that worked.",
            unit: "currencyUSD",
            questions: [
              { expr: `${usageQuery("allocatedSliceSeconds", ["team"], SHOWN)} / 3600` },
              { expr: `${usageQuery("busySliceSeconds", ["team"], SHOWN)} / 3600` },
              { expr: usageQuery("allocatedUsd", ["team"], SHOWN) },
              { expr: usageQuery("busyUsd", ["team"], SHOWN) },
            ],
          },
          [
            { from: "team", title: "Team" },
            { from: "Value #A", title: "Slice-hours", unit: "none" },
            { from: "Value #B", title: "Busy slice-hours", unit: "none" },
            { from: "Value #C", title: "Allocated" },
            { from: "Value #D", title: "Busy" },
          ],
        ),
        lines(
          {
            title: "List price of allocated slices by team",
            description: "Per hour.",
            unit: "currencyUSD",
            questions: [{ expr: `sum by (team) (${ALLOCATED_USD})`, legend: "{{team}}" }],
          },
          { stacked: true },
        ),
        stat({
          title: "Time that was counted",
          description: "How long the slice exporter answered. What happened in the rest is in no bill.",
          unit: "s",
          questions: [{ expr: observedSecondsQuery(SHOWN) }],
        }),
      ],
    },
  ],
});
