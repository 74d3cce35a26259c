/** What a platform is built on, and which changes of it AWS cannot make to one that is deployed. Pure. */
import { formatProblem } from "../config/reading/problem";
import type { Problem } from "../config/reading/problem";
import { planSubnets, zonesWithRoom } from "../config/subnets";

/** What everything else stands on. */
export interface Identity {
  readonly region: string;
  readonly clusterName: string;
  readonly vpcCidr: string;
  readonly availabilityZones: readonly string[];
}

/**
 * The changes between the deployed platform and the wanted one that AWS cannot make. Without this check `pulumi up` would fail half-way: a change of
 * `vpcCidr` creates another VPC, and then EKS refuses to move the cluster there.
 *
 * You may add zones at the end, as long as the ranges of the others stay.
 * @param deployed as it is in the state; what an earlier release did not record is not compared.
 */
export function impossibleChanges(deployed: Partial<Identity>, wanted: Identity): readonly Problem[] {
  return [
    ...changed("aws:region", deployed.region, wanted.region, "a cluster, its network and its volumes cannot move to another region"),
    ...changed(
      "clusterName",
      deployed.clusterName,
      wanted.clusterName,
      "EKS cannot rename a cluster: it would be deleted with all that is in it",
    ),
    ...changed("vpcCidr", deployed.vpcCidr, wanted.vpcCidr, "a VPC keeps its range, and EKS cannot move a cluster to another VPC"),
    ...zoneChanges(deployed, wanted),
  ];
}

/** All of it as one message, with what there is to do. */
export function formatImpossibleChanges(problems: readonly Problem[]): string {
  return [
    "AWS cannot change a deployed platform in this way, and nothing was changed:",
    ...problems.map((problem) => `  - ${formatProblem(problem)}`),
    "To keep the platform, set the old value again. To have the new one, recreate the platform: everything in it is deleted. With the old value",
    "      pulumi config set deletionProtection false",
    "      pulumi up",
    "      pulumi destroy",
    "    and with the new value",
    "      pulumi up",
    '    (docs/operations.md, "Teardown that leaves nothing behind", has what destroy leaves.)',
  ].join("\n");
}

function changed(key: string, deployed: string | undefined, wanted: string, because: string): readonly Problem[] {
  return deployed === undefined || deployed === wanted
    ? []
    : [{ key, value: wanted, reason: `the deployed platform has ${JSON.stringify(deployed)}; ${because}` }];
}

function zoneChanges({ availabilityZones: deployed, vpcCidr }: Partial<Identity>, wanted: Identity): readonly Problem[] {
  if (deployed === undefined) {
    return [];
  }
  const problem = (because: string): Problem => ({
    key: "availabilityZones",
    value: wanted.availabilityZones,
    reason: `the deployed platform has ${JSON.stringify(deployed)}; ${because}`,
  });
  const left = deployed.filter((zone) => !wanted.availabilityZones.includes(zone));
  if (left.length > 0) {
    // Amazon EKS user guide, "VPC and subnet requirements" (2026-11): subnets of a cluster stay in the zones that it was created with.
    return [problem(`EKS cannot take a cluster out of a zone (${left.join(", ")})`)];
  }
  const moved = movedZones(vpcCidr ?? wanted.vpcCidr, deployed, wanted.availabilityZones);
  if (moved.length === 0) {
    return [];
  }
  const room = zonesWithRoom(deployed.length);
  return [
    problem(
      wanted.availabilityZones.length > room
        ? `its network was divided for ${room} zones, and more would change the subnets of ${moved.join(", ")}, in which there are nodes`
        : `this order changes the subnets of ${moved.join(", ")}, in which there are nodes: keep the order, and add new zones at the end`,
    ),
  ];
}

/** The zones in both lists whose subnets would get other ranges. */
function movedZones(cidr: string, deployed: readonly string[], wanted: readonly string[]): readonly string[] {
  const before = planSubnets(cidr, deployed);
  const after = planSubnets(cidr, wanted);
  return before.filter(({ zone, private: range }) => after.find((other) => other.zone === zone)?.private !== range).map(({ zone }) => zone);
}
