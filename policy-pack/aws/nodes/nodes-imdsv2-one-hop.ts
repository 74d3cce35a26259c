import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { LAUNCH_TEMPLATE } from "../../../src/well-known/resource-types";
import { ifKnown } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { show } from "../../evaluation/snapshot";
import { INSTANCES, onNodeGroupsWithoutTemplate } from "../../resources/instances";
import type { InstanceArgs } from "../../resources/instances";

/**
 * Checks that pods do not get the node's credentials. Version 1 of the metadata service answers any request that a pod can be tricked into sending.
 * Version 2 answers a container only if the answer can travel two hops.
 */
export const nodesImdsv2OneHop: ResourceValidationPolicy = {
  name: "nodes-imdsv2-one-hop",
  displayName: "Instance metadata out of pods' reach",
  description: "Checks that instances require IMDSv2 and let its answers travel one hop.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ec2", "identity"],
  remediationSteps:
    "Set metadataOptions to {httpEndpoint: enabled, httpTokens: required, httpPutResponseHopLimit: 1} in a launch template.",
  validateResource: onResources(
    onType<LaunchTemplateArgs | InstanceArgs>([LAUNCH_TEMPLATE, ...INSTANCES], ({ metadataOptions: options }) =>
      field(options, "httpEndpoint") === "disabled"
        ? []
        : [
            ...expected("metadataOptions.httpTokens", field(options, "httpTokens"), "required"),
            ...expected("metadataOptions.httpPutResponseHopLimit", field(options, "httpPutResponseHopLimit"), 1),
          ],
    ),
    onNodeGroupsWithoutTemplate("whether pods can get the node's credentials"),
  ),
};

function expected(path: string, value: unknown, wanted: unknown): readonly Finding[] {
  if (value === wanted) {
    return [];
  }
  const sentence = `"${path}" is ${show(value)}. Set it to ${show(wanted)}, so that pods cannot get the node's credentials`;
  return [ifKnown(value, path, "whether pods can get the node's credentials", sentence)];
}
