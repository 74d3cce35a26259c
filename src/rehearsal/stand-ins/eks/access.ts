/** Access entries of `eks:index:Cluster` (pulumi-eks 7bf0c1b, nodejs/eks/cluster/authenticationMode.ts). */
import { apply, isOutputValue } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import type { Child, MakeChild } from "../component";

/** What an access entry itself takes; the rest of an entry is about its policies. */
const PASSED_ON = ["kubernetesGroups", "principalArn", "tags", "type"];

/** Makes an entry, and an association for each of its policies, per member of `accessEntries`. @returns the members. */
export async function accessEntries(
  name: string,
  { accessEntries: given }: WireMap,
  cluster: Child,
  make: MakeChild,
): Promise<readonly WireValue[]> {
  if (isOutputValue(given)) {
    throw new Error(
      'eks:index:Cluster reads "accessEntries" while it is built, so that it can neither be a secret nor come from another resource',
    );
  }
  const clusterName = cluster.output("name");
  for (const [key, value] of Object.entries(asMap(given))) {
    const entry = asMap(value);
    const parent = await make(
      "aws:eks/accessEntry:AccessEntry",
      `${name}-${key}`,
      { ...Object.fromEntries(PASSED_ON.map((property) => [property, entry[property]])), clusterName, userName: entry.username },
      { dependsOn: [cluster] },
    );
    for (const [policy, association] of Object.entries(asMap(entry.accessPolicies))) {
      await make(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        `${name}-${key}-${policy}`,
        {
          accessScope: memberOf(association, "accessScope"),
          principalArn: entry.principalArn,
          policyArn: memberOf(association, "policyArn"),
          clusterName,
        },
        { parent, dependsOn: [parent] },
      );
    }
  }
  return Object.values(asMap(given));
}

/** A member of an output. */
function memberOf(value: WireValue, member: string): WireValue | undefined {
  return isOutputValue(value) ? apply([value], (known) => asMap(known)[member]) : asMap(value)[member];
}
