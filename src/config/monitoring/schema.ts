/** The shape of `monitoring`. */
import { z } from "zod";
import { SEVERITIES } from "../../well-known/severities";
import { secretKey } from "../secret-keys";

/** What replaces a password or a token: the name of a key whose value Pulumi encrypts. */
export interface SecretName {
  readonly secret: string;
}

/** A value that is anything else may be the secret itself, so no message shows it (`../reading/issues.ts`). */
const secret = z.custom<SecretName>(
  (value) => z.strictObject({ secret: z.string() }).safeParse(value).success,
  `a secret cannot be written here, because this key is stored in plain text. Store it with \`pulumi config set --secret ${secretKey("NAME")}\`, and write { secret: NAME }`,
);

const receiver = {
  name: z.string(),
  /** @default those of all teams, and of the platform */
  teams: z.array(z.string()).min(1).optional(),
  /** @default all */
  severities: z.array(z.enum(SEVERITIES)).min(1).optional(),
};

const receivers = z
  .array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("slack"), url: secret, ...receiver }),
      z.strictObject({ type: z.literal("pagerduty"), routingKey: secret, ...receiver }),
      z.strictObject({ type: z.literal("webhook"), url: secret, ...receiver }),
      z.strictObject({
        type: z.literal("email"),
        to: z.string(),
        from: z.string(),
        smarthost: z.string(),
        username: z.string().min(1),
        password: secret,
        ...receiver,
      }),
    ]),
  )
  .default([]);

const storageGiB = z.int().min(10).max(16_384);
const retentionDays = z.int().min(1).max(365);

export const monitoringSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({
    type: z.literal("inCluster"),
    retentionDays: retentionDays.default(15),
    storageGiB: storageGiB.default(50),
    receivers,
  }),
  z.strictObject({
    type: z.literal("remoteWrite"),
    url: z.string(),
    auth: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("sigv4") }),
      z.strictObject({ type: z.literal("basic"), username: z.string().min(1), password: secret }),
      z.strictObject({ type: z.literal("bearer"), token: secret }),
    ]),
    // Alerts look back one day.
    retentionDays: retentionDays.min(2).default(2),
    storageGiB: storageGiB.default(20),
    receivers,
  }),
]);
