import type { JobArgs } from "@pulumi/kubernetes/batch/v1";
import type { ConfigMapArgs } from "@pulumi/kubernetes/core/v1";
import type { ClusterRoleArgs } from "@pulumi/kubernetes/rbac/v1";
import { NODE_ROLE_LABEL } from "../../well-known/labels";
import { PARTITION_GATE_NAMESPACE } from "../../well-known/namespaces";
import { contentHash } from "../content-hash";
import type { Expectation } from "./expectation";
import { ENTRY, scriptFiles } from "./script-files";
import { RESTRICTED_CONTAINER, restrictedPod } from "../pod-security";

/** Name of the gate's Job, service account and roles. */
export const GATE_NAME = "partition-gate";

const SCRIPT_DIR = "/opt/partition-gate";
/** User `node` of the official Node.js images. */
const USER_ID = 1000;

/** Beyond the script's own timeout: for the pod to be scheduled and its image pulled. The script's verdict must come first, because a Job that exceeds its deadline loses its pods and with them the message. */
const START_MINUTES = 10;
/** Beyond the Job's deadline: for Pulumi to see it. */
const REPORT_MINUTES = 5;

/** The script and what it expects, in an immutable ConfigMap whose name changes with either. */
export function gateConfigMap(expectation: Expectation): ConfigMapArgs & { readonly metadata: { readonly name: string } } {
  const data = { ...scriptFiles(), "expectation.json": JSON.stringify(expectation, undefined, 2) };
  return {
    metadata: { name: `${GATE_NAME}-${contentHash(data)}`, namespace: PARTITION_GATE_NAMESPACE },
    immutable: true,
    data,
  };
}

/** All that the gate may do in the cluster. */
export function gateClusterRole(): ClusterRoleArgs {
  return {
    metadata: { name: GATE_NAME },
    rules: [
      { apiGroups: [""], resources: ["nodes"], verbs: ["list"] },
      { apiGroups: ["resource.k8s.io"], resources: ["resourceslices"], verbs: ["list"] },
    ],
  };
}

/** How long Pulumi has to wait for the Job, as `customTimeouts` want it. */
export function gateTimeout({ timeoutSeconds }: Expectation): string {
  return `${String(timeoutSeconds / 60 + START_MINUTES + REPORT_MINUTES)}m`;
}

export interface GateJobArgs {
  readonly expectation: Expectation;
  /** ConfigMap with the script and the expectation. */
  readonly configMapName: string;
  /** Image with Node.js. */
  readonly image: string;
  /** What else the devices depend on, `gpu-operator v25.10.1`: the gate runs again when it changes. */
  readonly installed: readonly string[];
}

/**
 * The gate's Job. It has no TTL: the next refresh would miss a removed Job and run it again.
 *
 * One failure ends it (`backoffLimit: 0`), because a failure is a verdict: the script repeats what an API server may refuse for a moment, the kubelet repeats
 * image pulls, and Kubernetes replaces evicted or killed pods without counting them. The action `FailJob` would not do: Pulumi's Job awaiter knows only
 * BackoffLimitExceeded and DeadlineExceeded, and waits for any other failure until its own timeout.
 *
 * The awaiter prints a failed pod's termination message in the output of `pulumi up`. `replaceUnready` makes the next `up` run a failed gate again.
 * Source: pulumi/pulumi-kubernetes 4.32, `provider/pkg/await/checker/{job,pod}/check.go` and `provider.go`.
 */
export function gateJob({ expectation, configMapName, image, installed }: GateJobArgs): JobArgs {
  return {
    metadata: { name: GATE_NAME, namespace: PARTITION_GATE_NAMESPACE, annotations: { "pulumi.com/replaceUnready": "true" } },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: expectation.timeoutSeconds + START_MINUTES * 60,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          // 137: killed, for memory or by the node; 143: terminated.
          { action: "Ignore", onExitCodes: { operator: "In", values: [137, 143] } },
        ],
      },
      template: {
        metadata: { labels: { "app.kubernetes.io/name": GATE_NAME }, annotations: { "shared-gpu/installed": installed.join(", ") } },
        spec: {
          serviceAccountName: GATE_NAME,
          restartPolicy: "Never",
          nodeSelector: { [NODE_ROLE_LABEL]: "system" },
          securityContext: restrictedPod(USER_ID),
          containers: [
            {
              name: "gate",
              image,
              command: ["node", `${SCRIPT_DIR}/${ENTRY}`, `${SCRIPT_DIR}/expectation.json`],
              // A script that dies without a verdict leaves the end of its log as the message.
              terminationMessagePolicy: "FallbackToLogsOnError",
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
