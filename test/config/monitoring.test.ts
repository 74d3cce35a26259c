/** `monitoring`: where metrics go, who is told of alerts, and the secrets that both need. */
import { formatProblem, parseConfig } from "../../src/config/parse";
import type { RawConfig } from "../../src/config/parse";
import { valueAt } from "../../src/config/reading/path";
import { configOf, STACK } from "./stacks";

const WORKSPACE = "ws-0123abcd-4567-89ab-cdef-0123456789ab";
const AMP = `https://aps-workspaces.us-east-1.amazonaws.com/workspaces/${WORKSPACE}/api/v1/remote_write`;
const SECRET = "hush-hush";
const SECRETS = { "secrets:token": SECRET, "secrets:slack": `https://hooks.slack.com/services/T0/B0/${SECRET}` };

const basic = { type: "basic", username: "4711", password: { secret: "token" } };
const remote = (change: object): RawConfig => ({
  monitoring: { type: "remoteWrite", url: "https://metrics.example.com/api/v1/write", auth: basic, ...change },
});
const slack = { name: "platform", type: "slack", url: { secret: "slack" } };
const email = {
  name: "mail",
  type: "email",
  to: "gpu@example.com",
  from: "alerts@example.com",
  smarthost: "smtp.example.com:587",
  username: "alerts",
  password: { secret: "token" },
};
const receivers = (...list: readonly object[]): RawConfig => ({ monitoring: { type: "inCluster", receivers: list } });

const messages = (change: RawConfig): readonly string[] => {
  const result = parseConfig({ ...STACK, ...SECRETS, ...change });
  return result.type === "invalid" ? result.problems.map(formatProblem) : [];
};

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  const children = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [at, ...children.flatMap(([key, child]) => pathsOf(child, [...at, Array.isArray(value) ? Number(key) : key]))];
}

function withValue(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) {
    return replacement;
  }
  if (Array.isArray(value)) {
    return value.map((child: unknown, index) => (index === key ? withValue(child, rest, replacement) : child));
  }
  const map = value as Readonly<Record<string, unknown>>;
  return { ...map, [key]: withValue(map[key], rest, replacement) };
}

describe("is accepted", () => {
  it("with Amazon Managed Prometheus, whose region and workspace are in the address", () => {
    const { monitoring } = configOf({ ...STACK, ...remote({ url: AMP, auth: { type: "sigv4" } }) });
    expect(monitoring).toEqual({
      type: "remoteWrite",
      retentionDays: 2,
      storageGiB: 20,
      receivers: [],
      remoteWrite: { url: AMP, auth: { type: "sigv4", region: "us-east-1", workspaceId: WORKSPACE } },
    });
  });

  it.each<[string, RawConfig]>([
    ["a user and a password", remote({})],
    ["a token", remote({ auth: { type: "bearer", token: { secret: "token" } } })],
    ["a name of the source in the address", remote({ url: "https://metric-api.newrelic.com/prometheus/v1/write?prometheus_server=gpu" })],
    ["a port", remote({ url: "https://mimir.example.com:8443/api/v1/push" })],
    ["FIPS", remote({ url: AMP.replace("aps-workspaces", "aps-workspaces-fips"), auth: { type: "sigv4" } })],
    ["another region", remote({ url: AMP.replace("us-east-1", "eu-central-1"), auth: { type: "sigv4" } })],
    [
      "no way to the Internet, and an endpoint",
      {
        ...remote({ url: AMP, auth: { type: "sigv4" } }),
        natGateways: "none",
        interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts", "aps-workspaces"],
      },
    ],
    [
      "receivers",
      receivers(slack, email, { name: "oncall", type: "pagerduty", routingKey: { secret: "token" }, severities: ["critical"] }),
    ],
    ["a receiver of a team", receivers(slack, { ...slack, name: "team", teams: ["mig-test"] })],
    ["several addresses", receivers({ ...email, to: "a@example.com, b@example.com" })],
    ["a webhook", receivers({ name: "hook", type: "webhook", url: { secret: "slack" } })],
    ["a webhook in the cluster", { ...receivers({ ...slack, type: "webhook" }), "secrets:slack": "http://bridge.chat.svc:8080/alerts" }],
    ["receivers beside remote write", remote({ receivers: [slack] })],
    ["a secret that nothing names", { "secrets:other": "x" }],
    [
      "another setting of Alertmanager",
      {
        ...receivers(slack),
        charts: { kubePrometheusStack: { values: { alertmanager: { config: { global: { resolve_timeout: "10m" } } } } } },
      },
    ],
  ])("with %s", (_, change) => {
    expect(messages(change)).toEqual([]);
  });

  it("and knows the value of a secret by its name", () => {
    const { monitoring } = configOf({ ...STACK, ...SECRETS, ...receivers(slack) });
    expect(monitoring).toMatchObject({ receivers: [{ name: "platform", secret: { name: "slack", value: SECRETS["secrets:slack"] } }] });
  });
});

/** What stands over the dev stack, and what the message says: the key first. */
const REFUSED: readonly (readonly [what: string, change: RawConfig, says: RegExp])[] = [
  ["no address", remote({ url: undefined }), /^monitoring\.url: it is not set/],
  ["no way to prove who it is", remote({ auth: undefined }), /^monitoring\.auth: .*not set/],
  ["an address without encryption", remote({ url: "http://m.example.com/w" }), /unencrypted; did you mean "https:\/\/m\.example\.com\/w"/],
  ["another protocol", remote({ url: "ftp://m.example.com" }), /^monitoring\.url: "ftp:.*not an address such as/],
  ["a host alone", remote({ url: "metrics.example.com" }), /not an address such as https:/],
  ["a template of Helm", remote({ url: "https://x.example.com/{{ .Release.Name }}" }), /not an address/],
  ["a fragment", remote({ url: "https://x.example.com/w#a" }), /did you mean "https:\/\/x\.example\.com\/w"/],
  ["credentials", remote({ url: `https://user:${SECRET}@x.example.com/w` }), /^monitoring\.url: it contains credentials.*type: "basic"/],
  ["credentials that no address can have", remote({ url: `https://user:${SECRET} @x.example.com/w` }), /it contains credentials/],
  ["credentials without a protocol", remote({ url: `user:${SECRET}@x.example.com/w` }), /it contains credentials/],
  ["a token that no address can have", remote({ url: `x.example.com/w?token=${SECRET}{` }), /it contains credentials/],
  ["a user", remote({ url: `https://${SECRET}@x.example.com/w` }), /^monitoring\.url: it contains credentials/],
  [
    "a token among the parameters",
    remote({ url: `https://x.example.com/w?api_key=${SECRET}` }),
    /^monitoring\.url: it contains credentials/,
  ],
  ["credentials after one slash", remote({ url: `https:/user:${SECRET}@x.example.com/w` }), /^monitoring\.url: it contains credentials/],
  [
    "credentials before an escaped @",
    remote({ url: `https://user:${SECRET}%40x.example.com/w` }),
    /^monitoring\.url: it contains credentials/,
  ],
  ["a token in the fragment", remote({ url: `https://x.example.com/w#token=${SECRET}` }), /^monitoring\.url: it contains credentials/],
  ["a token in the place of the address", remote({ url: SECRET }), /^monitoring\.url: not an address such as https:/],
  [
    "a port at Amazon's",
    remote({ url: AMP.replace(".com/", ".com:8443/"), auth: { type: "sigv4" } }),
    new RegExp(`did you mean "${AMP.replaceAll(".", "\\.")}"`),
  ],
  [
    "a port of the mail server that there is not",
    receivers({ ...email, smarthost: "smtp.example.com:99999" }),
    /did you mean "smtp\.example\.com:587"/,
  ],
  ["port 0 of the mail server", receivers({ ...email, smarthost: "smtp.example.com:0" }), /did you mean "smtp\.example\.com:587"/],
  ["a secret under a key that there is not", { slackUrl: SECRETS["secrets:slack"] }, /^slackUrl: there is no such key/],
  ["signatures for another system", remote({ auth: { type: "sigv4" } }), /signatures are for Amazon Managed Prometheus.*basic or bearer/],
  ["Amazon's without signatures", remote({ url: AMP }), /^monitoring\.auth\.type: .*did you mean "sigv4"/],
  [
    "an address to ask at",
    remote({ url: AMP.replace("remote_write", "query"), auth: { type: "sigv4" } }),
    new RegExp(`did you mean "${AMP.replaceAll(".", "\\.")}"`),
  ],
  ["no workspace", remote({ url: "https://aps-workspaces.us-east-1.amazonaws.com/", auth: { type: "sigv4" } }), /its path is not that/],
  [
    "a region that there is not",
    remote({ url: AMP.replace("us-east-1", "us-est-1"), auth: { type: "sigv4" } }),
    /no AWS region.*did you mean "https:\/\/aps-workspaces\.us-east-1\./,
  ],
  [
    "no way to Amazon's",
    {
      ...remote({ url: AMP, auth: { type: "sigv4" } }),
      natGateways: "none",
      interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"],
    },
    /^interfaceEndpoints: .*without aps-workspaces/,
  ],
  ["a day of metrics, over which alerts look back", remote({ retentionDays: 1 }), /^monitoring\.retentionDays: 1: it must be at least 2/],
  [
    "another remote write in the chart's values",
    { ...remote({}), charts: { kubePrometheusStack: { values: { prometheus: { prometheusSpec: { remoteWrite: [] } } } } } },
    /^charts\.kubePrometheusStack\.values\.prometheus\.prometheusSpec\.remoteWrite: it would replace/,
  ],
  [
    "other receivers in the chart's values",
    { ...receivers(slack), charts: { kubePrometheusStack: { values: { alertmanager: { config: { receivers: [{ name: "x" }] } } } } } },
    /^charts\.kubePrometheusStack\.values\.alertmanager\.config\.receivers: it would replace/,
  ],
  [
    "a password in plain text",
    remote({ auth: { ...basic, password: SECRET } }),
    /^monitoring\.auth\.password: .*pulumi config set --secret/,
  ],
  ["an address of Slack in plain text", receivers({ ...slack, url: SECRETS["secrets:slack"] }), /\.url: .*pulumi config set --secret/],
  ["more beside the name", receivers({ ...slack, url: { secret: "slack", value: SECRET } }), /\.url: .*pulumi config set --secret/],
  [
    "a secret under Alertmanager's own name",
    receivers({ ...slack, api_url: SECRET }),
    /receivers\[0\]\.api_url: there is no such key here/,
  ],
  ["a secret beside remote write", remote({ auth: { ...basic, token: SECRET } }), /^monitoring\.auth\.token: there is no such key here/],
  [
    "a secret that there is not",
    receivers({ ...slack, url: { secret: "slak" } }),
    /^monitoring\.receivers\[0\]\.url\.secret: no secret has this name.*config set --secret secrets:NAME`; did you mean "slack"/,
  ],
  [
    "a secret in the place of its name",
    receivers({ ...email, password: { secret: SECRET } }),
    /\.password\.secret: no secret has this name/,
  ],
  [
    "an address in the place of its name",
    receivers({ ...slack, url: { secret: SECRETS["secrets:slack"] } }),
    /\.url\.secret: no secret has/,
  ],
  [
    "a password before the mail server",
    receivers({ ...email, smarthost: `gpu:${SECRET}@smtp.example.com:587` }),
    /\.smarthost: it contains credentials/,
  ],
  ["an address of Slack that is none", { ...receivers(slack), "secrets:slack": SECRET }, /^secrets:slack: its value is no https address/],
  ["a webhook outside without encryption", { ...receivers(slack), "secrets:slack": `http://x.example.com/${SECRET}` }, /^secrets:slack: /],
  [
    "a password with a line end",
    { ...receivers(email), "secrets:token": `${SECRET}\n` },
    /^secrets:token: its value is empty, or has spaces/,
  ],
  ["an empty password", { ...receivers(email), "secrets:token": "" }, /^secrets:token: its value is empty/],
  [
    "a receiver of another kind",
    receivers({ ...slack, type: "slak" }),
    /receivers\[0\]\.type: "slak": expected "slack" or .* or "email"; did you mean "slack"/,
  ],
  ["two receivers of one name", receivers(slack, slack), /receivers\[1\]\.name: .*only once/],
  ["the name of the receiver that tells nobody", receivers({ ...slack, name: "null" }), /receivers\[0\]\.name: "null": .*Use another name/],
  ["a name with spaces", receivers({ ...slack, name: "On Call" }), /did you mean "on-call"/],
  ["a team that there is not", receivers({ ...slack, teams: ["mig-tset"] }), /receivers\[0\]\.teams\[0\]: .*did you mean "mig-test"/],
  ["a severity that there is not", receivers({ ...slack, severities: ["fatal"] }), /receivers\[0\]\.severities\[0\]/],
  ["a mail server without a port", receivers({ ...email, smarthost: "smtp.example.com" }), /did you mean "smtp\.example\.com:587"/],
  [
    "a mail address that is none",
    receivers({ ...email, to: "a@example.com, platform" }),
    /receivers\[0\]\.to: "platform": not a mail address/,
  ],
  ["a template as a mail address", receivers({ ...email, from: "{{ .CommonLabels.team }}@example.com" }), /\.from: .*not a mail address/],
  [
    "receivers without monitoring",
    { monitoring: { type: "none", receivers: [slack] } },
    /^monitoring\.receivers: there is no such key here/,
  ],
  [
    "an address of Slack in the place of the receivers",
    { monitoring: { type: "inCluster", receivers: SECRET } },
    /^monitoring\.receivers: expected a list/,
  ],
  ["a token in the place of what it is for", remote({ auth: SECRET }), /^monitoring\.auth: expected/],
  [
    "an address of Slack in the place of a receiver",
    { monitoring: { type: "inCluster", receivers: [SECRET] } },
    /^monitoring\.receivers\[0\]: expected/,
  ],
  ["text that is no map", { monitoring: `{ type: remoteWrite, token: ${SECRET} }` }, /^monitoring: expected/],
];

describe("is refused", () => {
  it.each(REFUSED)("with %s", (_, change, says) => {
    const found = messages(change);
    expect(found).toEqual([expect.stringMatching(says)]);
  });

  // What somebody writes where a secret belongs, or beside it.
  const MISPLACED = [[SECRET], { value: SECRET }, { secure: SECRET }, { secret: { value: SECRET } }, { secret: "slack", as: SECRET }];
  const legal = { inCluster: receivers(slack, email), remoteWrite: remote({ receivers: [slack] }) };

  it.each(Object.entries(legal))("without a word of a secret at any place of %s", (_, { monitoring }) => {
    const messagesOf = (misplaced: unknown) =>
      pathsOf(monitoring).flatMap((path) => messages({ monitoring: withValue(monitoring, path, misplaced) }));
    for (const misplaced of MISPLACED) {
      expect(messagesOf(misplaced).filter((text) => text.includes(SECRET))).toEqual([]);
    }
    // Beside the keys of each map.
    const maps = pathsOf(monitoring).filter((path) => path.length === 0 || typeof valueAt(monitoring, path) === "object");
    const beside = maps.flatMap((path) => messages({ monitoring: withValue(monitoring, [...path, "apiUrl"], SECRET) }));
    expect(beside.length).toBeGreaterThan(0);
    expect(beside.filter((text) => text.includes(SECRET))).toEqual([]);
  });

  it("without a word of any secret", () => {
    for (const [, change] of REFUSED) {
      expect(messages(change).join("\n")).not.toContain(SECRET);
    }
  });
});
