/** What was looked for beside the entries of the tables, so that silence about a component has a date. */

export type LookedFor =
  /** Nothing published concerns the component in a version of its own. Holes of Go's library and of base images are not counted. */
  | { readonly type: "nothingFound"; readonly component: string; readonly where: string; readonly read: string }
  /** A published vulnerability that the platform's own settings close, whatever the version. `why` has no full stop. */
  | {
      readonly type: "closed";
      readonly component: string;
      readonly id: `CVE-${number}-${number}`;
      readonly why: string;
      readonly source: string;
      readonly read: string;
    };

const READ = "2026-11-28";
const AWS = "AWS security bulletins, CVE records of AWS, issues of the driver's repository";

export const LOOKED_FOR: readonly LookedFor[] = [
  { type: "nothingFound", component: "add-on aws-ebs-csi-driver", where: AWS, read: READ },
  { type: "nothingFound", component: "add-on eks-pod-identity-agent", where: AWS, read: READ },
  { type: "nothingFound", component: "add-on eks-node-monitoring-agent", where: AWS, read: READ },
  { type: "nothingFound", component: "add-on kube-proxy", where: "CVE records of Kubernetes, issues of kubernetes/kubernetes", read: READ },
  { type: "nothingFound", component: "add-on metrics-server", where: "CVE records, issues of kubernetes-sigs/metrics-server", read: READ },
  { type: "nothingFound", component: "Alertmanager", where: "CVE records, advisories of prometheus/alertmanager", read: READ },
  { type: "nothingFound", component: "Prometheus Operator", where: "CVE records, advisories of prometheus-operator", read: READ },
  {
    ...{ type: "closed", component: "Kubernetes up to 1.34.11, 1.35.8 and 1.36.4", id: "CVE-2026-2270" },
    why: "who writes StatefulSets and ControllerRevisions can create pods in other namespaces; a team only reads ControllerRevisions, and EKS patches the control plane",
    source: "https://www.cve.org/CVERecord?id=CVE-2026-2270",
    read: READ,
  },
  {
    ...{ type: "closed", component: "CoreDNS", id: "CVE-2026-62309" },
    why: "a packet ends a CoreDNS that has the plugin proxyproto, which the configuration of EKS does not have",
    source: "https://github.com/coredns/coredns/security/advisories/GHSA-9rvv-m5g5-wc8r",
    read: READ,
  },
];
