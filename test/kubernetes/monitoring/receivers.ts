/** Receivers of every kind. */
import type { Receiver, SecretValue } from "../../../src/config/types";

/** What stands in no value and no object but the Secret. */
export const HUSH = "hush-hush";

const secret = (name: string): SecretValue => ({ name, value: `https://${HUSH}.example.com/${name}` });

export const RECEIVERS: readonly Receiver[] = [
  { name: "platform", type: "slack", teams: [], severities: [], secret: secret("slack") },
  { name: "oncall", type: "pagerduty", teams: [], severities: ["critical"], secret: secret("pagerduty") },
  { name: "team-a", type: "webhook", teams: ["team-a"], severities: [], secret: secret("hook") },
  {
    name: "others",
    type: "email",
    teams: ["team-b", "team-c"],
    severities: ["critical", "warning"],
    secret: secret("mail"),
    to: "b@example.com, c@example.com",
    from: "gpu@example.com",
    smarthost: "smtp.example.com:587",
    username: "gpu",
  },
];
