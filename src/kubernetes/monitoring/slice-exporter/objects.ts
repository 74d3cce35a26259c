/** The slice exporter as objects of the cluster. */
import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { DeploymentArgs } from "@pulumi/kubernetes/apps/v1";
import type { ConfigMapArgs, ServiceArgs } from "@pulumi/kubernetes/core/v1";
import type { ClusterRoleArgs } from "@pulumi/kubernetes/rbac/v1";
import { SLICES_JOB } from "../../../monitoring/jobs";
import { ACCOUNTING_INTERVAL_SECONDS } from "../../../monitoring/rules/accounting";
import { sliceMetricsSettings } from "../../../monitoring/settings";
import { NODE_ROLE_LABEL } from "../../../well-known/labels";
import { MONITORING_NAMESPACE } from "../../../well-known/namespaces";
import { contentHash } from "../../content-hash";
import { NOT_AWAITED } from "../../not-awaited";
import { RESTRICTED_CONTAINER, restrictedPod } from "../../pod-security";
import { scriptModules } from "../../script-modules";

/** Name of all its objects, and of the job of its targets. */
export const SLICE_EXPORTER = SLICES_JOB;
export const SLICE_EXPORTER_LABELS = { "app.kubernetes.io/name": SLICE_EXPORTER };
export const SLICE_EXPORTER_PORT = 9401;

const SCRIPT_DIR = "/opt/slice-exporter";
const ENTRY = "slice-exporter.mjs";
const SETTINGS = "settings.json";
/** User `node` of the official Node.js images. */
const USER_ID = 1000;

/** The program and all that it imports. A test starts it with nothing else beside it. */
const SOURCES = [
  "script/slice-exporter",
  "../../partition-gate/script/api-server",
  "../../../monitoring/sources/slices",
  "../../../well-known/attributes",
  "../../../well-known/labels",
];

const metadata = { name: SLICE_EXPORTER, namespace: MONITORING_NAMESPACE };

/** The program and what it is told, in an immutable ConfigMap whose name changes with either. */
export function sliceExporterConfigMap(): ConfigMapArgs & { readonly metadata: { readonly name: string } } {
  const data = { ...scriptModules(__dirname, SOURCES), [SETTINGS]: JSON.stringify(sliceMetricsSettings()) };
  return { metadata: { ...metadata, name: `${SLICE_EXPORTER}-${contentHash(data)}` }, immutable: true, data };
}

/** All that the exporter may do in the cluster. */
export function sliceExporterClusterRole(): ClusterRoleArgs {
  return {
    metadata: { name: SLICE_EXPORTER },
    rules: [
      { apiGroups: [""], resources: ["nodes"], verbs: ["list"] },
      { apiGroups: ["resource.k8s.io"], resources: ["resourceslices", "resourceclaims"], verbs: ["list"] },
    ],
  };
}

/** `Recreate`: two of them would say everything twice. */
export function sliceExporterDeployment(configMapName: string, image: string): DeploymentArgs {
  return {
    metadata: { ...metadata, annotations: { ...NOT_AWAITED } },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: SLICE_EXPORTER_LABELS },
      template: {
        metadata: { labels: SLICE_EXPORTER_LABELS },
        spec: {
          serviceAccountName: SLICE_EXPORTER,
          nodeSelector: { [NODE_ROLE_LABEL]: "system" },
          securityContext: restrictedPod(USER_ID),
          containers: [
            {
              name: "exporter",
              image,
              command: ["node", `${SCRIPT_DIR}/${ENTRY}`, `${SCRIPT_DIR}/${SETTINGS}`, String(SLICE_EXPORTER_PORT)],
              ports: [{ name: "metrics", containerPort: SLICE_EXPORTER_PORT }],
              readinessProbe: { httpGet: { path: "/healthz", port: "metrics" } },
              securityContext: RESTRICTED_CONTAINER,
              resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
              volumeMounts: [{ name: "script", mountPath: SCRIPT_DIR, readOnly: true }],
            },
          ],
          volumes: [{ name: "script", configMap: { name: configMapName } }],
        },
      },
    },
  };
}

export function sliceExporterService(): ServiceArgs {
  return {
    metadata: { ...metadata, labels: SLICE_EXPORTER_LABELS },
    spec: {
      type: "ClusterIP",
      selector: SLICE_EXPORTER_LABELS,
      ports: [{ name: "metrics", port: SLICE_EXPORTER_PORT, targetPort: "metrics" }],
    },
  };
}

export function sliceExporterMonitor(): CustomResourceArgs {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata,
    spec: {
      selector: { matchLabels: SLICE_EXPORTER_LABELS },
      endpoints: [{ port: "metrics", path: "/metrics", interval: `${String(ACCOUNTING_INTERVAL_SECONDS)}s` }],
    },
  };
}
