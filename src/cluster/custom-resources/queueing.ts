/** Queues: they decide when pods start, not what pods get. */
import type { CustomKinds } from "./types";

const WHEN = "it decides when pods start. The API server checks each pod that starts";

/** Sources, read 2026-11-27: kubernetes-sigs/kueue `apis/kueue/{v1beta1,v1beta2}`, volcano-sh/apis `pkg/apis/scheduling/v1beta1`. */
export const QUEUEING: readonly CustomKinds[] = [
  {
    type: "workload",
    group: "kueue.x-k8s.io",
    kinds: ["Workload"],
    makes: { type: "named", why: "Kueue makes it of a job with a queue name, and the job makes the pods" },
    pods: [{ path: "spec.podSets[].template", shape: "template" }],
  },
  {
    type: "plain",
    group: "kueue.x-k8s.io",
    kinds: [
      ...["LocalQueue", "ClusterQueue", "Cohort", "ResourceFlavor", "WorkloadPriorityClass", "Topology", "AdmissionCheck"],
      "ProvisioningRequestConfig",
    ],
    because: WHEN,
  },
  { type: "plain", group: "scheduling.volcano.sh", kinds: ["Queue", "PodGroup"], because: WHEN },
  { type: "plain", group: "scheduling.x-k8s.io", kinds: ["PodGroup"], because: WHEN },
];
