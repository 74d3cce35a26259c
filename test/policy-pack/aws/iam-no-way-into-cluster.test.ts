import { iamNoWayIntoCluster } from "../../../policy-pack/aws/iam/iam-no-way-into-cluster";
import { UNKNOWN, violations } from "../verdict";

const judge = (policy: unknown, type = "aws:iam/policy:Policy") =>
  violations(iamNoWayIntoCluster, type === "aws:iam/role:Role" ? { inlinePolicies: [{ policy }] } : { policy }, {}, type).join("\n");

const allow = (action: unknown, resource = "arn:aws:eks:us-east-1:123456789012:cluster/dev") => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: resource }],
});

describe("Should pass if", () => {
  test.each<[string, unknown]>([
    ["it reads about clusters", allow(["eks:DescribeCluster", "eks:ListClusters", "eks:AccessKubernetesApi"])],
    ["it reads by a pattern", allow("eks:Describe*")],
    ["it reads parameters", allow("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/team-a/x")],
    ["it writes parameters", allow(["ssm:PutParameter", "ssm:DeleteParameters"], "arn:aws:ssm:us-east-1:123456789012:parameter/team-a/x")],
    ["it scales a group", allow(["autoscaling:SetDesiredCapacity", "autoscaling:Describe*"], "*")],
    ["it is about a bucket", allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::team-a/*")],
    ["it denies", { Statement: [{ Effect: "Deny", Action: "eks:*", Resource: "*" }] }],
    ["it is unknown in a preview", UNKNOWN],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, unknown]>([
    ["it creates access entries of one cluster", allow("eks:CreateAccessEntry")],
    ["it associates policies", allow(["eks:DescribeCluster", "eks:AssociateAccessPolicy"])],
    ["it changes the cluster", allow("eks:UpdateClusterConfig")],
    ["it may do everything with one cluster", allow("eks:*")],
    ["a pattern covers more than reading", allow("eks:D*")],
    ["it is spelt otherwise", { statement: [{ effect: "allow", action: "EKS:createaccessentry", resource: "x" }] }],
    ["it gives roles to pods", JSON.stringify(allow("eks:CreatePodIdentityAssociation"))],
    ["it runs commands", allow("ssm:SendCommand", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it opens sessions", allow("ssm:Start*", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it writes a document of commands", allow("ssm:UpdateDocument", "arn:aws:ssm:us-east-1:123456789012:document/x")],
    ["it runs an association again", allow("ssm:StartAssociationsOnce", "*")],
    ["it opens a desktop", allow("ssm-guiconnect:StartConnection", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it changes the user data of an instance", allow("ec2:ModifyInstanceAttribute", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it changes launch templates", allow("ec2:CreateLaunchTemplate*", "arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1")],
    ["it gives a group another launch template", allow("autoscaling:UpdateAutoScalingGroup", "*")],
    ["it creates a stack", allow("cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1:123456789012:stack/x/*")],
    ["it opens shells", allow("ec2-instance-connect:SendSSHPublicKey", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toContain("Action");
    expect(judge(policy, "aws:iam/role:Role")).toContain("Action");
  });
});
