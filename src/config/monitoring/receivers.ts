import { NOBODY } from "../../well-known/receivers";
import { checkDnsLabel, checkUnique, MAX_LABEL_LENGTH } from "../names";
import { nearestValues } from "../reading/nearest";
import type { Report } from "../reading/problem";
import { resolveSecret } from "../secret-values";
import type { RawConfig, ShapedConfig } from "../schema";
import type { Receiver, SecretValue } from "../types";

type RawReceiver = (NonNullable<ShapedConfig["monitoring"]> & { readonly type: "inCluster" })["receivers"][number];

const KEY = "monitoring.receivers";

/** The receivers of alerts. A receiver with a problem is missing, and has been reported. @param teams names of all teams. */
export function resolveReceivers(
  raw: RawConfig,
  receivers: readonly RawReceiver[],
  teams: readonly string[] | undefined,
  report: Report,
): readonly Receiver[] {
  checkUnique(
    receivers.map(({ name }) => name),
    (index) => `${KEY}[${index}].name`,
    report,
  );
  return receivers.flatMap((receiver, index) => resolveReceiver(raw, `${KEY}[${index}]`, receiver, teams, report) ?? []);
}

function resolveReceiver(
  raw: RawConfig,
  key: string,
  receiver: RawReceiver,
  teams: readonly string[] | undefined,
  report: Report,
): Receiver | undefined {
  // The name is also that of a file.
  checkDnsLabel(`${key}.name`, receiver.name, MAX_LABEL_LENGTH, report);
  if (receiver.name === NOBODY) {
    report({ key: `${key}.name`, value: NOBODY, reason: "it is the name of the receiver that tells nobody. Use another name" });
  }
  (receiver.teams ?? []).forEach((team, index) => {
    if (teams !== undefined && !teams.includes(team)) {
      report({ key: `${key}.teams[${index}]`, value: team, reason: "no team has this name", nearest: nearestValues(team, teams) });
    }
  });
  const secret = resolveReceiverSecret(raw, key, receiver, report);
  const { name, teams: ofTeams = [], severities = [] } = receiver;
  const common = { name, teams: ofTeams, severities };
  if (receiver.type === "email") {
    checkEmail(key, receiver, report);
    const { to, from, smarthost, username } = receiver;
    return secret && { ...common, type: "email", secret, to, from, smarthost, username };
  }
  return secret && { ...common, type: receiver.type, secret };
}

function resolveReceiverSecret(raw: RawConfig, key: string, receiver: RawReceiver, report: Report): SecretValue | undefined {
  switch (receiver.type) {
    case "slack":
    case "webhook":
      return resolveSecret(raw, `${key}.url`, receiver.url.secret, "address", report);
    case "pagerduty":
      return resolveSecret(raw, `${key}.routingKey`, receiver.routingKey.secret, "text", report);
    case "email":
      return resolveSecret(raw, `${key}.password`, receiver.password.secret, "text", report);
  }
}

function checkEmail(key: string, { to, from, smarthost }: RawReceiver & { readonly type: "email" }, report: Report): void {
  for (const [name, addresses] of Object.entries({ to: to.split(/, */), from: [from] })) {
    for (const value of addresses.filter((address) => !/^[^\s@<>{},]+@[^\s@<>{},]+$/.test(address))) {
      report({ key: `${key}.${name}`, value, reason: "not a mail address such as gpu-platform@example.com" });
    }
  }
  if (smarthost.includes("@")) {
    // Without the value, which would put the credentials into the log of the run.
    report({
      key: `${key}.smarthost`,
      reason: "it contains credentials. Write the host and the port, and username and password beside them",
    });
  } else if (!isHostAndPort(smarthost)) {
    const host = /^([A-Za-z0-9.-]+)(?::\d*)?$/.exec(smarthost)?.[1];
    const nearest = host === undefined ? [] : [`${host}:587`];
    report({ key: `${key}.smarthost`, value: smarthost, reason: "not the host and the port of a mail server", nearest });
  }
}

function isHostAndPort(text: string): boolean {
  const port = Number(/^[A-Za-z0-9.-]+:(\d{1,5})$/.exec(text)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}
