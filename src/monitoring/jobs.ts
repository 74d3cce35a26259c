/** Names of what Prometheus scrapes for the stack. */

/** Name of the slice exporter's Service, and so the job of its targets. */
export const SLICES_JOB = "shared-gpu-slices";
