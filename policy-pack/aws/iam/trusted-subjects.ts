/** Whom a role trusts that trusts an identity provider: the subjects in the condition of the statement. */
import { UNKNOWN, isRecord } from "../../evaluation/snapshot";
import { list } from "../../resources/iam-statements";

/**
 * Identity providers that many share, and the subjects by which each knows its own.
 * Sources, read 2026-11-28: the pages on OpenID Connect in the documentation of GitHub, GitLab, Pulumi (Deployments, ESC), HCP Terraform (workspaces, Stacks),
 * Buildkite, CircleCI (both versions of its token) and Bitbucket.
 */
const CI_PROVIDERS: readonly { readonly host: RegExp; readonly subject: RegExp; readonly example: string }[] = [
  // A wildcard in the owner or in the repository would be somebody else's. What runs in the repository is its owner's.
  {
    host: /^token\.actions\.githubusercontent\.com$/,
    subject: /^repo:[\w.-]+\/[\w.-]+:.+$/,
    example: "repo:owner/repository:ref:refs/heads/main",
  },
  {
    host: /^gitlab\.com$/,
    subject: /^project_path:[\w.-]+(?:\/[\w.-]+)+:.+$/,
    example: "project_path:group/project:ref_type:branch:ref:main",
  },
  {
    host: /^api\.pulumi\.com\/oidc$/,
    // An environment of ESC with `subjectAttributes` names the organization by the attribute, and one without any by nothing else.
    subject: /^pulumi:(?:(?:deploy|environments):org:[\w.-]+:[^*?].*|environments:pulumi\.organization\.login:[\w.-]+(?::[^*?].*)?)$/,
    example: "pulumi:deploy:org:organization:project:name:*",
  },
  {
    host: /^app\.terraform\.io$/,
    // Names of projects can have spaces. A Stack has `stack` in place of `workspace`.
    subject: /^organization:[\w-]+:project:[\w -]+:(?:workspace|stack):.+$/,
    example: "organization:name:project:name:workspace:name:run_phase:*",
  },
  {
    host: /^agent\.buildkite\.com$/,
    subject: /^organization:[\w-]+:pipeline:[\w-]+:.+$/,
    example: "organization:name:pipeline:name:ref:refs/heads/main:commit:*:step:*",
  },
  // These two have a provider for each organization, whose subjects begin with the id of the organization or of a repository.
  {
    host: /^oidc\.circleci\.com\/org\/[0-9a-f-]{36}$/,
    subject: /^org\/[0-9a-f-]{36}\/project\/[0-9a-f-]{36}\/user\/.+$/,
    example: "org/ID/project/ID/user/*",
  },
  {
    host: /^api\.bitbucket\.org\/2\.0\/workspaces\/[\w.-]+\/pipelines-config\/identity\/oidc$/,
    // The repository, in a deployment the environment, and the step. The star before the environment is Bitbucket's own way to write it.
    subject: /^\{[0-9a-f-]{36}\}\*?:.+$/,
    example: "{ID of the repository}:*",
  },
];

/** The identity provider of an EKS cluster: its subjects are service accounts. */
const EKS_PROVIDER = /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/id\/[A-F0-9]+$/i;

const SERVICE_ACCOUNT = /^system:serviceaccount:([a-z0-9-]+):[a-z0-9.-]+$/;

/** Operators of which each value must be that of the request. Others hold in the absence of a value, or for other values. */
const OPERATORS: readonly string[] = ["stringequals", "stringlike"];

/**
 * What is wrong with the trust in an identity provider; undefined: it is in subjects that are known.
 * @param provider ARN of the provider, or its name.
 */
export function trustsSubject(provider: string, condition: unknown, platformNamespaces: readonly string[]): string | undefined {
  const host = provider.replace(/^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\//, "");
  const subjects = subjectsOf(host, condition);
  if (subjects === UNKNOWN) {
    return undefined;
  }
  if (EKS_PROVIDER.test(host)) {
    const isPlatforms = (subject: unknown) => platformNamespaces.includes(SERVICE_ACCOUNT.exec(String(subject))?.[1] ?? "");
    return subjects.length > 0 && subjects.every(isPlatforms)
      ? undefined
      : "Its subjects are service accounts of teams, or not named. Ask the owners of the platform for a pod identity association";
  }
  const ci = CI_PROVIDERS.find((known) => known.host.test(host));
  if (ci === undefined) {
    return "This policy does not know the subjects of this identity provider. Use a role that a service of AWS assumes";
  }
  return subjects.length > 0 && subjects.every((subject) => typeof subject === "string" && ci.subject.test(subject))
    ? undefined
    : `Everybody has an account there. Compare "${host}:sub" with StringEquals or StringLike, as in "${ci.example}"`;
}

/** The values of the subject that the statement compares; none: it compares none. */
function subjectsOf(host: string, condition: unknown): readonly unknown[] | typeof UNKNOWN {
  if (condition === UNKNOWN) {
    return UNKNOWN;
  }
  const conditions = Object.entries(isRecord(condition) ? condition : {})
    .filter(([operator]) => OPERATORS.includes(operator.toLowerCase()))
    .map(([, keys]) => keys);
  const compared = conditions.flatMap((keys) => (isRecord(keys) ? Object.entries(keys) : []));
  const values = compared.filter(([key]) => key.toLowerCase() === `${host}:sub`.toLowerCase()).flatMap(([, value]) => list(value));
  return conditions.includes(UNKNOWN) || values.includes(UNKNOWN) ? UNKNOWN : values;
}
