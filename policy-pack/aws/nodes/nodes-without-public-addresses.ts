import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { LAUNCH_TEMPLATE } from "../../../src/well-known/resource-types";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { entries, field } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { INSTANCES, isOn } from "../../resources/instances";
import type { InstanceArgs } from "../../resources/instances";

const WHAT = "whether nodes get public addresses";

/** Checks that nothing on the internet can send a packet to a node. */
export const nodesWithoutPublicAddresses: ResourceValidationPolicy = {
  name: "nodes-without-public-addresses",
  displayName: "Nodes have no public addresses",
  description: "Checks that instances and launch templates do not ask for public IP addresses.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ec2", "network"],
  remediationSteps: "Omit associatePublicIpAddress or set it to false, and use private subnets.",
  validateResource: onResources(
    onType<LaunchTemplateArgs>(LAUNCH_TEMPLATE, ({ networkInterfaces }) =>
      networkInterfaces === UNKNOWN
        ? [undetermined("networkInterfaces", WHAT)]
        : entries(networkInterfaces).flatMap((networkInterface, index) =>
            addressFindings(`networkInterfaces[${index}].associatePublicIpAddress`, field(networkInterface, "associatePublicIpAddress")),
          ),
    ),
    onType<InstanceArgs>(INSTANCES, ({ associatePublicIpAddress }) =>
      addressFindings("associatePublicIpAddress", associatePublicIpAddress),
    ),
  ),
};

function addressFindings(path: string, value: unknown): readonly Finding[] {
  if (value === UNKNOWN) {
    return [undetermined(path, WHAT)];
  }
  return isOn(value) ? [`"${path}" is ${show(value)}, so nodes get public addresses. Omit it or set it to false`] : [];
}
