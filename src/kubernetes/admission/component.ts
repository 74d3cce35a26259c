import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1";
import * as pulumi from "@pulumi/pulumi";
import { GUARDRAILS } from "./policies";

/**
 * Admission policies for what reaches the API server by any way (kubectl, Helm, controllers): the policy pack sees only what this program deploys.
 * They are generated from the same tiers as device classes and quotas. Those for claims, pods and Services apply in the namespaces of teams, to everybody there;
 * those for what is the platform's apply to everybody but cluster administrators.
 */
export class Guardrails extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:Guardrails", name, {}, opts);
    for (const { name: policyName, policy, binding } of GUARDRAILS) {
      const enforced = new ValidatingAdmissionPolicy(policyName, policy, { parent: this });
      new ValidatingAdmissionPolicyBinding(policyName, binding, { parent: this, dependsOn: [enforced] });
    }
    this.registerOutputs({});
  }
}
