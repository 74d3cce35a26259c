/** Which provider answers for a type of resource. */
import { packageOf } from "../monitor/urn";
import { HELM_RELEASE } from "../../well-known/resource-types";
import { AWS_OUTPUTS, anyAwsResource } from "./aws";
import { helmRelease, kubernetesObject } from "./kubernetes";
import { randomId, randomPassword, randomResult } from "./random";
import { hex } from "./account";
import type { Created, Registration, Account } from "./account";

/**
 * What a provider would answer when it has created a resource.
 * @throws Error for a package that nothing is known about: an answer made of nothing would let the program run on with `undefined`.
 */
export function createdOutputs(resource: Registration, account: Account): Created {
  if (resource.type.startsWith("pulumi:providers:")) {
    return { id: hex(resource.urn, 32), outputs: {} };
  }
  switch (packageOf(resource.type)) {
    case "aws":
      return (AWS_OUTPUTS[resource.type] ?? anyAwsResource)(resource, account);
    case "kubernetes":
      return resource.type === HELM_RELEASE ? helmRelease(resource) : kubernetesObject(resource);
    case "random":
      return randomOutputs(resource);
    default:
      throw new Error(`the rehearsal knows no outputs for resources of type ${resource.type}: add its package to src/rehearsal/stand-ins`);
  }
}

function randomOutputs(resource: Registration): Created {
  switch (resource.type) {
    case "random:index/randomPassword:RandomPassword":
      return randomPassword(resource);
    case "random:index/randomId:RandomId":
      return randomId(resource);
    default:
      return randomResult(resource);
  }
}
