import { passwordPaths } from "../../../policy-pack/resources/passwords";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

test("a password is a text, a number, or unknown", () => {
  const values = { a: { password: "x" }, b: { password: 7 }, c: { password: UNKNOWN }, d: { password: "" }, e: { password: true } };
  expect(passwordPaths(values)).toEqual([".a.password", ".b.password", ".c.password"]);
});

test("so is one in the environment of a container, whose name has to be known", () => {
  const env = [
    ...[{ name: "DB_PASSWORD", value: "x" }, { name: "DB_PASSWORD" }, { name: "DB_PASSWORD", value: 7 }],
    ...[{ name: UNKNOWN, value: "x" }, { name: 7, value: "x" }, { name: "A", value: "x" }, UNKNOWN],
  ];
  expect(passwordPaths({ env })).toEqual([".env[0].value", ".env[2].value"]);
});

test.each([
  ...[
    "password",
    "adminPassword",
    "ADMIN_PASSWORD",
    "passwd",
    "passphrase",
    "token",
    "x_token",
    "x-token",
    "accessToken",
    "apiKey",
    "api_key",
    "api-key",
  ],
  ...[
    "privateKey",
    "private_key",
    "private-key",
    "secretAccessKey",
    "secret_access_key",
    "secret-access-key",
    "clientSecret",
    "client_secret",
  ],
  ...["client-secret", "secretKey", "secret_key", "secret-key", "routingKey", "routing_key", "service_key", "api_secret", "auth_secret"],
  ...["credential", "credentials"],
])("%s is a secret", (key) => {
  expect(passwordPaths({ [key]: "x" })).toEqual([key].map((each) => `.${each}`));
});

test.each([
  ...[
    "existingSecret",
    "passwordKey",
    "secretName",
    "mytoken",
    "tokens",
    "accessTokenName",
    "apiKeys",
    "publicKey",
    "serviceKey",
    "xToken_",
  ],
  ...["api/key", "api__key", "private__key", "secret__key", "routing__key"],
])("%s is none", (key) => {
  expect(passwordPaths({ [key]: "x" })).toEqual([]);
});

test("texts that let whoever has them in", () => {
  const secret = [
    ...["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "postgres://me:secret@host/db", "s3+https://me:secret@host"],
    ...["https://hooks.slack.com/services/x", "https://hooks.slack-gov.com/workflows/x", "https://hooks.slack.com/triggers/x"],
    ...["https://discord.com/api/webhooks/x", "https://discordapp.com/api/webhooks/x", "https://a-b.c.webhook.office.com/x"],
    "https://chat.googleapis.com/v1/spaces/x",
  ];
  const none = [
    ...["-----BEGIN PUBLIC KEY-----", "postgres://me@host", "postgres://host:80/a@b", "me:secret@host", " postgres://me:secret@host"],
    ...["7://me:secret@host", "postgres://:secret@host", "see https://hooks.slack.com/services/x", "https://slack.com/services/x"],
    ...[
      "https://hooks.slack.com/help/x",
      "https://hooks.slackXcom/services/x",
      "https://discord.com/api/x",
      "https://webhook.office.com/x",
    ],
  ];
  expect(passwordPaths([...secret, ...none])).toEqual(secret.map((_, index) => `[${String(index)}]`));
});
