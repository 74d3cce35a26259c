/** What leaves the cluster: alerts and metrics, and the secrets that they need. */
import type { Monitoring, RemoteWrite } from "../../../src/config/types";
import { alertmanagerValues } from "../../../src/kubernetes/monitoring/alertmanager";
import { ALERTS } from "../../../src/monitoring/rules/alerts";
import type { Recording } from "../../support/program";
import { ofType, only, plainState } from "../../support/program";
import { runStack } from "../stack";
import { HUSH, RECEIVERS } from "./receivers";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const URL = "https://metrics.example.com/api/v1/write";
const hush = { name: "token", value: HUSH };

const remoteWrite = (auth: RemoteWrite["auth"]): Monitoring => ({
  type: "remoteWrite",
  retentionDays: 2,
  storageGiB: 20,
  receivers: RECEIVERS,
  remoteWrite: { url: URL, auth },
});
const run = (auth: RemoteWrite["auth"]): Promise<Recording> => runStack({ monitoring: remoteWrite(auth) });
const valuesOf = (recording: Recording) => only(recording, RELEASE, "monitoring").inputs.values;

describe("with a password", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await run({ type: "basic", username: "4711", password: hush });
  });

  test("Prometheus sends everything, marked with the cluster, and knows the password by the name of its Secret", () => {
    expect(valuesOf(recording).prometheus).toMatchObject({
      serviceAccount: { name: "kube-prometheus-stack-prometheus" },
      prometheusSpec: {
        externalLabels: { cluster: "shared-gpu-dev" },
        remoteWrite: [
          {
            url: URL,
            basicAuth: { username: { name: "remote-write", key: "username" }, password: { name: "remote-write", key: "password" } },
          },
        ],
      },
    });
    expect(only(recording, SECRET, "monitoring-remote-write").inputs).toMatchObject({
      metadata: { name: "remote-write", namespace: "monitoring" },
    });
  });

  test("Alertmanager reads secrets from files of a Secret that comes before the chart", () => {
    const secret = only(recording, SECRET, "monitoring-receivers");
    const { alertmanager } = valuesOf(recording);
    expect(alertmanager.alertmanagerSpec.secrets).toEqual([secret.inputs.metadata.name]);
    const files = [...JSON.stringify(alertmanager.config).matchAll(/"[a-z_]+_file":"([^"]+)"/g)].map(([, file]) => file);
    const directory = `/etc/alertmanager/secrets/${String(secret.inputs.metadata.name)}`;
    expect(files).toEqual(RECEIVERS.map(({ name }) => `${directory}/${name}`));
    const names = ofType(recording, SECRET).map(({ urn }) => urn);
    expect(only(recording, RELEASE, "monitoring").dependencies).toEqual(expect.arrayContaining(names));
  });

  test("no secret stands readable in the state, and every one is in a Secret", () => {
    expect(plainState(recording)).not.toContain(HUSH);
    for (const name of ["monitoring-receivers", "monitoring-remote-write"]) {
      expect(JSON.stringify(only(recording, SECRET, name).inputs)).toContain(HUSH);
    }
  });
});

test("with a token, Prometheus sends it as a bearer", async () => {
  const recording = await run({ type: "bearer", token: hush });
  expect(valuesOf(recording).prometheus.prometheusSpec.remoteWrite).toEqual([
    { url: URL, authorization: { type: "Bearer", credentials: { name: "remote-write", key: "token" } } },
  ]);
  expect(plainState(recording)).not.toContain(HUSH);
});

test("with signatures, there is no credential: the role of the pod signs", async () => {
  const recording = await run({ type: "sigv4", region: "us-east-1", workspaceId: "ws-0123abcd-4567-89ab-cdef-0123456789ab" });
  expect(valuesOf(recording).prometheus.prometheusSpec.remoteWrite).toEqual([{ url: URL, sigv4: { region: "us-east-1" } }]);
  expect(ofType(recording, SECRET).map(({ name }) => name)).not.toContain("monitoring-remote-write");
});

test("without receivers and remote write, the values say nothing of them", async () => {
  const { alertmanager, prometheus } = valuesOf(await runStack());
  expect(alertmanager).toBeUndefined();
  expect(prometheus).not.toHaveProperty("serviceAccount");
  expect(Object.keys(prometheus.prometheusSpec)).not.toEqual(expect.arrayContaining([expect.stringMatching(/remoteWrite|externalLabels/)]));
});

test("the alert that holds informing alerts back holds back none of this project", () => {
  const { inhibit_rules: rules } = alertmanagerValues(RECEIVERS)?.config as { inhibit_rules: readonly { target_matchers: string[] }[] };
  expect(rules[2]?.target_matchers).toContain('alertname !~ "SharedGpu.+"');
  expect(ALERTS.map(({ alert }) => alert).filter((name) => !/^SharedGpu.+$/.test(name))).toEqual([]);
});
