import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import type { Resource } from "../../evaluation/on-resource";
import { DOCUMENTS, documentOf, inlineDocuments } from "../../resources/iam-documents";
import type { Document, DocumentArgs } from "../../resources/iam-documents";
import { matches, readDocument } from "../../resources/iam-statements";
import type { Statement } from "../../resources/iam-statements";
import { isKnownAction } from "./known-actions";
import { show, untypedEntries } from "../../evaluation/snapshot";

/** What actions do that are not known, where there is more to say than that. */
const WAYS_IN: readonly { readonly actions: readonly string[]; readonly why: string }[] = [
  { actions: ["eks:*"], why: "changes who may use the cluster, or its nodes. Use eks:Describe* and eks:List*" },
  {
    actions: ["ssm:*"],
    why: "runs commands on instances, and nodes are instances. Use kubectl exec, and of Systems Manager the parameters",
  },
  { actions: ["ec2-instance-connect:*", "ssm-guiconnect:*"], why: "opens a shell on nodes. Use kubectl exec" },
  {
    actions: ["iam:PassRole", "sts:*"],
    why: "takes the rights of a role, now or later changed by others. Give the rights to the role that needs them",
  },
  { actions: ["iam:*"], why: "changes who has which rights. Register roles and policies in a program" },
  {
    actions: ["lambda:*", "glue:*", "codebuild:*", "ecs:*", "sagemaker:*", "states:*"],
    why: "runs code with the rights of another role. Register the resource in a program, and only invoke it",
  },
  {
    actions: ["ec2:*", "autoscaling:*"],
    why: "can change what nodes run when they start, their networks, or the rights that they have. Change the node group in a program",
  },
  {
    actions: ["cloudformation:*", "cloudcontrol:*"],
    why: "creates resources that no policy sees, access to the cluster among them. Register each resource with the aws provider",
  },
  { actions: ["kms:*", "secretsmanager:*"], why: "can give others the key or the secret. Use the actions that read and write it" },
  {
    actions: ["cloudwatch:*"],
    why: "can make alarms that stop instances. Register the alarm in a program, and use cloudwatch:PutMetricData",
  },
  {
    actions: [
      "s3:*",
      "s3tables:*",
      "sqs:*",
      "sns:*",
      "dynamodb:*",
      "kinesis:*",
      "elasticfilesystem:*",
      "aoss:*",
      "logs:*",
      "rekognition:*",
      "comprehend:*",
    ],
    why: "can let others in, or send them copies. Register policies, subscriptions and replication in a program, and use the actions that read and write data",
  },
];

/**
 * Checks that IAM documents of the program allow known actions only, however narrow their resources are: one cluster, one node or one role is enough for a way in.
 * Amazon's managed policies for controllers are attached by name, and the platform attaches those that its add-ons need.
 */
export const iamNoWayIntoCluster: ResourceValidationPolicy = {
  name: "iam-no-way-into-cluster",
  displayName: "No rights over clusters, nodes and roles",
  description:
    "Checks that IAM policy documents allow only actions that are known to give data and messages: none by which their holder gets into a cluster, onto a node or into another role.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam", "eks"],
  remediationSteps:
    "Name the actions that are needed, one by one. The configuration of the platform's stack says who may use the cluster and which nodes it has. If there is no other way, name the action in the setting allowedActions.",
  configSchema: {
    properties: {
      allowedActions: {
        type: "array",
        description: "Actions, or patterns of them, that documents can allow besides those that this policy knows.",
        items: { type: "string", pattern: "^[A-Za-z0-9-]+:[A-Za-z0-9*]+$" },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateResource: onResources(
    onType<DocumentArgs>(DOCUMENTS, (args, resource) => documentFindings(documentOf(args), resource)),
    onType<RoleArgs>(IAM_ROLE, (role, resource) => inlineDocuments(role).flatMap((document) => documentFindings(document, resource))),
  ),
};

/** A document that is unknown in a preview is checked by `pulumi up`, and `iam-no-wildcards` denies one that cannot be read. */
function documentFindings({ path, value }: Document, { getConfig }: Resource): readonly string[] {
  const reading = readDocument(value);
  const { allowedActions = [] } = getConfig<{ allowedActions?: readonly string[] }>();
  return reading.type === "document"
    ? reading.statements.flatMap((statement, index) =>
        waysIn(statement, allowedActions).map((sentence) => `"${path}", statement ${index}: ${sentence}`),
      )
    : [];
}

function waysIn({ effect, action }: Statement, allowed: readonly string[]): readonly string[] {
  if (String(effect).toLowerCase() === "deny") {
    return [];
  }
  const actions = (Array.isArray(action) ? untypedEntries(action) : [action]).filter((entry) => typeof entry === "string");
  return actions
    .filter((entry) => !isKnownAction(entry, allowed))
    .map((entry) => `Action ${show(entry)} ${reasonFor(entry.toLowerCase())}`);
}

function reasonFor(pattern: string): string {
  const way = WAYS_IN.find(({ actions }) => actions.some((action) => matches(action.toLowerCase(), pattern)));
  return way?.why ?? "is not known to give data and messages only. Name the actions that are needed, one by one";
}
