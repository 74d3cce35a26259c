import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import { DOCUMENTS, documentOf, inlineDocuments } from "../../resources/iam-documents";
import type { Document, DocumentArgs } from "../../resources/iam-documents";
import { matches, readDocument } from "../../resources/iam-statements";
import type { Statement } from "../../resources/iam-statements";
import { show, untypedEntries } from "../../evaluation/snapshot";

/**
 * Actions that let their holder into a cluster, onto its nodes or into its roles, on whatever resource: one cluster is enough. Of EKS everything is one that does
 * more than read, because the service grows.
 */
const WAYS_IN: readonly { readonly actions: readonly string[]; readonly except: readonly string[]; readonly why: string }[] = [
  {
    actions: ["eks:*"],
    except: ["eks:Describe*", "eks:List*", "eks:AccessKubernetesApi", "eks-auth:*"],
    why: "changes who may use the cluster, or its nodes. Use eks:Describe* and eks:List*",
  },
  {
    actions: ["ssm:*"],
    except: [
      ...["ssm:Get*", "ssm:Describe*", "ssm:List*", "ssm:PutParameter", "ssm:DeleteParameter*", "ssm:LabelParameterVersion"],
      ...["ssm:UnlabelParameterVersion", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", "ssm:UpdateInstanceInformation"],
    ],
    why: "runs commands on instances, and nodes are instances. Use kubectl exec, and of Systems Manager the parameters",
  },
  {
    actions: ["ec2-instance-connect:*", "ssm-guiconnect:*"],
    except: [],
    why: "opens a shell on nodes. Use kubectl exec",
  },
  {
    actions: [
      ...["ec2:ModifyInstanceAttribute", "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
      ...["ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"],
      ...["autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup", "autoscaling:AttachInstances"],
    ],
    except: [],
    why: "changes what nodes run when they start, or the rights that they have. Change the node group in a program",
  },
  {
    actions: [
      ...["cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
      "cloudcontrol:CreateResource",
      "cloudcontrol:UpdateResource",
    ],
    except: [],
    why: "creates resources that no policy sees, access to the cluster among them. Register each resource with the aws provider",
  },
];

/**
 * Checks that no IAM document of the program opens the cluster or its nodes, however narrow its resources are. Amazon's managed policies for controllers are attached
 * by name, and the platform attaches those that its add-ons need.
 */
export const iamNoWayIntoCluster: ResourceValidationPolicy = {
  name: "iam-no-way-into-cluster",
  displayName: "No rights over the cluster",
  description:
    "Checks that no IAM policy document allows to change an EKS cluster or its nodes, to run commands on instances, or to create resources by another service.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam", "eks"],
  remediationSteps: "Remove the action. The configuration of the platform's stack says who may use the cluster and which nodes it has.",
  validateResource: onResources(
    onType<DocumentArgs>(DOCUMENTS, (resource) => documentFindings(documentOf(resource))),
    onType<RoleArgs>(IAM_ROLE, (role) => inlineDocuments(role).flatMap(documentFindings)),
  ),
};

/** A document that is unknown in a preview is checked by `pulumi up`, and `iam-no-wildcards` denies one that cannot be read. */
function documentFindings({ path, value }: Document): readonly string[] {
  const reading = readDocument(value);
  return reading.type === "document"
    ? reading.statements.flatMap((statement, index) => waysIn(statement).map((sentence) => `"${path}", statement ${index}: ${sentence}`))
    : [];
}

function waysIn(statement: Statement): readonly string[] {
  if (String(statement["effect"]).toLowerCase() !== "allow") {
    return [];
  }
  const { action } = statement;
  const actions = (Array.isArray(action) ? untypedEntries(action) : [action]).filter((entry) => typeof entry === "string");
  return actions.flatMap((entry) => {
    const way = WAYS_IN.find(({ actions: covered, except }) => opens(entry.toLowerCase(), covered, except));
    return way === undefined ? [] : [`Action ${show(entry)} ${way.why}`];
  });
}

/** Whether a pattern of an action covers one of these without being one of the exceptions. */
function opens(pattern: string, covered: readonly string[], except: readonly string[]): boolean {
  const isException = except.some((exception) => matches(exception.toLowerCase(), pattern));
  return !isException && covered.some((action) => matches(action.toLowerCase(), pattern) || matches(pattern, action.toLowerCase()));
}
