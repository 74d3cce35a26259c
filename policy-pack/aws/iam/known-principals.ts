/** Whom the policy of a resource lets in: accounts and organizations that somebody knows, and services of AWS on behalf of these. */
import { UNKNOWN, isRecord, show } from "../../evaluation/snapshot";
import { list, matches } from "../../resources/iam-statements";
import type { Statement } from "../../resources/iam-statements";

/** Whom nobody needs to vouch for. */
export interface Known {
  readonly accounts: readonly string[];
  readonly organizations: readonly string[];
}

const ACCOUNT = /^(?:arn:aws[a-z-]*:(?:iam|sts)::)?(\d{12})(?::|$)/;

/** The account of a principal: of an ARN or of a number. */
function accountOf(principal: unknown): string | undefined {
  return typeof principal === "string" ? ACCOUNT.exec(principal)?.[1] : undefined;
}

/** The principals of a statement by their kind, in lower case. `*` alone is everybody. */
function principalsOf({ principal }: Statement): readonly (readonly [kind: string, principal: unknown])[] {
  const byKind: readonly (readonly [string, unknown])[] = isRecord(principal) ? Object.entries(principal) : [["aws", principal]];
  return byKind.flatMap(([kind, principals]) => list(principals).map((each) => [kind.toLowerCase(), each] as const));
}

/** The principals of a statement that nothing vouches for, each with what to write instead. What is unknown, `pulumi up` checks. */
export function strangersIn(statement: Statement, known: Known): readonly string[] {
  if (String(statement["effect"]).toLowerCase() === "deny") {
    return [];
  }
  if (statement["notprincipal"] !== undefined) {
    return ["lets everybody but somebody in. Name the principals"];
  }
  return principalsOf(statement)
    .filter(([, principal]) => principal !== UNKNOWN)
    .flatMap(([kind, principal]) => {
      const problem = problemOf(kind, principal, statement, known);
      return problem === undefined ? [] : [`lets ${show(principal)} in. ${problem}`];
    });
}

function problemOf(kind: string, principal: unknown, statement: Statement, known: Known): string | undefined {
  const confined = confines(statement["condition"], known);
  switch (kind) {
    case "service": {
      if (typeof principal !== "string" || !/^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/.test(principal)) {
        return "Name a service of AWS";
      }
      return confined || (delivers(statement) && namesSource(statement["condition"]))
        ? undefined
        : 'The service acts for every customer of AWS. Compare "aws:SourceAccount" or "aws:SourceArn" with StringEquals or ArnLike, and name the account in the setting trustedAccounts of this policy';
    }
    case "aws": {
      const account = accountOf(principal);
      if (confined || (account !== undefined && !String(principal).includes("*") && known.accounts.includes(account))) {
        return undefined;
      }
      return account === undefined || String(principal).includes("*")
        ? 'Name roles or accounts, or compare "aws:PrincipalAccount" or "aws:PrincipalOrgID" with StringEquals'
        : "Remove it, or name its account in the setting trustedAccounts of this policy";
    }
    default:
      return "This policy knows principals of the kinds AWS and Service";
  }
}

/** Operators of which each value must be that of the request. Others hold in the absence of a value, or for other values. */
const OPERATORS: readonly string[] = ["stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike"];

const ACCOUNT_KEYS: readonly string[] = ["aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"];
const ARN_KEYS: readonly string[] = ["aws:principalarn", "aws:sourcearn", "kms:encryptioncontext:aws:logs:arn"];
const ORGANIZATION_KEYS: readonly string[] = ["aws:principalorgid", "aws:sourceorgid"];

/** What a condition compares, with keys in lower case. */
function comparedIn(condition: unknown): readonly (readonly [key: string, values: readonly unknown[]])[] {
  return Object.entries(isRecord(condition) ? condition : {})
    .filter(([operator]) => OPERATORS.includes(operator.toLowerCase()))
    .flatMap(([, keys]) => (isRecord(keys) ? Object.entries(keys) : []))
    .map(([key, values]) => [key.toLowerCase(), list(values)] as const);
}

/** Whether a condition holds for known accounts and organizations only. One that is unknown is checked by `pulumi up`. */
function confines(condition: unknown, { accounts, organizations }: Known): boolean {
  const isOfKnown: Readonly<Record<string, (value: string) => boolean>> = {
    ...Object.fromEntries(ACCOUNT_KEYS.map((key) => [key, (value: string) => accounts.includes(value)])),
    ...Object.fromEntries(ARN_KEYS.map((key) => [key, (value: string) => accounts.includes(accountInArn(value) ?? "")])),
    ...Object.fromEntries(ORGANIZATION_KEYS.map((key) => [key, (value: string) => organizations.includes(value)])),
  };
  return holdsFor(condition, isOfKnown);
}

function holdsFor(condition: unknown, tests: Readonly<Record<string, (value: string) => boolean>>): boolean {
  if (condition === UNKNOWN || (isRecord(condition) && Object.values(condition).includes(UNKNOWN))) {
    return true;
  }
  return comparedIn(condition).some(([key, values]) => {
    const test = Object.hasOwn(tests, key) ? tests[key] : undefined;
    return (
      test !== undefined && values.length > 0 && values.every((value) => value === UNKNOWN || (typeof value === "string" && test(value)))
    );
  });
}

/** The account in an ARN, without wildcards in it or before it. */
function accountInArn(arn: string): string | undefined {
  return /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-*]*:(\d{12}):/.exec(arn)?.[1];
}

/** Whether a condition names one source: an account, or an ARN with its account or of a bucket. */
function namesSource(condition: unknown): boolean {
  return holdsFor(condition, {
    "aws:sourceaccount": (value) => /^\d{12}$/.test(value),
    "aws:sourcearn": (value) => accountInArn(value) !== undefined || /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]+$/.test(value),
  });
}

/** What brings something in and gives nothing out. */
const DELIVERIES: readonly string[] = [
  ...["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "events:PutEvents", "logs:CreateLogStream", "logs:PutLogEvents"],
  ...["s3:PutObject", "s3:GetBucketAcl", "s3:ListBucket", "s3:GetBucketLocation"],
].map((action) => action.toLowerCase());

function delivers({ action }: Statement): boolean {
  const actions = list(action);
  return actions.length > 0 && actions.every((each) => each === UNKNOWN || DELIVERIES.includes(String(each).toLowerCase()));
}

/** The only account in the ARNs of a statement's resources: the statement has no effect on those of any other. */
export function accountOfResources({ resource }: Statement): string | undefined {
  const accounts = new Set(list(resource).map((arn) => (typeof arn === "string" ? accountInArn(arn) : undefined)));
  const [account] = accounts;
  return accounts.size === 1 ? account : undefined;
}

/** The only account whose principals may change the policy of a key: AWS refuses a key that its author could not change any more. */
export function accountOfKey(statements: readonly Statement[]): string | undefined {
  const changing = statements.filter(
    ({ effect, action }) =>
      String(effect).toLowerCase() === "allow" &&
      list(action).some((each) => typeof each === "string" && matches(each.toLowerCase(), "kms:putkeypolicy")),
  );
  const accounts = new Set(changing.flatMap(principalsOf).map(([, principal]) => accountOf(principal)));
  const [account] = accounts;
  return accounts.size === 1 ? account : undefined;
}
