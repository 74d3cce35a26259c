/** Objects that the tests of this folder create beside the stack's. */
import { RESTRICTED_CONTAINER, restrictedPod } from "../../../src/kubernetes/pod-security";
import { GPU_TAINT } from "../../../src/well-known/labels";
import type { KubernetesObject } from "../../../src/live/api/api-server";

export type ClaimSource = { readonly resourceClaimTemplateName: string } | { readonly resourceClaimName: string };

export interface PodOptions {
  readonly name: string;
  readonly namespace: string;
  readonly claims: readonly ClaimSource[];
  /** @default none */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Whether it may run on GPU nodes at all. @default true */
  readonly isTolerant?: boolean;
  /** @default "100m" */
  readonly cpu?: string;
  /** @default "Always" */
  readonly restartPolicy?: "Always" | "Never";
}

export function namespace(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A pod whose one container uses all its claims, of a kind that every Pod Security level takes. */
export function pod(options: PodOptions): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: options.name, namespace: options.namespace },
    spec: podSpec(options),
  };
}

export function deployment(replicas: number, options: PodOptions): KubernetesObject {
  const labels = { app: options.name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: options.name, namespace: options.namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec(options) } },
  };
}

/** A claim template with one request for one device of a class. */
export function template(name: string, namespaceName: string, deviceClassName: string, expression?: string): KubernetesObject {
  const selectors = expression === undefined ? {} : { selectors: [{ cel: { expression } }] };
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name, namespace: namespaceName },
    spec: { spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName, ...selectors } }] } } },
  };
}

function podSpec({ claims, nodeSelector = {}, isTolerant = true, cpu = "100m", restartPolicy = "Always" }: PodOptions): object {
  const names = claims.map((source, index) => ({ name: `slice-${index}`, ...source }));
  return {
    restartPolicy,
    nodeSelector,
    tolerations: isTolerant ? [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }] : [],
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: restrictedPod(1000),
    resourceClaims: names,
    containers: [
      {
        name: "main",
        image: "stand-in",
        securityContext: RESTRICTED_CONTAINER,
        resources: { claims: names.map(({ name }) => ({ name })), requests: { cpu } },
      },
    ],
  };
}
