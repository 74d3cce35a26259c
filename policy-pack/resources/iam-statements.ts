/** Which wildcards an IAM policy document allows. */
import { UNKNOWN, isRecord, show } from "../evaluation/snapshot";

export type DocumentReading =
  | { readonly type: "document"; readonly statements: readonly Statement[] }
  /** Usually an output of another resource, known only while `pulumi up` runs. */
  | { readonly type: "unknown" }
  | { readonly type: "invalid" };

/** A statement by the lower-case names of its elements: IAM ignores their case. */
export type Statement = Readonly<Record<string, unknown>>;

/** Reads a document given as JSON text or as an object. */
export function readDocument(value: unknown): DocumentReading {
  if (value === UNKNOWN) {
    return { type: "unknown" };
  }
  const document = typeof value === "string" ? parse(value) : value;
  if (!isRecord(document)) {
    return { type: "invalid" };
  }
  const { statement } = lowerCase(document);
  if (statement === UNKNOWN) {
    return { type: "unknown" };
  }
  return { type: "document", statements: list(statement).map((entry) => (isRecord(entry) ? lowerCase(entry) : {})) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lowerCase(record: Readonly<Record<string, unknown>>): Statement {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.toLowerCase(), value]));
}

/** IAM takes a single entry for a list of one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/**
 * Actions that, on every resource, make their holder an administrator or let it read everything: ways to grant oneself rights, to assume another
 * identity, to run code on nodes, and to read secrets. Collected here; AWS publishes no such list.
 */
const DANGEROUS_ACTIONS: readonly string[] = [
  ...["PassRole", "CreatePolicyVersion", "SetDefaultPolicyVersion", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"],
  ...["AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy", "PutUserPolicy", "PutGroupPolicy", "PutRolePolicy", "AddUserToGroup"],
  ...["UpdateAssumeRolePolicy", "DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"],
]
  .map((action) => `iam:${action}`)
  .concat([
    ...["sts:AssumeRole", "kms:Decrypt", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "secretsmanager:GetSecretValue"],
    ...["ssm:SendCommand", "ssm:StartSession", "ssm:GetParameter", "ec2-instance-connect:SendSSHPublicKey", "lambda:UpdateFunctionCode"],
    ...[
      "eks:CreateAccessEntry",
      "eks:UpdateAccessEntry",
      "eks:AssociateAccessPolicy",
      "eks:CreatePodIdentityAssociation",
      "eks:UpdateClusterConfig",
    ],
    ...["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy"],
  ]);

/**
 * What is too wide in a statement: one sentence for each action. A condition makes no difference, because one that is always true looks like any other.
 * It skips what is unknown until `pulumi up`, which checks it.
 */
export function wildcardProblems(statement: Statement): readonly string[] {
  if (String(statement.effect).toLowerCase() === "deny") {
    return [];
  }
  if (statement.notaction !== undefined) {
    return ["NotAction allows every action except those it lists. Use Action"];
  }
  const actions = list(statement.action).filter((action) => typeof action === "string");
  const all = actions.find((action) => isEverything(action));
  if (all !== undefined) {
    return [`Action ${show(all)} allows everything. Name the actions`];
  }
  const everywhere = statement.notresource !== undefined ? "NotResource" : list(statement.resource).find(isEveryResource);
  if (everywhere === undefined) {
    return [];
  }
  return actions.flatMap((action) => {
    const dangerous = DANGEROUS_ACTIONS.find((candidate) => matches(action.toLowerCase(), candidate.toLowerCase()));
    if (dangerous === undefined) {
      return [];
    }
    const covers = dangerous.toLowerCase() === action.toLowerCase() ? "" : `, which covers ${dangerous},`;
    return [
      `Action ${show(action)}${covers} is allowed on every resource (${everywhere === "NotResource" ? "NotResource" : `Resource ${show(everywhere)}`})`,
    ];
  });
}

/** `*`, `**`, `*:*`, `?*:*`: nothing but wildcards. */
function isEverything(action: string): boolean {
  return action.includes("*") && /^[*?:]+$/.test(action);
}

/** Kinds of resources in ARNs: `role/*` is every role there is. */
const KINDS = /^(?:role|user|group|policy|key|alias|secret|parameter|instance|cluster|access-entry|function|document)[/:]/;

/** `*`, or an ARN that names none of its service's resources: `arn:aws:*`, `arn:aws:s3:::*`, `arn:aws:iam::123456789012:role/*`. */
function isEveryResource(resource: unknown): boolean {
  if (typeof resource !== "string") {
    return false;
  }
  if (/^[*?]+$/.test(resource)) {
    return resource.includes("*");
  }
  const [arn, , service = "", , , ...rest] = resource.split(":");
  if (arn !== "arn") {
    return false;
  }
  const name = rest.length > 0 ? rest.join(":") : (resource.split(":").at(-1) ?? "");
  const own = service === "s3" ? name : name.replace(KINDS, "");
  return own.includes("*") && /^[*?/:]+$/.test(own);
}

/** Whether an IAM pattern (`*`: any text, `?`: any letter) matches a text. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") {
    p++;
  }
  return p === pattern.length;
}
