/** How urgent an alert is, as the rules of kube-prometheus-stack say it. `none` is for alerts that nobody is told of. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];
