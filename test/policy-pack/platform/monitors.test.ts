/** What monitors may say, field by field: every field of the API of the Prometheus operator v0.91 is asked. */
import { monitorsReadNoFiles } from "../../../policy-pack/platform/monitors-read-no-files";
import { monitorsStayInNamespace } from "../../../policy-pack/platform/monitors-stay-in-namespace";
import { UNKNOWN, verdictOf, violations } from "../verdict";

const monitor = (kind: string, spec: unknown, apiVersion = "monitoring.coreos.com/v1") => ({
  ...{ apiVersion, kind, metadata: { name: "web", namespace: "team-a" }, spec },
});

const OF_SPECS = [
  ...[
    "endpoints",
    "podMetricsEndpoints",
    "selector",
    "selectorMechanism",
    "namespaceSelector",
    "jobLabel",
    "targetLabels",
    "podTargetLabels",
  ],
  ...["sampleLimit", "targetLimit", "labelLimit", "labelNameLengthLimit", "labelValueLengthLimit", "keepDroppedTargets", "attachMetadata"],
  ...["scrapeClass", "scrapeProtocols", "fallbackScrapeProtocol", "bodySizeLimit", "serviceDiscoveryRole", "nativeHistogramBucketLimit"],
  ...["nativeHistogramMinBucketFactor", "scrapeClassicHistograms", "convertClassicHistogramsToNHCB", "scrapeNativeHistograms"],
  ...["jobName", "prober", "module", "targets", "interval", "scrapeTimeout", "tlsConfig", "bearerTokenSecret", "basicAuth", "oauth2"],
  ...["authorization", "metricRelabelings", "params", "relabelings", "metricsPath", "scrapeInterval", "honorTimestamps", "honorLabels"],
  ...["trackTimestampsStaleness", "scheme", "enableCompression", "enableHTTP2", "proxyUrl", "noProxy", "proxyFromEnvironment"],
  ...["proxyConnectHeader", "nameValidationScheme", "nameEscapingScheme", "staticConfigs", "fileSDConfigs", "httpSDConfigs"],
  ...["kubernetesSDConfigs", "consulSDConfigs", "dnsSDConfigs", "ec2SDConfigs", "azureSDConfigs", "gceSDConfigs", "openstackSDConfigs"],
  ...["digitalOceanSDConfigs", "kumaSDConfigs", "eurekaSDConfigs", "dockerSDConfigs", "linodeSDConfigs", "hetznerSDConfigs"],
  ...["nomadSDConfigs", "dockerSwarmSDConfigs", "puppetDBSDConfigs", "lightSailSDConfigs", "ovhcloudSDConfigs", "scalewaySDConfigs"],
  "ionosSDConfigs",
];
const OF_PARTS = [
  ...["port", "portNumber", "targetPort", "path", "scheme", "params", "interval", "scrapeTimeout", "honorLabels", "honorTimestamps"],
  ...["trackTimestampsStaleness", "basicAuth", "oauth2", "metricRelabelings", "relabelings", "proxyUrl", "followRedirects", "enableHttp2"],
  ...["filterRunning", "tlsConfig", "bearerTokenFile", "bearerTokenSecret", "authorization", "noProxy", "url", "staticConfig", "ingress"],
  ...["targets", "labels", "role", "namespaces", "selectors", "attachMetadata", "apiServer", "static", "files", "filters"],
];
const OF_TLS = ["ca", "cert", "keySecret", "insecureSkipVerify", "serverName", "minVersion", "maxVersion", "caFile", "certFile", "keyFile"];

const accepts = (kind: string, spec: unknown) => violations(monitorsReadNoFiles, monitor(kind, spec)).length === 0;

test.each(["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"])("fields of a %s", (kind) => {
  const parts = ["endpoints", "podMetricsEndpoints", "prober", "targets", "staticConfigs", "kubernetesSDConfigs"].filter((part) =>
    accepts(kind, { [part]: {} }),
  );
  expect({
    spec: OF_SPECS.filter((field) => accepts(kind, { [field]: {} })),
    ...Object.fromEntries(parts.map((part) => [part, OF_PARTS.filter((field) => accepts(kind, { [part]: [{ [field]: {} }] }))])),
    tlsConfig: OF_TLS.filter((field) => accepts(kind, { tlsConfig: { [field]: {} } })),
    "tlsConfig of its parts": OF_TLS.filter((field) => parts.some((part) => accepts(kind, { [part]: [{ tlsConfig: { [field]: {} } }] }))),
  }).toMatchSnapshot();
});

test.each([
  [
    "the same kind of another group",
    monitor("ServiceMonitor", { endpoints: [{ bearerTokenFile: "x" }], namespaceSelector: { any: true } }, "example.com/v1"),
  ],
  ["another kind of the group", monitor("PrometheusRule", { endpoints: [{ bearerTokenFile: "x" }], namespaceSelector: { any: true } })],
])("%s is none of their business", (_, manifest) => {
  expect([...violations(monitorsReadNoFiles, manifest), ...violations(monitorsStayInNamespace, manifest)]).toEqual([]);
});

const WRITES = [
  "job",
  "__address__",
  "__tmp",
  "__tmp_x",
  "__param_x",
  "__metrics_path__",
  "__scheme__",
  "__scrape_interval__",
  "_x",
  "9x",
  "$1",
  "a$1",
  "",
  7,
];

test("labels that relabelling writes", () => {
  const written = ["replace", "hashmod", "lowercase", "uppercase", "Replace", undefined].map((action) => [
    String(action),
    WRITES.filter((targetLabel) => stays("ServiceMonitor", { endpoints: [{ relabelings: [{ action, targetLabel }] }] })),
  ]);
  expect(Object.fromEntries(written as [string, unknown][])).toMatchSnapshot();
});

test("other actions", () => {
  const actions = ["keep", "drop", "keepequal", "dropequal", "labeldrop", "labelkeep", "KeepEqual", "labelmap", "rewrite", 7];
  expect(actions.filter((action) => stays("PodMonitor", { podMetricsEndpoints: [{ relabelings: [{ action }] }] }))).toMatchSnapshot();
});

test("maps of labels", () => {
  const kinds = ["pod", "service", "node", "namespace", "endpoints", "endpointslice", "ingress", "other"];
  const regexes = [
    ...kinds.flatMap((kind) => [`__meta_kubernetes_${kind}_label_(.+)`, `__meta_kubernetes_${kind}_annotation_(.*)`]),
    ...[
      "__meta_kubernetes_pod_label_x(.+)",
      "__meta_kubernetes_pod_label_(.+)x",
      "x__meta_kubernetes_pod_label_(.+)",
      "(.+)",
      undefined,
      7,
    ],
  ];
  const map = (regex: unknown, replacement?: string) => ({ relabelings: [{ action: "labelmap", regex, replacement }] });
  expect(regexes.filter((regex) => stays("ScrapeConfig", map(regex)))).toMatchSnapshot();
  expect(stays("ScrapeConfig", map(regexes[0], "$1"))).toBe(true);
  expect(stays("ScrapeConfig", map(regexes[0], "__$1"))).toBe(false);
});

test("addresses", () => {
  const addresses = [
    ...["web.team-a.svc", "web.team-a.svc:80", "http://web.team-a.svc:80/x", "https://web-0.web.team-a.svc.cluster.local./x?y=z"],
    ...["web.team-b.svc", "web.team-a.svc.example.com", "web.team-a", "web", "10.0.0.1", "[::1]:80", "team-a.svc", "", 7],
    ...["ftp://web.team-a.svc", "http://web.team-a.svc@10.0.0.1", "http://10.0.0.1/web.team-a.svc", "web.team-a.svc/@10.0.0.1"],
    ...["web.team-a.svc:port", "xweb.team-a.svcx", "web.team-a.svc.cluster.local.evil"],
  ];
  expect(addresses.filter((address) => stays("Probe", { prober: { url: address } }))).toMatchSnapshot();
  expect(addresses.filter((address) => stays("ScrapeConfig", { staticConfigs: [{ targets: [address] }] }))).toMatchSnapshot();
});

test("what is unknown in a preview", () => {
  const said = (kind: string, spec: unknown, namespace: unknown = "team-a") =>
    verdictOf(monitorsStayInNamespace, {
      ...{ type: `kubernetes:monitoring.coreos.com/v1:${kind}`, urn: "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::x" },
      props: { apiVersion: "monitoring.coreos.com/v1", kind, metadata: { name: "web", namespace }, spec },
    }).refused;
  const RELABELING = [{ targetLabel: "job" }];
  expect({
    spec: said("ServiceMonitor", UNKNOWN),
    endpoints: said("ServiceMonitor", { endpoints: UNKNOWN }),
    relabelings: said("ServiceMonitor", { endpoints: [{ relabelings: [{ targetLabel: UNKNOWN }] }] }),
    selector: said("PodMonitor", { namespaceSelector: UNKNOWN }),
    names: said("PodMonitor", { namespaceSelector: { matchNames: [UNKNOWN] } }),
    namespace: said("PodMonitor", { namespaceSelector: { matchNames: ["team-a"] } }, UNKNOWN),
    "namespace that nothing compares": said("PodMonitor", { podMetricsEndpoints: [{ relabelings: RELABELING }] }, UNKNOWN),
    url: said("Probe", { prober: { url: UNKNOWN } }),
    "namespace of a prober": said("Probe", { prober: { url: "web.team-a.svc" } }, UNKNOWN),
    discoveries: said("ScrapeConfig", { kubernetesSDConfigs: [{ role: UNKNOWN }] }),
    "namespace of discoveries": said(
      "ScrapeConfig",
      { kubernetesSDConfigs: [{ role: "Pod", namespaces: { names: ["team-a"] } }] },
      UNKNOWN,
    ),
  }).toMatchSnapshot();
});

function stays(kind: string, spec: unknown): boolean {
  return violations(monitorsStayInNamespace, monitor(kind, spec)).length === 0;
}
