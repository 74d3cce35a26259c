/** The scheduler of pods that name none. Source: `DefaultSchedulerName` of k8s.io/api/core/v1 (v0.34). */
export const DEFAULT_SCHEDULER = "default-scheduler";
