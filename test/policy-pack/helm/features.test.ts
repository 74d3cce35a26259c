import { chartContentsVisible } from "../../../policy-pack/helm/chart-contents-visible";
import { draDriverFeatures } from "../../../policy-pack/helm/dra-driver-features";
import { alertmanagerValues } from "../../../src/kubernetes/monitoring/alertmanager";
import { draDriverValues } from "../../../src/releases/helm/dra-driver";
import { gpuOperatorValues } from "../../../src/releases/helm/gpu-operator";
import { kubePrometheusStackValues } from "../../../src/releases/helm/kube-prometheus-stack";
import { RECEIVERS } from "../../kubernetes/monitoring/receivers";
import { MONITORING_VALUES } from "../../support/monitoring-values";
import { UNKNOWN, violations } from "../verdict";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const features = (values: unknown, chart = "nvidia-dra-driver-gpu", type = RELEASE) =>
  violations(draDriverFeatures, { chart, version: "25.8.1", values }, {}, type).join("\n");
const contents = (props: Readonly<Record<string, unknown>>, type = RELEASE) => violations(chartContentsVisible, props, {}, type).join("\n");

describe("Feature gates should pass if", () => {
  test.each<[string, unknown]>([
    ["the driver is as the stack installs it", draDriverValues({ extraValues: {} })],
    ["there are none", { featureGates: {} }],
    ["they are null", { featureGates: null }],
    [
      "they are about logs and networks",
      { featureGates: { ContextualLogging: true, ComputeDomainCliques: true, IMEXDaemonsWithDNSNames: false } },
    ],
    ["a risky one is off", { featureGates: { DynamicMIG: false, MPSSupport: "false" } }],
    ["another variable is set", { kubeletPlugin: { containers: { gpus: { env: [{ name: "A", value: "b" }] } } } }],
    ["there are no values", undefined],
  ])("%s", (_, values) => {
    expect(features(values)).toBe("");
  });
  test("the operator is as the stack installs it", () => {
    expect(features(gpuOperatorValues({ layouts: [], prometheusRelease: "kps", extraValues: {} }), "gpu-operator")).toBe("");
    expect(features({ sandboxWorkloads: { enabled: false } }, "gpu-operator")).toBe("");
  });
});

describe("Feature gates should fail if", () => {
  test.each([
    "DynamicMIG",
    "PassthroughSupport",
    "MPSSupport",
    "TimeSlicingSettings",
    "AllAlpha",
    "AllBeta",
    "ConsumableShares",
    "NotThereYet",
  ])("%s is on", (gate) => {
    expect(features({ featureGates: { [gate]: true } })).toContain(gate);
    expect(features({ featureGates: { [gate]: "true" } }, "oci://registry.k8s.io/x/dra-driver-nvidia-gpu")).toContain(gate);
    expect(features({ featureGates: { [gate]: UNKNOWN } })).toContain("is unknown");
    expect(features({ featureGates: { [gate]: UNKNOWN } })).toMatchSnapshot();
  });
  test.each<[string, unknown]>([
    ["all of them are unknown", { featureGates: UNKNOWN }],
    ["they are a string", { featureGates: "DynamicMIG=true" }],
    ["all values are unknown", UNKNOWN],
    ["they are in a variable", { kubeletPlugin: { containers: { gpus: { env: [{ name: "FEATURE_GATES", value: "DynamicMIG=true" }] } } } }],
    ["they are in a variable of the controller", { controller: { containers: { computeDomain: { env: [{ name: "FEATURE_GATES" }] } } } }],
    ["the variables are unknown", { kubeletPlugin: { containers: { gpus: { env: UNKNOWN } } } }],
  ])("%s", (_, values) => {
    expect(features(values)).not.toBe("");
    expect(features(values)).toMatchSnapshot();
  });
  test.each([true, "true", UNKNOWN])("the operator prepares GPUs for virtual machines: %p", (enabled) => {
    expect(features({ sandboxWorkloads: { enabled } }, "gpu-operator")).not.toBe("");
    expect(features({ sandboxWorkloads: { enabled } }, "gpu-operator")).toMatchSnapshot();
  });
  test("the chart is rendered in the program", () => {
    expect(features({ featureGates: { DynamicMIG: true } }, "nvidia-dra-driver-gpu", "kubernetes:helm.sh/v4:Chart")).not.toBe("");
    expect(features({ featureGates: { DynamicMIG: true } }, "nvidia-dra-driver-gpu", "kubernetes:helm.sh/v4:Chart")).toMatchSnapshot();
  });
});

describe("Contents should pass if", () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["all values are in the program", { chart: "gpu-operator", values: {} }, RELEASE],
    ["the list of files is empty", { chart: "gpu-operator", valueYamlFiles: [] }, RELEASE],
    ["the program renders another chart", { chart: "nginx", valueYamlFiles: [{ path: "x.yaml" }] }, "kubernetes:helm.sh/v4:Chart"],
  ])("%s", (_, props, type) => {
    expect(contents(props, type)).toBe("");
  });
});

describe("Contents should fail if", () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["Helm reads values from a file", { chart: "gpu-operator", valueYamlFiles: [{ path: "x.yaml" }] }, RELEASE],
    ["the files are unknown", { chart: "nginx", valueYamlFiles: UNKNOWN }, RELEASE],
    [
      "a chart for GPUs is rendered with a file",
      { chart: "nvidia-dra-driver-gpu", valueYamlFiles: [{ path: "x.yaml" }] },
      "kubernetes:helm.sh/v4:Chart",
    ],
    ["a program changes the result", { chart: "kube-prometheus-stack", postrender: "./patch.sh" }, RELEASE],
    [
      "a program changes a chart for GPUs",
      { chart: "gpu-operator", postRenderer: { command: "./patch.sh" } },
      "kubernetes:helm.sh/v4:Chart",
    ],
    ["the name of the chart is unknown", { chart: UNKNOWN, valueYamlFiles: [{ path: "x.yaml" }] }, "kubernetes:helm.sh/v4:Chart"],
  ])("%s", (_, props, type) => {
    expect(contents(props, type)).not.toBe("");
    expect(contents(props, type)).toMatchSnapshot();
  });
});

describe("Values of the platform's charts, in somebody's program,", () => {
  const valuesOf = (values: unknown, chart = "kube-prometheus-stack", urn = "urn:pulumi:dev::team-a::x::y") =>
    violations(chartContentsVisible, { chart, version: "1.2.3", values }, {}, RELEASE, { urn }).join("\n");
  const IMAGE = { "prometheus-node-exporter": { image: { registry: "registry.example.com" } } };
  test.each<[string, unknown]>([
    ["size and store", { grafana: { persistence: { size: "5Gi" }, tolerations: [] }, prometheus: { prometheusSpec: { retention: "7d" } } }],
    ["have receivers of alerts", { alertmanager: { config: { receivers: [{ name: "a", webhook_configs: [{ url: "https://x" }] }] } } }],
    ["say what pods get", { prometheusOperator: { resources: { limits: { cpu: 1, memory: "1Gi" } }, nodeSelector: { role: "system" } } }],
    [
      "switch things off",
      { grafana: { hostNetwork: false, extraContainers: "", sidecars: [], image: {}, service: { type: "ClusterIP" } } },
    ],
    [
      "switch off what would open the node",
      {
        "prometheus-node-exporter": { hostNetwork: false, hostPID: false, hostIPC: false, containerSecurityContext: { privileged: false } },
        grafana: { automountServiceAccountToken: false, containerSecurityContext: { allowPrivilegeEscalation: false } },
      },
    ],
    [
      "switch off parts",
      {
        ...{ kubeEtcd: { enabled: false }, grafana: { ingress: { enabled: false }, sidecar: { dashboards: { enabled: false } } } },
        ...{ alertmanager: { ingressPerReplica: { enabled: false }, route: { main: { enabled: false } } } },
        ...{ prometheus: { podDisruptionBudget: { enabled: false } }, kubeDns: { serviceMonitor: { enabled: false } } },
        ...{ prometheusOperator: { admissionWebhooks: { certManager: { enabled: false } } } },
      },
    ],
    ["switch off data sources", { grafana: { sidecar: { datasources: { enabled: false, defaultDatasourceEnabled: false } } } }],
    [
      "have receivers that name files",
      { alertmanager: { config: alertmanagerValues(RECEIVERS)?.config, alertmanagerSpec: { secrets: ["a"] } } },
    ],
    ["have the messages of alerts", { additionalPrometheusRulesMap: { a: { summary: "{{ $labels.pod }} is down" } } }],
    ["are unknown", UNKNOWN],
  ])("can be such that they %s", (_, values) => {
    expect(valuesOf(values)).toBe("");
  });
  test.each<[string, unknown]>([
    ["gpu-operator", gpuOperatorValues({ layouts: [], prometheusRelease: "kps", extraValues: {} })],
    ["nvidia-dra-driver-gpu", draDriverValues({ extraValues: {} })],
    ["dra-driver-nvidia-gpu", draDriverValues({ extraValues: {} })],
    ["kube-prometheus-stack", kubePrometheusStackValues(MONITORING_VALUES)],
  ])("can be those of the stack: %s", (chart, values) => {
    expect(valuesOf(values, chart)).toBe("");
  });
  test.each<[string, unknown, string]>([
    ["names of other namespaces", { namespaceOverride: "team-b" }, "names of others"],
    ["names of other objects", { grafana: { fullnameOverride: "x" } }, "names of others"],
    ["namespaces to watch", { prometheusOperator: { namespaces: { additional: ["kube-system"] } } }, "not known"],
    ["what Prometheus reads", { prometheus: { prometheusSpec: { additionalScrapeConfigs: [{ job_name: "x" }] } } }, "not known"],
    ["where Prometheus sends what it has", { prometheus: { prometheusSpec: { remoteWrite: [{ url: "https://x" }] } } }, "not known"],
    ["objects", { extraManifests: [{ apiVersion: "v1", kind: "ConfigMap" }] }, "not known"],
    ["objects of a part", { grafana: { extraObjects: [{ apiVersion: "v1", kind: "ConfigMap" }] } }, "not known"],
    ["GPUs", { grafana: { resources: { limits: { "nvidia.com/gpu": 1 } } } }, "not known"],
    ["a priority", { grafana: { priorityClassName: "system-node-critical" } }, "not known"],
    ["a key that nobody knows", { shiny: true }, "not known"],
    ["many levels of lists", Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], "x"), "deeply"],
    ["the image of an agent on the node", IMAGE, "image"],
    ["the registry of all images", { global: { imageRegistry: "registry.example.com" } }, "image"],
    ["a repository", { validator: { repository: "registry.example.com/x" } }, "image"],
    ["rights", { grafana: { rbac: { extraClusterRoleRules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] } } }, "rights"],
    ["containers", { prometheus: { prometheusSpec: { containers: [{ name: "a", image: "b" }] } } }, "containers"],
    ["containers as text", { grafana: { extraContainers: "- name: a" } }, "containers"],
    ["sidecars", { "prometheus-node-exporter": { sidecars: [{ name: "a" }] } }, "containers"],
    ["a directory of the node", { "prometheus-node-exporter": { extraHostVolumeMounts: [{ name: "a", hostPath: "/" }] } }, "node"],
    ["a volume of the node", { grafana: { extraVolumes: [{ name: "a", hostPath: { path: "/" } }] } }, "node"],
    ["the node's network", { grafana: { hostNetwork: true } }, "node"],
    ["privileges", { grafana: { containerSecurityContext: { capabilities: { add: ["SYS_ADMIN"] } } } }, "node"],
    ["a load balancer", { grafana: { service: { type: "LoadBalancer" } } }, "networks"],
    ["an object as a template", { extraManifests: ['{{ printf "kind: Pod" }}'] }, "template"],
    ["root by what is off", { grafana: { securityContext: { runAsNonRoot: false } } }, "not known"],
    ["a writable image", { prometheusOperator: { containerSecurityContext: { readOnlyRootFilesystem: false } } }, "not known"],
    ["an open door by what is off", { prometheus: { networkPolicy: { enabled: false } } }, "not known"],
    ["a part that is on", { grafana: { ingress: { enabled: true } } }, "not known"],
    ["a switch that is a text", { grafana: { hostNetwork: "false" } }, "not known"],
    ["too many levels", Array.from({ length: 200 }).reduce<object>((inner) => ({ inner }), {}), "deeply"],
  ])("add %s", (_, values, words) => {
    expect(valuesOf(values)).toContain(words);
    expect(valuesOf(values)).toMatchSnapshot();
  });
  test.each<[string, unknown]>([
    ["a driver without its checks", { validator: { driver: { disableDriverChecks: false } } }],
    ["another environment of an agent on the node", { migManager: { env: [{ name: "LD_PRELOAD", value: "/x" }] } }],
    ["virtual machines", { sandboxWorkloads: { enabled: true } }],
    ["labels that workers give to nodes", { "node-feature-discovery": { worker: { config: { core: { labelSources: ["local"] } } } } }],
    ["time-slicing", { devicePlugin: { config: { name: "x" } } }],
  ])("cannot give the GPU Operator %s", (_, values) => {
    expect(valuesOf(values, "gpu-operator")).toContain("not known");
    expect(valuesOf(values, "gpu-operator")).toMatchSnapshot();
  });
  test.each<[string, unknown]>([
    ["another root", { nvidiaDriverRoot: "/run/evil" }],
    ["arguments", { kubeletPlugin: { containers: { gpus: { args: ["x"] } } } }],
  ])("cannot give the DRA driver %s", (_, values) => {
    expect(valuesOf(values, "nvidia-dra-driver-gpu")).toContain("not known");
    expect(valuesOf(values, "nvidia-dra-driver-gpu")).toMatchSnapshot();
  });
  test("the GPU Operator can do without what it can do beside slices", () => {
    const parts = [
      "sandboxWorkloads",
      "sandboxDevicePlugin",
      "vgpuManager",
      "vgpuDeviceManager",
      "vfioManager",
      "kataManager",
      "ccManager",
      "gds",
      "gdrcopy",
    ];
    const values = { ...Object.fromEntries(parts.map((part) => [part, { enabled: false }])), driver: { rdma: { enabled: false } } };
    expect(valuesOf(values, "gpu-operator")).toBe("");
  });
  test("the platform takes images from a mirror", () => {
    expect(valuesOf(IMAGE, "gpu-operator", "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:GpuOperator$x::y")).toBe("");
    expect(valuesOf(IMAGE, "nginx")).toBe("");
  });
});
