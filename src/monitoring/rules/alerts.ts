/** What somebody is told. */
import { XIDS_OF_WORKLOADS } from "../../well-known/node-repair";
import { DRA_DRIVER_NAMESPACE } from "../../well-known/namespaces";
import { SLICES_JOB } from "../jobs";
import { FREE, GPU_INFO, IDLE_USD, IDLE, PUBLISHED } from "./accounting";
import { DEVICE_SERIES } from "./devices";
import { NODES_EXPECTED, QUOTA_HARD, QUOTA_USED, RESERVATION_END, SLICES_EXPECTED, SUPPORT_END } from "./stack-series";
import type { AlertingRule } from "./types";

const DAY_SECONDS = 24 * 60 * 60;
/** A claim that waits longer is told. */
const PENDING_SECONDS = 15 * 60;
/** Days before the end of standard support. */
const SUPPORT_DAYS = 30;
/** Days before the end of a reservation: time to buy the next one and to move work. */
const RESERVATION_DAYS = 3;

/** The XID of an hour ago was another one, or there was none. */
const NEW_XID = `(${DEVICE_SERIES.xid} > 0 unless ${DEVICE_SERIES.xid} == ${DEVICE_SERIES.xid} offset 1h)`;
const OF_WORKLOADS = `(${XIDS_OF_WORKLOADS.map((xid) => `${DEVICE_SERIES.xid} == ${String(xid)}`).join(" or ")})`;

export const ALERTS: readonly AlertingRule[] = [
  {
    alert: "SharedGpuTierFull",
    expr: `${FREE} == 0`,
    for: "15m",
    severity: "warning",
    summary: "No {{ $labels.tier }} slice is free.",
    impact: "The next claim for this tier waits until a team gives a slice back.",
    runbook: "No slice is free",
  },
  {
    alert: "SharedGpuClaimsPending",
    expr: `count by (team, tier) (time() - shared_gpu_claim_pending_since_seconds{for_pod="true"} > ${String(PENDING_SECONDS)})`,
    for: "1m",
    severity: "warning",
    summary: "{{ $value }} claims of team {{ $labels.team }} have waited for 15 minutes.",
    impact: "Their pods do not start.",
    runbook: "No slice is free",
  },
  {
    alert: "SharedGpuSlicesDifferFromLayout",
    expr: `(sum by (node, profile) (${PUBLISHED}) or sum by (node, profile) (${SLICES_EXPECTED}) * 0) != on (node, profile) sum by (node, profile) (${SLICES_EXPECTED})`,
    for: "20m",
    severity: "critical",
    summary: "Node {{ $labels.node }} publishes {{ $value }} slices of {{ $labels.profile }}, not as many as its layout has.",
    impact: "Teams cannot claim slices that the stack counts on.",
    runbook: "How `pulumi up` ends",
  },
  {
    alert: "SharedGpuNodesMissing",
    expr: `(count by (instance_type, layout) (group by (node, instance_type, layout) (shared_gpu_node_info)) or ${NODES_EXPECTED} * 0) < on (instance_type, layout) ${NODES_EXPECTED}`,
    for: "20m",
    severity: "critical",
    summary: "{{ $value }} nodes of {{ $labels.instance_type }} with the layout {{ $labels.layout }} are there, fewer than the pools need.",
    impact: "The slices of the missing nodes are gone, and their pods wait.",
    runbook: "An instance that never joins",
  },
  {
    alert: "SharedGpuMigStuck",
    expr: `group by (node, mig_state) (shared_gpu_node_info{mig_state=~"pending|rebooting"})`,
    for: "20m",
    severity: "critical",
    summary: "MIG Manager on {{ $labels.node }} has been {{ $labels.mig_state }} for 20 minutes.",
    impact: "The node publishes no slices.",
    runbook: "MIG Manager stays in `pending`",
  },
  {
    alert: "SharedGpuMigFailed",
    expr: `group by (node) (shared_gpu_node_info{mig_state="failed"})`,
    for: "5m",
    severity: "critical",
    summary: "MIG Manager could not divide the GPUs of {{ $labels.node }}.",
    impact: "The node publishes no slices. Its pods cannot end, because nothing takes their slices back.",
    runbook: "A node whose layout has failed",
  },
  {
    alert: "SharedGpuDriverPluginDown",
    expr:
      `group by (node) (shared_gpu_node_info{mig_state="success"}) unless on (node) ` +
      `(kube_pod_info{namespace="${DRA_DRIVER_NAMESPACE}", created_by_kind="DaemonSet"} and on (namespace, pod) kube_pod_status_ready{condition="true"} == 1)`,
    for: "10m",
    severity: "critical",
    summary: "The DRA driver's plugin does not run on {{ $labels.node }}.",
    impact: "No pod with a slice starts or ends on this node.",
    runbook: "How `pulumi up` ends",
  },
  {
    alert: "SharedGpuMetricsMissing",
    expr: `group by (node) (${GPU_INFO}) unless on (node) (${GPU_INFO} and on (gpu_uuid) ${DEVICE_SERIES.activity})`,
    for: "15m",
    severity: "warning",
    summary: "DCGM Exporter says nothing of the GPUs of {{ $labels.node }}.",
    impact: "Nobody sees how busy these slices are, and no error of these GPUs.",
    runbook: "GPU metrics are missing",
  },
  {
    alert: "SharedGpuSliceExporterDown",
    expr: `absent(up{job="${SLICES_JOB}"} == 1)`,
    for: "5m",
    severity: "critical",
    summary: "The slice exporter does not answer.",
    impact: "Slices are not counted, so they are missing in the bill, and no alert about slices fires.",
    runbook: "GPU metrics are missing",
  },
  {
    alert: "SharedGpuXidError",
    expr: `(${NEW_XID} unless ${OF_WORKLOADS}) * on (gpu_uuid) group_left (node) ${GPU_INFO}`,
    for: "0m",
    severity: "critical",
    summary: "GPU {{ $labels.gpu_uuid }} of {{ $labels.node }} reports XID {{ $value }}.",
    impact: "Programs of every team with a slice of this GPU may have failed.",
    runbook: "A GPU reports errors",
  },
  {
    alert: "SharedGpuMemoryErrors",
    expr: `(increase(${DEVICE_SERIES.uncorrectableRemappedRows}[1d]) > 0 or ${DEVICE_SERIES.rowRemapFailed} > 0) * on (gpu_uuid) group_left (node) ${GPU_INFO}`,
    for: "0m",
    severity: "critical",
    summary: "The memory of GPU {{ $labels.gpu_uuid }} of {{ $labels.node }} has errors that ECC cannot correct.",
    impact: "Programs that used this memory have ended. The GPU may have to be replaced.",
    runbook: "A GPU reports errors",
  },
  {
    alert: "SharedGpuSlicesIdle",
    expr: `sum by (team) (${IDLE_USD}) or sum by (team) (${IDLE}) * 0`,
    for: "0m",
    severity: "info",
    summary: 'Team {{ $labels.team }} holds slices that have done nothing for an hour, at ${{ $value | printf "%.2f" }} an hour.',
    impact: "Other teams wait for slices that nobody uses. (0 dollars: the instance type has no list price.)",
    runbook: "A team holds slices that it does not use",
  },
  {
    alert: "SharedGpuQuotaNearlyUsed",
    expr: `${QUOTA_USED} / (${QUOTA_HARD} > 0) >= 0.9`,
    for: "15m",
    severity: "info",
    summary: "Team {{ $labels.team }} has used {{ $value | humanizePercentage }} of its quota of {{ $labels.tier }} slices.",
    impact: "The API server rejects the claims that exceed the quota.",
    runbook: "No slice is free",
  },
  {
    alert: "SharedGpuReservationEnds",
    expr: `${RESERVATION_END} - time() < ${String(RESERVATION_DAYS * DAY_SECONDS)}`,
    for: "0m",
    severity: "warning",
    summary:
      "The reservation of pool {{ $labels.pool }} {{ if gt $value 0.0 }}ends in {{ $value | humanizeDuration }}{{ else }}has ended{{ end }}.",
    impact: "AWS ends the instances of the pool, from half an hour before that time. Every pod on them ends, and their slices are gone.",
    runbook: "A reservation ends",
  },
  {
    alert: "SharedGpuKubernetesSupportEnds",
    expr: `(${SUPPORT_END} - time()) / ${String(DAY_SECONDS)} < ${String(SUPPORT_DAYS)}`,
    for: "1h",
    severity: "warning",
    summary: 'Standard support of this Kubernetes version ends in {{ $value | printf "%.0f" }} days.',
    impact: "After that the control plane costs more per hour, or EKS upgrades it by itself.",
    runbook: "End of standard support",
  },
];
