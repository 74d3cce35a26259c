import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1";
import * as pulumi from "@pulumi/pulumi";
import { ADMISSION_POLICIES } from "./policies";

/** What earlier releases of this project registered the component as. Without the alias a running stack would lose every policy, for as long as new ones take. */
const FORMER: pulumi.Alias = { type: "shared-gpu:kubernetes:Guardrails", name: "guardrails" };

/**
 * Admission policies for what reaches the API server by any way (kubectl, Helm, controllers): the policy pack sees only what this program deploys.
 * They are generated from the same tiers as device classes and quotas. Those for claims, pods and Services apply in the namespaces of teams, to everybody there;
 * those for what is the platform's apply to everybody but cluster administrators.
 */
export class AdmissionPolicies extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:AdmissionPolicies", name, {}, { ...opts, aliases: [...(opts?.aliases ?? []), FORMER] });
    for (const { name: policyName, policy, binding } of ADMISSION_POLICIES) {
      const enforced = new ValidatingAdmissionPolicy(policyName, policy, { parent: this });
      new ValidatingAdmissionPolicyBinding(policyName, binding, { parent: this, dependsOn: [enforced] });
    }
    this.registerOutputs({});
  }
}
