/**
 * What a member of a team asks for in docs/security.md ("Ways in") and has no right to, and what a team needs. `TEAM` is the member's own team, `OTHER` another,
 * `pod`, `claim`, `deployment` things of the member's own that exist.
 */
import type { KubernetesObject } from "../../../src/live/api/api-server";

export const TEAM = "team-a";
export const OTHER = "team-b";

export interface TenantRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Of a POST the object, of a PATCH what is merged. */
  readonly body?: unknown;
}

type Row = readonly [row: string, ...TenantRequest[]];

const get = (path: string): TenantRequest => ({ method: "GET", path });
const post = (path: string, body: object = {}): TenantRequest => ({ method: "POST", path, body });
const patch = (path: string, body: object = {}): TenantRequest => ({ method: "PATCH", path, body });
const remove = (path: string): TenantRequest => ({ method: "DELETE", path });

const inCore = (namespace: string, path: string) => `/api/v1/namespaces/${namespace}/${path}`;
const inGroup = (group: string, namespace: string, path: string) => `/apis/${group}/v1/namespaces/${namespace}/${path}`;
const rbac = "rbac.authorization.k8s.io";
const dra = "resource.k8s.io";
const named = (apiVersion: string, kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

const OWN_POD = inCore(TEAM, "pods/pod");
const SYSTEM_PODS = ["gpu-operator", "nvidia-dra-driver", "kube-system"].map((namespace) => inCore(namespace, "pods/driver"));
const node = { allocation: { devices: { results: [{ request: "slice", driver: "gpu.nvidia.com", pool: "node-1", device: "gpu-0" }] } } };

/** By way in; each of the requests is refused for want of rights. */
export const FORBIDDEN: readonly Row[] = [
  ["own DeviceClass", post(`/apis/${dra}/v1/deviceclasses`, named(`${dra}/v1`, "DeviceClass", "mine", { spec: {} }))],
  [
    "changed tier class",
    patch(`/apis/${dra}/v1/deviceclasses/mig-small.nvidia.com`, { spec: { selectors: [] } }),
    remove(`/apis/${dra}/v1/deviceclasses/mig-small.nvidia.com`),
  ],
  [
    "forged claim status",
    patch(inGroup(dra, TEAM, "resourceclaims/claim/status"), { status: node }),
    patch(inGroup(dra, TEAM, "resourceclaims/claim/binding")),
  ],
  [
    "forged ResourceSlices",
    post(`/apis/${dra}/v1/resourceslices`, named(`${dra}/v1`, "ResourceSlice", "forged")),
    remove(`/apis/${dra}/v1/resourceslices/any`),
    remove(`/apis/${dra}/v1/resourceslices`),
  ],
  [
    "claims of others",
    get(inGroup(dra, OTHER, "resourceclaims")),
    get(inGroup(dra, OTHER, "resourceclaims/claim")),
    remove(inGroup(dra, OTHER, "resourceclaims/claim")),
    get(`/apis/${dra}/v1/resourceclaims`),
    post(inGroup(dra, OTHER, "resourceclaims"), named(`${dra}/v1`, "ResourceClaim", "mine")),
    post(inCore(OTHER, "pods"), named("v1", "Pod", "mine")),
    remove(inCore(OTHER, "pods")),
  ],
  ["binding pods past the scheduler", post(`${OWN_POD}/binding`), post(inCore(TEAM, "bindings"))],
  ["ephemeral containers", patch(`${OWN_POD}/ephemeralcontainers`)],
  [
    "exec and the like into pods of the platform",
    ...SYSTEM_PODS.flatMap((pod) => [
      post(`${pod}/exec?command=sh`),
      get(`${pod}/exec?command=sh`),
      post(`${pod}/attach`),
      post(`${pod}/portforward`),
      get(`${pod}/proxy/`),
      get(`${pod}/log`),
      patch(`${pod}/ephemeralcontainers`),
      remove(pod),
    ]),
  ],
  ["proxies", get(`${OWN_POD}/proxy/`), get(inCore(TEAM, "services/web/proxy/")), get(inCore("monitoring", "services/grafana/proxy/"))],
  ["nodes/proxy", get("/api/v1/nodes/node-1/proxy/pods"), post("/api/v1/nodes/node-1/proxy/run/x/y/z")],
  [
    "node labels, taint removal",
    patch("/api/v1/nodes/node-1", { metadata: { labels: { "nvidia.com/mig.config": "all-disabled" } } }),
    patch("/api/v1/nodes/node-1", { spec: { taints: [] } }),
    patch("/api/v1/nodes/node-1/status"),
    remove("/api/v1/nodes/node-1"),
  ],
  [
    "MIG ConfigMap edits",
    patch(inCore("gpu-operator", "configmaps/any")),
    post(inCore("gpu-operator", "configmaps"), named("v1", "ConfigMap", "any")),
  ],
  [
    "relabelling the namespace, admin-access label",
    patch(`/api/v1/namespaces/${TEAM}`, { metadata: { labels: { "resource.kubernetes.io/admin-access": "true" } } }),
    patch(`/api/v1/namespaces/${TEAM}/status`),
    patch(`/api/v1/namespaces/${TEAM}/finalize`),
    remove(`/api/v1/namespaces/${TEAM}`),
  ],
  ["a new namespace", post("/api/v1/namespaces", named("v1", "Namespace", "mine"))],
  [
    "quota and limits",
    patch(inCore(TEAM, "resourcequotas/team"), { spec: { hard: { pods: "500" } } }),
    patch(inCore(TEAM, "resourcequotas/team/status")),
    remove(inCore(TEAM, "resourcequotas/team")),
    post(inCore(TEAM, "resourcequotas"), named("v1", "ResourceQuota", "mine")),
    remove(inCore(TEAM, "limitranges/team")),
  ],
  [
    "network policies",
    remove(inGroup("networking.k8s.io", TEAM, "networkpolicies/default-deny")),
    post(inGroup("networking.k8s.io", TEAM, "networkpolicies"), named("networking.k8s.io/v1", "NetworkPolicy", "mine")),
    post(inGroup("networking.k8s.io", TEAM, "ingresses"), named("networking.k8s.io/v1", "Ingress", "mine")),
  ],
  [
    "rights",
    post(inGroup(rbac, TEAM, "roles"), named(`${rbac}/v1`, "Role", "mine")),
    patch(inGroup(rbac, TEAM, "roles/team-member"), { rules: [] }),
    post(inGroup(rbac, TEAM, "rolebindings"), named(`${rbac}/v1`, "RoleBinding", "mine")),
    post(`/apis/${rbac}/v1/clusterroles`, named(`${rbac}/v1`, "ClusterRole", "mine")),
    post(`/apis/${rbac}/v1/clusterrolebindings`, named(`${rbac}/v1`, "ClusterRoleBinding", "mine")),
  ],
  [
    "the guardrails themselves",
    patch("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/shared-gpu-pods"),
    remove("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/shared-gpu-pods"),
    remove("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/shared-gpu-pods"),
    post("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"),
    post("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"),
    post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"),
    post("/apis/apiregistration.k8s.io/v1/apiservices"),
    post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
  ],
  [
    "secrets of others",
    get(inCore("monitoring", "secrets/grafana-admin")),
    get(inCore(OTHER, "secrets")),
    get(inCore("kube-system", "secrets")),
    get("/api/v1/secrets"),
    get("/api/v1/configmaps"),
  ],
  [
    "tokens of service accounts, certificates",
    ...[TEAM, OTHER, "kube-system", "nvidia-dra-driver"].map((namespace) => post(inCore(namespace, "serviceaccounts/default/token"))),
    post(inCore(TEAM, "serviceaccounts"), named("v1", "ServiceAccount", "mine")),
    post("/apis/certificates.k8s.io/v1/certificatesigningrequests"),
  ],
  [
    "classes of pods and storage",
    post("/apis/scheduling.k8s.io/v1/priorityclasses", named("scheduling.k8s.io/v1", "PriorityClass", "mine", { value: 1 })),
    post("/apis/node.k8s.io/v1/runtimeclasses", named("node.k8s.io/v1", "RuntimeClass", "mine", { handler: "nvidia" })),
    post("/apis/storage.k8s.io/v1/storageclasses", named("storage.k8s.io/v1", "StorageClass", "mine", { provisioner: "x" })),
    post("/api/v1/persistentvolumes", named("v1", "PersistentVolume", "mine")),
  ],
  [
    "kinds that make pods on every node, or pods that are not the team's",
    post(inGroup("apps", TEAM, "daemonsets"), named("apps/v1", "DaemonSet", "mine")),
    post(inGroup("apps", TEAM, "replicasets"), named("apps/v1", "ReplicaSet", "mine")),
    post(inCore(TEAM, "replicationcontrollers"), named("v1", "ReplicationController", "mine")),
    post(inCore(TEAM, "podtemplates"), named("v1", "PodTemplate", "mine")),
  ],
  [
    "what controllers and kubelets write",
    patch(`${OWN_POD}/status`),
    patch(`${OWN_POD}/resize`),
    post(`${OWN_POD}/eviction`),
    patch(inCore(TEAM, "services/web/status"), { status: { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } } }),
    post(inCore(TEAM, "endpoints"), named("v1", "Endpoints", "mine")),
    post(
      inGroup("discovery.k8s.io", TEAM, "endpointslices"),
      named("discovery.k8s.io/v1", "EndpointSlice", "mine", { addressType: "IPv4", endpoints: [] }),
    ),
    patch(inGroup("coordination.k8s.io", "kube-system", "leases/kube-scheduler")),
  ],
  ["reading the cluster", get("/api/v1/nodes"), get("/api/v1/pods"), get("/api/v1/namespaces"), get(`/apis/${dra}/v1/resourceslices`)],
];

const container = {
  name: "main",
  image: "registry.example.com/team-a/app:1",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  resources: { claims: [{ name: "slice" }] },
};

/** A pod as a team writes it: with a slice by the team's template. */
export const POD_SPEC = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  resourceClaims: [{ name: "slice", resourceClaimTemplateName: "mig-small-template" }],
  tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
  containers: [container],
};
const labels = { app: "x" };
const template = { metadata: { labels }, spec: POD_SPEC };
const jobTemplate = { metadata: { labels }, spec: { ...POD_SPEC, restartPolicy: "Never" } };
const requests = [{ name: "slice", exactly: { deviceClassName: "mig-small.nvidia.com" } }];

/** What a team works with. Made for real, in this order; the names are those of the requests above. */
export const OWN_OBJECTS: readonly KubernetesObject[] = [
  named("v1", "Pod", "pod", { spec: POD_SPEC }),
  named("apps/v1", "Deployment", "deployment", { spec: { replicas: 0, selector: { matchLabels: labels }, template } }),
  named("apps/v1", "StatefulSet", "stateful-set", {
    spec: { replicas: 0, serviceName: "web", selector: { matchLabels: labels }, template },
  }),
  named("batch/v1", "Job", "job", { spec: { suspend: true, template: jobTemplate } }),
  named("batch/v1", "CronJob", "cron-job", {
    spec: { schedule: "0 3 * * *", suspend: true, jobTemplate: { spec: { template: jobTemplate } } },
  }),
  named(`${dra}/v1`, "ResourceClaim", "claim", { spec: { devices: { requests } } }),
  named(`${dra}/v1`, "ResourceClaimTemplate", "template", { spec: { spec: { devices: { requests } } } }),
  named("v1", "ConfigMap", "settings", { data: { a: "b" } }),
  named("v1", "Secret", "secret", { stringData: { a: "b" } }),
  named("v1", "Service", "web", { spec: { selector: labels, ports: [{ port: 80 }] } }),
  named("v1", "PersistentVolumeClaim", "data", { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }),
];

/** What a team reads, by name where it is the platform's. */
export const READABLE: readonly string[] = [
  inGroup(dra, TEAM, "resourceclaimtemplates/mig-small-template"),
  inGroup(dra, TEAM, "resourceclaims"),
  inCore(TEAM, "resourcequotas/team"),
  inCore(TEAM, "limitranges/team"),
  inCore(TEAM, "serviceaccounts/default"),
  inCore(TEAM, "events"),
  inCore(TEAM, "pods/pod/status"),
  inGroup("networking.k8s.io", TEAM, "networkpolicies/default-deny"),
  inGroup("apps", TEAM, "replicasets"),
  inGroup("apps", TEAM, "controllerrevisions"),
  inGroup("apps", TEAM, "deployments/deployment/scale"),
];

/** What reaches into the team's own pods. Without a kubelet the answer is an error, but not one for want of rights. */
export const ENTERED: readonly TenantRequest[] = [
  get(`${OWN_POD}/log`),
  post(`${OWN_POD}/exec?command=sh`),
  post(`${OWN_POD}/attach`),
  post(`${OWN_POD}/portforward`),
];
