/** Manifests of any length, as many teams together would write them: workloads, claims and configuration, and some mistakes. */

const SECURITY = `
securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }`;
const CONTAINER_SECURITY = "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }";
const RESOURCES = "{ requests: { cpu: 500m, memory: 1Gi, ephemeral-storage: 1Gi }, limits: { memory: 2Gi } }";

type Writer = (name: string, namespace: string) => string;

/** Lines of a text, moved to the right. */
const indented = (text: string, columns: number): string => text.trim().replaceAll(/^/gm, " ".repeat(columns)).trimStart();

const head = (apiVersion: string, kind: string, name: string, namespace: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n  labels: { app.kubernetes.io/name: ${name}, app.kubernetes.io/part-of: ${namespace} }\n`;

const podSpec = (name: string): string => `
${SECURITY.trim()}
automountServiceAccountToken: false
containers:
  - name: main
    image: registry.example.com/research/${name}:1.4.2
    command: [python, -m, ${name.replaceAll("-", "_")}, --config, /etc/app/config.yaml]
    env:
      - { name: LOG_LEVEL, value: info }
      - { name: NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
    ports: [{ name: http, containerPort: 8080 }]
    readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 10 }
    ${CONTAINER_SECURITY}
    resources: ${RESOURCES}
    volumeMounts: [{ name: scratch, mountPath: /scratch }]
volumes:
  - { name: scratch, emptyDir: { sizeLimit: 1Gi } }`;

const batchSpec = (name: string): string => podSpec(name).replace(/^ +ports:.*\n +readinessProbe:.*\n/m, "");

const claimSpec = (requests: string): string => `{ spec: { devices: { requests: [${requests}] } } }`;

const deployment: Writer = (name, namespace) => `${head("apps/v1", "Deployment", name, namespace)}spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      ${indented(podSpec(name), 6)}
`;

const job: Writer = (name, namespace) => `${head("batch/v1", "Job", name, namespace)}spec:
  backoffLimit: 2
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      restartPolicy: Never
      ${indented(batchSpec(name), 6)}
`;

const gpuJob: Writer = (name, namespace) => `${head("batch/v1", "Job", name, namespace)}spec:
  template:
    spec:
      restartPolicy: Never
      tolerations: [{ key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }]
      resourceClaims: [{ name: gpu, resourceClaimTemplateName: mig-small-template }]
      ${indented(batchSpec(name).replace(RESOURCES, RESOURCES.replace(/ }$/, ", claims: [{ name: gpu }] }")), 6)}
`;

const cronJob: Writer = (name, namespace) => `${head("batch/v1", "CronJob", name, namespace)}spec:
  schedule: "15 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          ${indented(batchSpec(name), 10)}
`;

const configMap: Writer = (name, namespace) => `${head("v1", "ConfigMap", name, namespace)}data:
  config.yaml: |
${Array.from({ length: 30 }, (_, index) => `    setting_${String(index)}: { rate: 0.${String(index + 1)}, steps: ${String(1000 * (index + 1))}, name: ${name} }`).join("\n")}
`;

const service: Writer = (name, namespace) => `${head("v1", "Service", name, namespace)}spec:
  selector: { app: ${name} }
  ports: [{ name: http, port: 80, targetPort: http }]
`;

const template: Writer = (name, namespace) =>
  `${head("resource.k8s.io/v1", "ResourceClaimTemplate", name, namespace)}spec: ${claimSpec("{ name: slice, exactly: { deviceClassName: mig-small.nvidia.com } }")}\n`;

const claim: Writer = (name, namespace) =>
  `${head("resource.k8s.io/v1", "ResourceClaim", name, namespace)}spec: { devices: { requests: [{ name: slice, exactly: { deviceClassName: mig-medium.nvidia.com, selectors: [{ cel: { expression: 'device.attributes["gpu.nvidia.com"].profile == "2g.10gb"' } }] } }] } }\n`;

/** Of 20 documents in a row. */
const MIX: readonly Writer[] = [
  ...[deployment, configMap, job, service, template, deployment, configMap, cronJob, gpuJob, job],
  ...[deployment, configMap, service, claim, job, deployment, configMap, job, template, deployment],
];

/** Changes of a text that somebody refuses: the API server, Pod Security, the policy pack. */
const MISTAKES: readonly ((text: string) => string)[] = [
  (text) => text.replace(/^spec:$/m, "spec:\n  replcas: 3"),
  (text) => text.replace("allowPrivilegeEscalation: false", "privileged: true"),
  (text) => text.replace(/mig-(small|medium)\.nvidia\.com/, "gpu.nvidia.com"),
  (text) => text.replace(/^ {2}name: (.*)$/m, "  name: $1_"),
];
/** One document of so many has a mistake. */
const MISTAKE_EVERY = 49;

/** One document of so many is in a team's namespace, whose quota admits the first of them. The others are where there is no quota. */
const OF_A_TEAM = 3;

/** A manifest of so many documents, the same each time. */
export function manyDocuments(count: number): string {
  return Array.from({ length: count }, (_, index) => documentAt(index)).join("---\n");
}

function documentAt(index: number): string {
  const write = MIX[index % MIX.length] ?? deployment;
  const text = write(`app-${String(index)}`, index % OF_A_TEAM === 0 ? "mig-test" : "default");
  const mistake = index % MISTAKE_EVERY === MISTAKE_EVERY - 1 ? MISTAKES[Math.floor(index / MISTAKE_EVERY) % MISTAKES.length] : undefined;
  return mistake?.(text) ?? text;
}
