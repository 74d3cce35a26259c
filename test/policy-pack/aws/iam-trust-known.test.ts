import { iamTrustKnown } from "../../../policy-pack/aws/iam/iam-trust-known";
import { UNKNOWN, violations } from "../verdict";

const ROLE = "aws:iam/role:Role";
const OWN = "123456789012";
const EKS = `arn:aws:iam::${OWN}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABCDEF0123456789`;
const GITHUB = `arn:aws:iam::${OWN}:oidc-provider/token.actions.githubusercontent.com`;
const PULUMI = `arn:aws:iam::${OWN}:oidc-provider/api.pulumi.com/oidc`;
const TERRAFORM = `arn:aws:iam::${OWN}:oidc-provider/app.terraform.io`;
const BUILDKITE = `arn:aws:iam::${OWN}:oidc-provider/agent.buildkite.com`;
const ID = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const CIRCLE = `arn:aws:iam::${OWN}:oidc-provider/oidc.circleci.com/org/${ID}`;
const BITBUCKET = `arn:aws:iam::${OWN}:oidc-provider/api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc`;
const GITLAB = `arn:aws:iam::${OWN}:oidc-provider/gitlab.com`;

const judge = (assumeRolePolicy: unknown, config: object = { trustedAccounts: [OWN] }) =>
  violations(iamTrustKnown, { assumeRolePolicy }, config, ROLE).join("\n");
const trust = (more: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...more }] });
const federated = (provider: string, condition?: unknown) =>
  trust({ Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: provider }, Condition: condition });
const subject = (provider: string, value: unknown, operator = "StringEquals") =>
  federated(provider, {
    [operator]: { [`${provider.replace(/^.*oidc-provider\//, "")}:sub`]: value },
  });

describe("Should pass if a role trusts", () => {
  test.each<[string, unknown]>([
    ["nodes", trust({ Principal: { Service: "ec2.amazonaws.com" } })],
    ["pods with an association", trust({ Principal: { Service: "pods.eks.amazonaws.com" }, Action: ["sts:AssumeRole", "sts:TagSession"] })],
    ["functions and tasks", trust({ Principal: { Service: ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] } })],
    ["accounts in other partitions", trust({ Principal: { AWS: [`arn:aws-cn:iam::${OWN}:root`, `arn:aws-us-gov:iam::${OWN}:root`] } })],
    ["a project in a group of groups", subject(GITLAB, "project_path:acme/one/two/shop:ref_type:branch:ref:main")],
    ["a provider in another partition", subject(GITHUB.replace("arn:aws:", "arn:aws-cn:"), "repo:acme/shop:ref:refs/heads/main")],
    ["a service in China", trust({ Principal: { Service: "ec2.amazonaws.com.cn" } })],
    ["its own account", trust({ Principal: { AWS: `arn:aws:iam::${OWN}:root` } })],
    ["its own account by its number", trust({ Principal: { AWS: OWN } })],
    ["a role of it", trust({ Principal: { AWS: [`arn:aws:iam::${OWN}:role/ci`, `arn:aws:iam::${OWN}:user/x`] } })],
    ["a controller of the platform", subject(EKS, "system:serviceaccount:kube-system:ebs-csi-controller-sa")],
    ["a repository of CI", subject(GITHUB, "repo:acme/shop:ref:refs/heads/main")],
    ["every branch of it", subject(GITHUB, ["repo:acme/shop:pull_request", "repo:acme/shop:ref:refs/heads/*"], "StringLike")],
    ["whatever runs in a repository", subject(GITHUB, "repo:acme/shop:*", "StringLike")],
    ["a project of CI", subject(GITLAB, "project_path:acme/shop:ref_type:branch:ref:main")],
    ["a deployment of Pulumi", subject(PULUMI, "pulumi:deploy:org:acme:project:shop:*", "StringLike")],
    ["a workspace of Terraform", subject(TERRAFORM, "organization:acme:project:shop:workspace:prod:run_phase:*", "StringLike")],
    ["a pipeline of Buildkite", subject(BUILDKITE, "organization:acme:pipeline:shop:ref:refs/heads/main:commit:*", "StringLike")],
    ["a named environment of Pulumi", subject(PULUMI, "pulumi:environments:org:acme:env:shop/prod")],
    [
      "an environment of Pulumi by attributes",
      subject(PULUMI, "pulumi:environments:pulumi.organization.login:acme:currentEnvironment.name:shop/prod"),
    ],
    ["the environments of an organization", subject(PULUMI, "pulumi:environments:pulumi.organization.login:acme")],
    [
      "a project of Terraform whose name has a space",
      subject(TERRAFORM, "organization:acme:project:Default Project:workspace:prod:run_phase:apply"),
    ],
    ["a Stack of Terraform", subject(TERRAFORM, "organization:acme:project:shop:stack:net:deployment:prod:operation:*", "StringLike")],
    [
      "a branch of a pipeline",
      subject(BUILDKITE, "organization:acme:pipeline:shop:ref:refs/heads/main:commit:*:step:deploy", "StringLike"),
    ],
    [
      "a branch in CircleCI",
      subject(CIRCLE, `org/${ID}/project/${ID}/user/*/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main`, "StringLike"),
    ],
    ["a deployment in Bitbucket", subject(BITBUCKET, `{${ID}}:{${ID}}:*`, "StringLike")],
    ["a deployment in Bitbucket, as its page has it", subject(BITBUCKET, `{${ID}}*:{${ID}}:*`, "StringLike")],
    ["a project of CircleCI", subject(CIRCLE, `org/${ID}/project/${ID}/user/*`, "StringLike")],
    ["a repository of Bitbucket", subject(BITBUCKET, `{${ID}}:*`, "StringLike")],
    ["nobody", trust({ Effect: "Deny", Principal: "*" })],
    ["what is unknown until up", UNKNOWN],
    ["a principal that is unknown until up", trust({ Principal: { AWS: UNKNOWN } })],
    ["principals that are unknown until up", trust({ Principal: UNKNOWN })],
    ["a subject that is unknown until up", subject(EKS, UNKNOWN)],
    ["under conditions that are unknown until up", federated(EKS, UNKNOWN)],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toBe("");
  });
  test("one of several accounts", () => {
    expect(judge(trust({ Principal: { AWS: OWN } }), { trustedAccounts: ["210987654321", OWN] })).toBe("");
  });
  test("somebody, as text", () => {
    expect(judge(JSON.stringify(trust({ Principal: { Service: "ec2.amazonaws.com" } })))).toBe("");
  });
});

describe("Should fail if a role trusts", () => {
  test.each<[string, unknown]>([
    ["anybody", trust({ Principal: "*" })],
    ["every project of Terraform", subject(TERRAFORM, "organization:acme:*", "StringLike")],
    ["any project of Terraform", subject(TERRAFORM, "organization:acme:project:*:workspace:prod:run_phase:apply", "StringLike")],
    ["every pipeline of Buildkite", subject(BUILDKITE, "organization:acme:pipeline:*", "StringLike")],
    ["every pipeline of any organization", subject(BUILDKITE, "organization:*:pipeline:shop:*", "StringLike")],
    ["every project of CircleCI", subject(CIRCLE, `org/${ID}/*`, "StringLike")],
    ["any project of CircleCI", subject(CIRCLE, `org/${ID}/project/*/user/*`, "StringLike")],
    ["any organization of Pulumi by attributes", subject(PULUMI, "pulumi:environments:pulumi.organization.login:*", "StringLike")],
    ["organizations of Pulumi that begin alike", subject(PULUMI, "pulumi:environments:pulumi.organization.login:acme*", "StringLike")],
    ["any user of Pulumi by attributes", subject(PULUMI, "pulumi:environments:pulumi.organization.login:acme:*", "StringLike")],
    ["any repository of Bitbucket", subject(BITBUCKET, "*:*", "StringLike")],
    ["any repository of Bitbucket in an environment", subject(BITBUCKET, `{*}:{${ID}}:*`, "StringLike")],
    ["any account", trust({ Principal: { AWS: "*" } })],
    ["one of many who is anybody", trust({ Principal: { AWS: [`arn:aws:iam::${OWN}:root`, "*"] } })],
    ["everybody but one", trust({ NotPrincipal: { AWS: `arn:aws:iam::${OWN}:root` } })],
    ["another account", trust({ Principal: { AWS: "arn:aws:iam::210987654321:root" } })],
    ["another account by its number", trust({ Principal: { AWS: "210987654321" } })],
    [
      "another account under a condition",
      trust({ Principal: { AWS: "210987654321" }, Condition: { StringEquals: { "sts:ExternalId": "x" } } }),
    ],
    ["an account whose number begins like its own", trust({ Principal: { AWS: `${OWN}3` } })],
    ["a session of another account", trust({ Principal: { AWS: "arn:aws:sts::210987654321:assumed-role/x/y" } })],
    ["a pattern of roles", trust({ Principal: { AWS: `arn:aws:iam::${OWN}:role/*` } })],
    ["a service of somebody", trust({ Principal: { Service: "evil.example.com" } })],
    ["a domain that ends like a service", trust({ Principal: { Service: "amazonaws.com.example.com" } })],
    ["a path that ends like a service", trust({ Principal: { Service: "https://x/ec2.amazonaws.com" } })],
    ["an account in another text", trust({ Principal: { AWS: `x${OWN}` } })],
    ["an account behind another", trust({ Principal: { AWS: `210987654321:${OWN}` } })],
    ["an account behind a text", trust({ Principal: { AWS: `x:arn:aws:iam::${OWN}:root` } })],
    ["somebody without a kind", trust({ Principal: "210987654321" })],
    ["nobody under conditions that are none", federated(GITHUB, {})],
    ["one of several that is everybody's", subject(GITHUB, ["repo:acme/shop:x", "repo:*"], "StringLike")],
    ["one of several that is no text", subject(GITHUB, ["repo:acme/shop:x", 7])],
    ["a subject behind another text", subject(GITHUB, "x repo:acme/shop:x")],
    ["a subject of GitLab behind another text", subject(GITLAB, "x project_path:acme/shop:ref")],
    ["a host that begins like GitHub's", subject(GITHUB.replace("token.", "xtoken."), "repo:acme/shop:x")],
    ["a host that ends otherwise than GitHub's", subject(`${GITHUB}.example.com`, "repo:acme/shop:x")],
    ["a host that begins like GitLab's", subject(GITLAB.replace("gitlab", "mygitlab"), "project_path:acme/shop:x")],
    ["a host that ends otherwise than GitLab's", subject(`${GITLAB}.example.com`, "project_path:acme/shop:x")],
    ["a host that begins like Pulumi's", subject(PULUMI.replace("api.", "xapi."), "pulumi:deploy:org:acme:project:shop:x")],
    ["a host that ends otherwise than Pulumi's", subject(`${PULUMI}x`, "pulumi:deploy:org:acme:project:shop:x")],
    ["a subject of Pulumi behind another text", subject(PULUMI, "x pulumi:deploy:org:acme:project:shop:x")],
    ["a host that begins like a cluster's", subject(EKS.replace("oidc.eks", "xoidc.eks"), "system:serviceaccount:kube-system:x")],
    ["a host that ends otherwise than a cluster's", subject(`${EKS}/x`, "system:serviceaccount:kube-system:x")],
    ["a service account behind another text", subject(EKS, "x system:serviceaccount:kube-system:x")],
    ["a service account before another text", subject(EKS, "system:serviceaccount:kube-system:x:y")],
    ["a domain that begins like a service", trust({ Principal: { Service: "ec2.amazonaws.com.example.com" } })],
    ["a canonical user", trust({ Principal: { CanonicalUser: "abc" } })],
    ["nothing readable", trust({ Principal: { AWS: 7 } })],
    ["the service account of a team", subject(EKS, "system:serviceaccount:team-a:trainer")],
    ["one of several that is a team's", subject(EKS, ["system:serviceaccount:kube-system:x", "system:serviceaccount:team-a:trainer"])],
    ["every service account", subject(EKS, "system:serviceaccount:*:*", "StringLike")],
    ["every service account of namespaces that begin so", subject(EKS, "system:serviceaccount:kube-system*:x", "StringLike")],
    ["whoever has no subject", subject(EKS, "system:serviceaccount:kube-system:x", "StringEqualsIfExists")],
    ["whoever is not one subject", subject(EKS, "system:serviceaccount:kube-system:x", "StringNotEquals")],
    ["a cluster", federated(EKS)],
    [
      "a cluster for an audience",
      federated(EKS, { StringEquals: { [`${EKS.replace(/^.*oidc-provider\//, "")}:aud`]: "sts.amazonaws.com" } }),
    ],
    ["the subject of another provider", federated(EKS, { StringEquals: { "gitlab.com:sub": "system:serviceaccount:kube-system:x" } })],
    ["every repository", subject(GITHUB, "repo:*", "StringLike")],
    ["every repository of an owner, and of those whose names begin so", subject(GITHUB, "repo:acme*/shop:*", "StringLike")],
    ["every repository of an owner", subject(GITHUB, "repo:acme/*", "StringLike")],
    ["every organization of Terraform", subject(TERRAFORM, "organization:*:project:shop:*", "StringLike")],
    ["organizations of Terraform whose names begin so", subject(TERRAFORM, "organization:acme*", "StringLike")],
    ["every organization of Buildkite", subject(BUILDKITE, "organization:*", "StringLike")],
    ["everybody in CircleCI", subject(CIRCLE, "org/*", "StringLike")],
    ["every repository of Bitbucket", subject(BITBUCKET, "{*}:*", "StringLike")],
    ["every organization of Pulumi", subject(PULUMI, "pulumi:deploy:org:*", "StringLike")],
    ["everybody on a public provider", federated("accounts.google.com")],
    ["a pool of users", federated("cognito-identity.amazonaws.com", { StringEquals: { "cognito-identity.amazonaws.com:aud": "x" } })],
    ["users of SAML", federated(`arn:aws:iam::${OWN}:saml-provider/x`)],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toContain("assume the role");
    expect(judge(policy)).toMatchSnapshot();
    expect(judge(JSON.stringify(policy))).toContain("assume the role");
    expect(judge(JSON.stringify(policy))).toMatchSnapshot();
  });
  test("its own account that no setting names", () => {
    expect(judge(trust({ Principal: { AWS: OWN } }), {})).toContain("trustedAccounts");
    expect(judge(trust({ Principal: { AWS: OWN } }), {})).toMatchSnapshot();
  });
  test.each(["not JSON", 7, undefined])("%p, which is no document", (policy) => {
    expect(judge(policy)).toContain("not a policy document");
    expect(judge(policy)).toMatchSnapshot();
  });
});
