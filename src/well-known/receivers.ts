/** Alertmanager's receiver of alerts that nobody is told of, as the chart kube-prometheus-stack calls it. No other receiver can have its name. */
export const NOBODY = "null";
