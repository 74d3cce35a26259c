import { teamNetworkPolicies } from "../../../src/kubernetes/teams/network";
import { dcgmNetworkPolicy, monitoringNetworkPolicies } from "../../../src/kubernetes/monitoring/network";
import { PLATFORM_NAMESPACES } from "../../../src/well-known/namespaces";
import type { Recording } from "../../support/program";
import { ofType, only } from "../../support/program";
import { CONFIG } from "../fixtures";
import { runStack } from "../stack";

const RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor";
const RELEASE = "kubernetes:helm.sh/v3:Release";

let recording: Recording;
beforeAll(async () => {
  recording = await runStack();
});

test("rules and monitors come after the chart that brings their kinds", () => {
  const { urn } = only(recording, RELEASE, "monitoring");
  expect(only(recording, RULE, "monitoring-rules").dependencies).toContain(urn);
  const exporter = only(recording, "shared-gpu:kubernetes:SliceExporter");
  expect(exporter.dependencies).toContain(urn);
});

test("the rules are the stack's: what its layout publishes, and when its support ends", () => {
  const { groups } = only(recording, RULE).inputs.spec;
  const rules = groups.flatMap(({ rules }: { readonly rules: readonly object[] }) => rules);
  expect(rules).toContainEqual({
    record: "shared_gpu:slices_expected:count",
    expr: 'shared_gpu_node_info{instance_type="p4d.24xlarge", layout="all-balanced"} * 16',
    labels: { profile: "1g.5gb", tier: "small" },
  });
  expect(rules).toContainEqual({ record: "shared_gpu:standard_support_end:timestamp_seconds", expr: "vector(1796169600)" });
});

describe("dashboards", () => {
  const maps = () =>
    ofType(recording, "kubernetes:core/v1:ConfigMap").filter(({ inputs }) => inputs.metadata.labels?.grafana_dashboard === "1");

  test("are there as Grafana's sidecar reads them: one file in each ConfigMap, in the only namespace that it searches", () => {
    const { grafana } = only(recording, RELEASE, "monitoring").inputs.values;
    const names = maps().map(({ inputs }) => String(inputs.metadata.name));
    expect(names.sort()).toEqual(["shared-gpu-gpus", "shared-gpu-platform", "shared-gpu-team"]);
    for (const { inputs } of maps()) {
      expect(inputs.metadata.namespace).toBe(grafana.sidecar.dashboards.searchNamespace);
      const [[file, text]] = Object.entries(inputs.data as Readonly<Record<string, string>>) as [[string, string]];
      expect(file).toBe(`${String(inputs.metadata.name)}.json`);
      expect(JSON.parse(text)).toMatchObject({ uid: inputs.metadata.name, editable: false });
    }
  });

  test("fit into what a ConfigMap may have", () => {
    for (const { inputs } of maps()) {
      expect(JSON.stringify(inputs.data).length).toBeLessThan(2 ** 18);
    }
  });
});

describe("the slice exporter", () => {
  test("reads nodes, slices and claims, and nothing else", () => {
    expect(only(recording, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "monitoring-slices").inputs.rules).toEqual([
      { apiGroups: [""], resources: ["nodes"], verbs: ["list"] },
      { apiGroups: ["resource.k8s.io"], resources: ["resourceslices", "resourceclaims"], verbs: ["list"] },
    ]);
  });

  test("runs restricted, on system nodes, on the image that the stack names", () => {
    const { spec } = only(recording, "kubernetes:apps/v1:Deployment", "monitoring-slices").inputs.spec.template;
    expect(spec).toMatchObject({ nodeSelector: { "node-role": "system" }, securityContext: { runAsNonRoot: true } });
    expect(spec.containers[0]).toMatchObject({ image: CONFIG.partitionGate.image, securityContext: { capabilities: { drop: ["ALL"] } } });
  });

  test("is scraped through its Service, whose name is the job that the rules know", () => {
    const service = only(recording, "kubernetes:core/v1:Service", "monitoring-slices").inputs;
    expect(service.metadata.name).toBe("shared-gpu-slices");
    expect(service.spec.type).toBe("ClusterIP");
    expect(only(recording, MONITOR, "monitoring-slices").inputs.spec.selector.matchLabels).toEqual(service.metadata.labels);
  });
});

test("nothing of monitoring is reachable from outside the cluster", () => {
  const services = ofType(recording, "kubernetes:core/v1:Service").filter(({ inputs }) => inputs.metadata.namespace === "monitoring");
  expect(services.map(({ inputs }) => inputs.spec.type)).toEqual(["ClusterIP"]);
  expect(JSON.stringify(only(recording, RELEASE, "monitoring").inputs.values)).not.toMatch(/LoadBalancer|NodePort|ingress/i);
});

describe("no namespace of a team reaches metrics or dashboards", () => {
  const policies = [...monitoringNetworkPolicies(), dcgmNetworkPolicy()];

  test("each policy lets in monitoring, and nobody else", () => {
    for (const { spec } of policies as readonly { readonly spec: object }[]) {
      expect(spec).toMatchObject({
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }] }],
      });
    }
    expect(policies.map(({ spec }) => JSON.stringify((spec as { readonly podSelector: object }).podSelector))).toEqual([
      ...["prometheus", "alertmanager", "grafana", "kube-state-metrics", "shared-gpu-slices"].map((name) =>
        JSON.stringify({ matchLabels: { "app.kubernetes.io/name": name } }),
      ),
      JSON.stringify({ matchLabels: { app: "nvidia-dcgm-exporter" } }),
    ]);
  });

  test("the stack registers each of them", () => {
    const names = ofType(recording, "kubernetes:networking.k8s.io/v1:NetworkPolicy").map(({ inputs }) => inputs.metadata.name);
    expect(names).toEqual(expect.arrayContaining(policies.map(({ metadata }) => metadata.name)));
  });

  test("and a team's own policies open no way to a namespace of the platform", () => {
    const peers = teamNetworkPolicies("team-a").flatMap(
      ({ spec }) => (spec as { readonly egress?: readonly { readonly to: readonly object[] }[] }).egress?.flatMap(({ to }) => to) ?? [],
    );
    for (const namespace of PLATFORM_NAMESPACES) {
      expect(JSON.stringify(peers)).not.toContain(`"${namespace}"`);
    }
  });
});
