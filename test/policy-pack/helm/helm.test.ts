import type { ResourceValidationPolicy } from "@pulumi/policy";
import { chartVersionsPinned } from "../../../policy-pack/helm/chart-versions-pinned";
import { draPluginWaitsForMig } from "../../../policy-pack/helm/dra-plugin-waits-for-mig";
import { gpuDriverFromAmi } from "../../../policy-pack/helm/gpu-driver-from-ami";
import { migManagerRuns } from "../../../policy-pack/helm/mig-manager-runs";
import { noPasswordsInValues } from "../../../policy-pack/helm/no-passwords-in-values";
import { oneGpuAllocator } from "../../../policy-pack/helm/one-gpu-allocator";
import { draDriverValues } from "../../../src/releases/helm/dra-driver";
import { gpuOperatorValues } from "../../../src/releases/helm/gpu-operator";
import { kubePrometheusStackValues } from "../../../src/releases/helm/kube-prometheus-stack";
import { MONITORING_VALUES } from "../../support/monitoring-values";
import { UNKNOWN, violations } from "../verdict";

const RELEASE = "kubernetes:helm.sh/v3:Release";

const judge = (policy: ResourceValidationPolicy, props: object, type = RELEASE) =>
  violations(policy, props as Record<string, unknown>, {}, type).join("\n");

const RESOURCE_POLICIES = [
  oneGpuAllocator,
  gpuDriverFromAmi,
  migManagerRuns,
  draPluginWaitsForMig,
  chartVersionsPinned,
  noPasswordsInValues,
];

const OPERATOR_VALUES = gpuOperatorValues({ layouts: [], prometheusRelease: "kps", extraValues: {} });
const DRIVER_VALUES = draDriverValues({ extraValues: {} });
const operator = (more: object = {}) => ({ chart: "gpu-operator", version: "v25.10.1", values: { ...OPERATOR_VALUES, ...more } });
const driver = (more: object = {}) => ({ chart: "nvidia-dra-driver-gpu", version: "25.8.1", values: { ...DRIVER_VALUES, ...more } });

test.each<[string, object]>([
  ["the GPU Operator is as the stack installs it", operator()],
  ["the DRA driver is as the stack installs it", driver()],
  [
    "kube-prometheus-stack is as the stack installs it",
    {
      chart: "kube-prometheus-stack",
      version: "88.5.3",
      values: kubePrometheusStackValues(MONITORING_VALUES),
    },
  ],
  [
    "the newer DRA driver tolerates the taint by itself",
    {
      chart: "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu",
      version: "0.4.1",
      values: { ...DRIVER_VALUES, kubeletPlugin: { nodeSelector: { "nvidia.com/mig.config.state": "success" } } },
    },
  ],
  [
    "the DRA driver tolerates everything",
    driver({ kubeletPlugin: { nodeSelector: { "nvidia.com/mig.config.state": "success" }, tolerations: [{ operator: "Exists" }] } }),
  ],
  ["the chart is something else", { chart: "nginx", version: "1.2.3" }],
  ["the chart is a folder of the program's own", { chart: "./charts/mine" }],
  ["the version stands in the archive's name", { chart: "https://example.com/nginx-1.2.3.tgz" }],
  ["the version is the OCI tag", { chart: "oci://registry.example/nginx:1.2.3" }],
  ["an unrelated value is unknown", operator({ operator: { resources: UNKNOWN } })],
])("Should pass if %s", (_, props) => {
  for (const policy of RESOURCE_POLICIES) {
    for (const type of [RELEASE, "kubernetes:helm.sh/v4:Chart"]) {
      expect([policy.name, judge(policy, props, type)]).toEqual([policy.name, ""]);
    }
  }
});

const BAD: readonly (readonly [ResourceValidationPolicy, string, object, RegExp])[] = [
  [
    oneGpuAllocator,
    "the device plugin is left at its default, which is on",
    operator({ devicePlugin: {} }),
    /devicePlugin\.enabled" is not set\. Set it to false/,
  ],
  [oneGpuAllocator, "the device plugin is on", operator({ devicePlugin: { enabled: true } }), /is true\. Set it to false/],
  [oneGpuAllocator, "the device plugin is off by a text", operator({ devicePlugin: { enabled: "false" } }), /is "false"/],
  [oneGpuAllocator, "no value is given", { chart: "nvidia/gpu-operator", version: "v25.10.1" }, /devicePlugin/],
  [oneGpuAllocator, "the chart comes from a registry", { chart: "oci://nvcr.io/nvidia/gpu-operator", version: "v25.10.1" }, /devicePlugin/],
  [oneGpuAllocator, "the chart is an archive", { chart: "./gpu-operator-v25.10.1.tgz" }, /devicePlugin/],
  [oneGpuAllocator, "the device plugin has a chart of its own", { chart: "nvdp/nvidia-device-plugin", version: "0.18.1" }, /a second time/],
  [oneGpuAllocator, "the value is unknown", operator({ devicePlugin: { enabled: UNKNOWN } }), /devicePlugin\.enabled" is unknown until/],
  [oneGpuAllocator, "no value is known", { chart: "gpu-operator", version: "v25.10.1", values: UNKNOWN }, /unknown until/],
  [oneGpuAllocator, "the chart is unknown", { chart: UNKNOWN }, /"chart" is unknown until/],
  [gpuDriverFromAmi, "the driver is left at its default", operator({ driver: {} }), /driver\.enabled" is not set/],
  [gpuDriverFromAmi, "the toolkit is on", operator({ toolkit: { enabled: true } }), /toolkit\.enabled" is true/],
  [migManagerRuns, "MIG Manager is off", operator({ migManager: { enabled: false } }), /migManager\.enabled" is false/],
  [migManagerRuns, "feature discovery is off", operator({ gfd: { enabled: false } }), /gfd\.enabled/],
  [migManagerRuns, "node feature discovery is off", operator({ nfd: { enabled: false } }), /nfd\.enabled/],
  [
    draPluginWaitsForMig,
    "the plugin waits for nothing",
    driver({ kubeletPlugin: {} }),
    /nodeSelector.*Set it to "success"[^]*does not tolerate/,
  ],
  [
    draPluginWaitsForMig,
    "the plugin waits for the wrong state",
    driver({ kubeletPlugin: { nodeSelector: { "nvidia.com/mig.config.state": "pending" } } }),
    /is "pending"/,
  ],
  [
    draPluginWaitsForMig,
    "the toleration is another",
    driver({
      kubeletPlugin: {
        nodeSelector: { "nvidia.com/mig.config.state": "success" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Equal", value: "false" }],
      },
    }),
    /does not tolerate/,
  ],
  [draPluginWaitsForMig, "GPUs are off", driver({ resources: { gpus: { enabled: false } } }), /gpus\.enabled/],
  [draPluginWaitsForMig, "the override is missing", driver({ gpuResourcesEnabledOverride: undefined }), /gpuResourcesEnabledOverride/],
  [draPluginWaitsForMig, "the newer chart waits for nothing", { chart: "dra-driver-nvidia-gpu", version: "0.4.1" }, /nodeSelector/],
  [draPluginWaitsForMig, "the tolerations are unknown", driver({ kubeletPlugin: UNKNOWN }), /unknown until/],
  [chartVersionsPinned, "there is no version", { chart: "nginx" }, /"version" is not set/],
  [chartVersionsPinned, "the version is a range", { chart: "nginx", version: "^1.2.3" }, /"\^1\.2\.3"/],
  [chartVersionsPinned, "the version is short", { chart: "nginx", version: "1.2" }, /"1\.2"/],
  [chartVersionsPinned, "any version will do", { chart: "nginx", version: "*" }, /Set it to one exact version/],
  [chartVersionsPinned, "the version is a range in text", { chart: "nginx", version: ">=1.2.3 <2.0.0" }, /Set it to one exact/],
  [chartVersionsPinned, "the version is unknown", { chart: "nginx", version: UNKNOWN }, /unknown until/],
  [chartVersionsPinned, "an OCI chart has no tag", { chart: "oci://registry.example/nginx" }, /is not set/],
];

test.each(BAD.map(([policy, why, props, words]) => ({ name: policy.name, policy, why, props, words })))(
  "$name: Should fail if $why",
  ({ policy, props, words }) => {
    expect(judge(policy, props)).toMatch(words);
    expect(judge(policy, props)).toMatchSnapshot();
  },
);

describe("no-passwords-in-values", () => {
  const paths = (values: object) => violations(noPasswordsInValues, { chart: "x", version: "1.2.3", values }, {}, RELEASE);

  test.each<[object, string]>([
    [{ grafana: { adminPassword: "hunter2" } }, "values.grafana.adminPassword"],
    [
      { alertmanager: { config: { receivers: [{ pagerduty_configs: [{ routing_key: "R0" }] }] } } },
      "values.alertmanager.config.receivers[0].pagerduty_configs[0].routing_key",
    ],
    [{ config: { global: { slack_api_url: "https://hooks.slack.com/services/T0/B0/x" } } }, "values.config.global.slack_api_url"],
    [{ config: { webhook_configs: [{ url: "https://acme.webhook.office.com/webhookb2/x" }] } }, "values.config.webhook_configs[0].url"],
    [
      { config: { discord_configs: [{ webhook_url: "https://discord.com/api/webhooks/1/x" }] } },
      "values.config.discord_configs[0].webhook_url",
    ],
    [{ auth: { password: UNKNOWN } }, "values.auth.password"],
    [{ config: { api_key: "hunter2" } }, "values.config.api_key"],
    [{ slack: { botToken: "hunter2" } }, "values.slack.botToken"],
    [{ "grafana.ini": { database: { password: "hunter2" } } }, 'values["grafana.ini"].database.password'],
    [
      {
        env: [
          { name: "A", value: "b" },
          { name: "DB_PASSWORD", value: "hunter2" },
        ],
      },
      "values.env[1].value",
    ],
    [{ tls: { data: "-----BEGIN RSA PRIVATE KEY-----\nhunter2" } }, "values.tls.data"],
    [{ database: { url: "postgres://me:hunter2@db/x" } }, "values.database.url"],
  ])("Should fail if %j, and never says what", (values, path) => {
    expect(paths(values)).toEqual([
      `"${path}" contains a password or another secret, which Helm stores in plain text in the cluster. Put it into a Secret.`,
    ]);
  });

  test.each([
    { grafana: { admin: { existingSecret: "grafana-admin", userKey: "admin-user", passwordKey: "admin-password" } } },
    { auth: { password: "", existingSecret: UNKNOWN, secretName: "x", tokenSecretRef: { name: "x", key: "token" } } },
    { env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }] },
    { automountServiceAccountToken: true, tokenTTL: "1h", url: "https://example.com:443/a@b" },
  ])("Should pass if %j", (values) => {
    expect(paths(values)).toEqual([]);
  });
});
