/** Who is told of which alert. */
import type { SecretArgs } from "@pulumi/kubernetes/core/v1";
import { secret } from "@pulumi/pulumi";
import type { Receiver } from "../../config/types";
import type { AlertmanagerValues } from "../../releases/helm/kube-prometheus-stack";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { NOBODY } from "../../well-known/receivers";

/** The Secret with what the receivers must not show. */
const SECRET = "alert-receivers";

/** One file for each receiver. Undefined: there is none. */
export function receiversSecret(receivers: readonly Receiver[]): SecretArgs | undefined {
  return receivers.length === 0
    ? undefined
    : {
        metadata: { name: SECRET, namespace: MONITORING_NAMESPACE },
        stringData: Object.fromEntries(receivers.map(({ name, secret: { value } }) => [name, secret(value)])),
      };
}

/**
 * Routes and receivers in Alertmanager's own words. Undefined: the chart's own, which tell nobody.
 * Each receiver gets every alert that its teams and severities let through: no route ends the search for more.
 * @see https://prometheus.io/docs/alerting/latest/configuration/ (read 2026-11-28; of Alertmanager 0.34, which chart 88.5.3 installs)
 */
export function alertmanagerValues(receivers: readonly Receiver[]): AlertmanagerValues | undefined {
  if (receivers.length === 0) {
    return undefined;
  }
  return {
    secrets: [SECRET],
    config: {
      route: {
        receiver: NOBODY,
        // By severity, too, so that a notification has one.
        group_by: ["alertname", "namespace", "team", "severity"],
        routes: [{ receiver: NOBODY, matchers: ['alertname =~ "Watchdog|InfoInhibitor"'] }, ...receivers.flatMap(routes)],
      },
      receivers: [{ name: NOBODY }, ...receivers.map(receiverConfig)],
      inhibit_rules: INHIBIT_RULES,
    },
  };
}

/**
 * The chart's own, with one change: its alert InfoInhibitor keeps alerts of severity `info` back, while nothing worse is wrong in their namespace.
 * Alerts of this project are for people, so it does not hold them back.
 * Source: `alertmanager.config` in `values.yaml` of chart kube-prometheus-stack 88.5.3.
 */
const INHIBIT_RULES = [
  { source_matchers: ["severity = critical"], target_matchers: ["severity =~ warning|info"], equal: ["namespace", "alertname"] },
  { source_matchers: ["severity = warning"], target_matchers: ["severity = info"], equal: ["namespace", "alertname"] },
  {
    source_matchers: ["alertname = InfoInhibitor"],
    target_matchers: ["severity = info", 'alertname !~ "SharedGpu.+"'],
    equal: ["namespace"],
  },
  { target_matchers: ["alertname = InfoInhibitor"] },
];

/** A team's alerts name it in `team`. Those of the chart name the namespace of a pod, which is the team's, too. */
function routes({ name, teams, severities }: Receiver): readonly object[] {
  const severe = severities.length === 0 ? [] : [oneOf("severity", severities)];
  const ofTeams = teams.length === 0 ? [[]] : [[oneOf("team", teams)], ['team = ""', oneOf("namespace", teams)]];
  return ofTeams.map((matchers) => {
    const all = [...matchers, ...severe];
    return { receiver: name, ...(all.length > 0 && { matchers: all }), continue: true };
  });
}

/** Names of teams and of severities have no characters that a regular expression reads. */
function oneOf(label: string, values: readonly string[]): string {
  return `${label} =~ "${values.join("|")}"`;
}

function receiverConfig(receiver: Receiver): object {
  const { name } = receiver;
  // Where the operator mounts the Secrets that the chart's `alertmanagerSpec.secrets` names.
  const file = `/etc/alertmanager/secrets/${SECRET}/${name}`;
  const common = { send_resolved: true };
  switch (receiver.type) {
    case "slack":
      return { name, slack_configs: [{ ...common, api_url_file: file, title: TITLE, text: TEXT }] };
    case "pagerduty":
      return {
        name,
        pagerduty_configs: [
          { ...common, routing_key_file: file, severity: '{{ or .CommonLabels.severity "warning" }}', description: SUMMARY },
        ],
      };
    case "webhook":
      return { name, webhook_configs: [{ ...common, url_file: file }] };
    case "email":
      return {
        name,
        email_configs: [
          {
            ...common,
            to: receiver.to,
            from: receiver.from,
            smarthost: receiver.smarthost,
            auth_username: receiver.username,
            auth_password_file: file,
          },
        ],
      };
  }
}

/** Alertmanager's own texts list labels. What is wrong, whom it hurts and what to do about it are annotations. */
const SUMMARY = "{{ range $index, $alert := .Alerts }}{{ if $index }}; {{ end }}{{ .Annotations.summary }}{{ end }}";
const TITLE = "[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }}{{ with .CommonLabels.severity }} ({{ . }}){{ end }}";
const TEXT =
  "{{ range .Alerts }}{{ .Annotations.summary }}{{ with .Annotations.impact }} {{ . }}{{ end }}{{ with .Annotations.description }} {{ . }}{{ end }}" +
  "{{ with .Annotations.runbook }}\nRunbook: {{ . }}{{ end }}{{ with .Annotations.runbook_url }}\nRunbook: {{ . }}{{ end }}\n{{ end }}";
