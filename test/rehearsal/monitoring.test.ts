/** A stack that sends metrics and alerts elsewhere, as a person writes it: the pack accepts it, and no report shows a secret. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { rehearse } from "../../src/rehearsal/rehearse";
import { formatHtml } from "../../src/rehearsal/report/html";
import type { Report } from "../../src/rehearsal/report/report";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";
import { projectPack } from "../support/project-pack";

let pack: ServedPack;
beforeAll(async () => {
  pack = await projectPack();
});

const AMP = "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-0123abcd-4567-89ab-cdef-0123456789ab/api/v1/remote_write";

const RECEIVERS = `
    receivers:
      - { name: platform, type: slack, url: { secret: slack } }
      - { name: oncall, type: pagerduty, routingKey: { secret: pagerduty }, severities: [critical] }
      - name: mail
        type: email
        to: gpu@example.com
        from: alerts@example.com
        smarthost: smtp.example.com:587
        username: alerts
        password: { secret: mail }
        teams: [mig-test]`;

const SECRETS = ["slack", "pagerduty", "mail", "metrics"].map((name) => `  secrets:${name}: { secure: v1:abc }`).join("\n");

function rehearsed(monitoring: string, secrets = SECRETS): Promise<Report> {
  const stack = `${readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8").trimEnd()}\n  shared-gpu:apiServerAccess: private\n`;
  const root = makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.dev.yaml": `${stack}  shared-gpu:monitoring:\n${monitoring}\n${secrets}\n`,
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });
  return rehearse({
    root,
    stack: "dev",
    manifests: [],
    namespace: "mig-test",
    strict: false,
    policyPackConfig: undefined,
    loadPack: () => Promise.resolve(pack),
    today: new Date("2026-11-23T12:00:00Z"),
  });
}

test.each<[string, string]>([
  ["signs for Amazon Managed Prometheus", `    type: remoteWrite\n    url: ${AMP}\n    auth: { type: sigv4 }${RECEIVERS}`],
  [
    "sends a password",
    `    type: remoteWrite\n    url: https://metrics.example.com/write\n    auth: { type: basic, username: gpu, password: { secret: metrics } }${RECEIVERS}`,
  ],
])("the pack accepts a stack that %s and has receivers, and the report shows no secret", async (_, monitoring) => {
  const report = await rehearsed(monitoring);
  expect(report.policy.violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
  expect(report.findings).toEqual([]);
  expect(`${JSON.stringify(report)}${formatHtml(report)}`).not.toContain("secret.invalid");
});

test("a secret in plain text ends the rehearsal with the command that stores it", async () => {
  const monitoring = "    type: inCluster\n    receivers: [{ name: a, type: slack, url: { secret: slack } }]";
  const refusal = rehearsed(monitoring, "  secrets:slack: https://hooks.slack.com/hush");
  await expect(refusal).rejects.toThrow(/secrets:slack: it is stored in plain text[^]*pulumi config set --secret secrets:slack/);
  await expect(refusal).rejects.not.toThrow("hush");
});
