/** The role of the control plane (pulumi-eks 7bf0c1b, nodejs/eks/servicerole.ts). */
import { createHash } from "node:crypto";
import { apply } from "../../monitor/output-values";
import type { WireValue } from "../../monitor/wire";
import type { Child, MakeChild } from "../component";
import type { Account } from "../account";

const POLICY = "AmazonEKSClusterPolicy";
const ACTIONS = ["sts:AssumeRole", "sts:TagSession"];
const DESCRIPTION = "Allows EKS to manage clusters on your behalf.";

/** @returns the role, and what has to be there before the role is of use. */
export async function serviceRole(
  name: string,
  tags: WireValue | undefined,
  account: Account,
  make: MakeChild,
): Promise<{ readonly role: Child; readonly attachments: readonly Child[] }> {
  const id = `arn:aws:iam::aws:policy/${POLICY}`;
  const policyArn = `arn:${account.partition}:iam::aws:policy/${POLICY}`;
  const service = "eks.amazonaws.com";
  const component = await make(
    "eks:index:ServiceRole",
    `${name}-eksRole`,
    { service, description: DESCRIPTION, managedPolicyArns: [{ id, arn: policyArn }], tags, assumeRoleActions: ACTIONS },
    { kind: "component" },
  );
  const trust = { Version: "2012-10-17", Statement: [{ Action: ACTIONS, Effect: "Allow", Principal: { Service: [service] } }] };
  const role = await make(
    "aws:iam/role:Role",
    `${name}-eksRole-role`,
    { description: DESCRIPTION, assumeRolePolicy: JSON.stringify(trust), tags },
    { parent: component },
  );
  const digest = createHash("sha1").update(id).digest("hex").slice(0, 8);
  const attachment = await make(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    `${name}-eksRole-${digest}`,
    { policyArn, role: role.id },
    { parent: component },
  );
  await component.complete({
    directRole: role.reference,
    resolvedRole: apply([role.output("arn"), attachment.id], () => role.reference) ?? null,
  });
  return { role, attachments: [attachment] };
}
