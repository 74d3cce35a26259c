import type { input } from "@pulumi/kubernetes/types";
import type { DeploymentArgs } from "@pulumi/kubernetes/apps/v1";
import type { JobArgs } from "@pulumi/kubernetes/batch/v1";
import type { ServiceArgs } from "@pulumi/kubernetes/core/v1";
import { tierNamed, tierProfiles } from "../../dra/tiers";
import type { Tier, TierName } from "../../dra/tiers";
import { VISIBLE_DEVICES_VARIABLE } from "../../well-known/device-requests";
import { GPU_TAINT, NODE_ROLE_LABEL } from "../../well-known/labels";
import { sliceOf } from "./claim";
import type { SliceSource } from "./claim";
import { PYTHON_PATH, WRITABLE, storageOf } from "./volumes";
import type { CheckpointStore, ScriptSource } from "./volumes";
import { NOT_AWAITED } from "../not-awaited";
import { RESTRICTED_CONTAINER, restrictedPod } from "../pod-security";
import { HTTPS_EGRESS_LABEL } from "../teams/network";

/** One of the example workloads. */
interface Workload {
  /** Name of the Job or Deployment. */
  readonly name: string;
  readonly tier: TierName;
  /** Module of the package `fashion_mnist`. */
  readonly module: string;
  /** Arguments beyond those that all have. */
  readonly args: readonly string[];
  /** CPU and memory beside the GPU: small enough for all three on one GPU of the catalogue's smallest instance (8 vCPUs, 64 GiB). */
  readonly cpu: string;
  readonly memory: string;
  /** From SIGTERM to SIGKILL: a training writes a checkpoint, the service drains. */
  readonly graceSeconds: number;
}

export const PORT = 8080;

export const LARGE_TRAINING: Workload = {
  name: "mig-large-training",
  tier: "large",
  module: "large_training",
  args: [],
  cpu: "3",
  memory: "12Gi",
  graceSeconds: 60,
};
export const MEDIUM_TRAINING: Workload = {
  name: "mig-medium-training",
  tier: "medium",
  module: "medium_training",
  args: [],
  cpu: "2",
  memory: "8Gi",
  graceSeconds: 60,
};
/** Classifies held-out images without end, as a load to look at; it also answers requests. */
export const SMALL_INFERENCE: Workload = {
  name: "mig-small-inference",
  tier: "small",
  module: "small_inference",
  args: ["--port", String(PORT), "--self-load", "1000"],
  cpu: "500m",
  memory: "4Gi",
  graceSeconds: 30,
};

/** The authors' address that has HTTPS; the other one's plain HTTP is not let out of a team's namespace. */
const DATA_URL = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion";
/** User `ubuntu` of the NGC PyTorch images. */
const USER_ID = 1000;
export interface WorkloadContext {
  /** The team's namespace. */
  readonly namespace: string;
  /** Image with Python and PyTorch. */
  readonly image: string;
  readonly scripts: ScriptSource;
  readonly checkpoints: CheckpointStore;
  readonly slices: SliceSource;
}

/**
 * A training as a Job, which may complete. Pulumi does not wait for that (`NOT_AWAITED`).
 * Pods are not restarted in place: after a reboot of the node the MIG devices are new ones, and only a new pod gets a new claim. Wrong arguments,
 * damaged data and a wrong device (exit codes 2, 65 and 78) are not tried again; a drained node is no failure.
 */
export function trainingJob(workload: Workload, context: WorkloadContext): JobArgs {
  return {
    metadata: { name: workload.name, namespace: context.namespace, annotations: NOT_AWAITED },
    spec: {
      backoffLimit: 3,
      podFailurePolicy: {
        rules: [
          { action: "FailJob", onExitCodes: { operator: "In", values: [2, 65, 78] } },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      template: podTemplate(workload, context, {}, { restartPolicy: "Never" }),
    },
  };
}

/**
 * The inference service as a Deployment. Recreate, because a rolling update would need a second slice for the time of the change.
 * Pulumi does not wait for it (`NOT_AWAITED`): without GPU nodes, or with all slices taken, it is pending, which is no failure of the stack.
 */
export function inferenceDeployment(context: WorkloadContext): DeploymentArgs {
  const workload = SMALL_INFERENCE;
  const http = { path: "/healthz", port: "http" };
  const serving = {
    ports: [{ name: "http", containerPort: PORT }],
    // The image is started and the small model trained before anything is served.
    startupProbe: { httpGet: http, periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { httpGet: { ...http, path: "/readyz" }, periodSeconds: 5 },
    livenessProbe: { httpGet: http, periodSeconds: 10, timeoutSeconds: 5 },
  };
  return {
    metadata: { name: workload.name, namespace: context.namespace, annotations: NOT_AWAITED },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: nameLabel(workload) },
      template: podTemplate(workload, context, serving, {}),
    },
  };
}

/** The inference service's address within the team: `http://mig-small-inference`. */
export function inferenceService(namespace: string): ServiceArgs {
  const { name } = SMALL_INFERENCE;
  return {
    metadata: { name, namespace, labels: nameLabel(SMALL_INFERENCE), annotations: NOT_AWAITED },
    spec: { selector: nameLabel(SMALL_INFERENCE), ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

function nameLabel({ name }: Workload) {
  return { "app.kubernetes.io/name": name };
}

function podTemplate(
  workload: Workload,
  context: WorkloadContext,
  container: Partial<input.core.v1.Container>,
  pod: Partial<input.core.v1.PodSpec>,
): input.core.v1.PodTemplateSpec {
  const tier = tierNamed(workload.tier);
  const slice = sliceOf(tier, context.slices);
  const storage = storageOf(context.scripts, context.checkpoints);
  // Only what downloads the data set is let out.
  const egress = context.scripts.type === "configMap" ? HTTPS_EGRESS_LABEL : {};
  return {
    metadata: { labels: { ...nameLabel(workload), ...storage.labels, ...egress } },
    spec: {
      ...pod,
      ...storage.pod,
      terminationGracePeriodSeconds: workload.graceSeconds,
      automountServiceAccountToken: false,
      nodeSelector: { [NODE_ROLE_LABEL]: "gpu" },
      tolerations: [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }],
      securityContext: restrictedPod(USER_ID),
      resourceClaims: [slice.pod],
      containers: [
        {
          name: "main",
          image: context.image,
          command: ["python", "-m", `fashion_mnist.${workload.module}`, ...commandLine(workload, tier, context)],
          env: Object.entries(environment(context.slices)).map(([name, value]) => ({ name, value })),
          // The programs end with a sentence that says what to look at; `kubectl describe pod` then shows it.
          terminationMessagePolicy: "FallbackToLogsOnError",
          securityContext: RESTRICTED_CONTAINER,
          resources: {
            claims: [slice.container],
            requests: { cpu: workload.cpu, memory: workload.memory },
            limits: { memory: workload.memory },
          },
          volumeMounts: [...storage.mounts],
          ...container,
        },
      ],
    },
  };
}

function commandLine({ args }: Workload, tier: Tier, { scripts }: WorkloadContext): readonly string[] {
  // What the tier is on any GPU, as its class says: the pods need not change with the pools.
  const expectation = ["--expect-profile", tierProfiles(tier.name).join(",")];
  const download = scripts.type === "configMap" ? ["--data-url", DATA_URL] : [];
  return [...expectation, "--data-dir", WRITABLE.data, ...download, "--checkpoint-dir", WRITABLE.checkpoints, ...args];
}

function environment({ type }: SliceSource): Readonly<Record<string, string>> {
  return {
    // Admission cannot see whether the shared claim has the request that the container names. The slice is visible in spite of it.
    ...(type === "sharedClaim" ? { [VISIBLE_DEVICES_VARIABLE]: "void" } : {}),
    PYTHONPATH: PYTHON_PATH,
    // The package is mounted read-only.
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
    HOME: WRITABLE.home,
    TMPDIR: WRITABLE.tmp,
    // PyTorch's compiler names its cache after the user, and user 1000 need not exist in an image of one's own.
    USER: "fashion-mnist",
  };
}
