import { LimitRange, Namespace, ResourceQuota } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import { ResourceClaimTemplate } from "@pulumi/kubernetes/resource/v1";
import * as pulumi from "@pulumi/pulumi";
import type { GpuPool, Team } from "../../config/types";
import { tiersOf } from "../../dra/tiers";
import type { KubernetesRules } from "../../releases/kubernetes";
import { TEAM_LABEL } from "../../well-known/labels";
import { claimTemplate } from "../tiers/claim-templates";
import { namespace } from "../namespaces";
import { teamRole, teamRoleBinding } from "./access";
import { teamLimitRange, teamQuota } from "./limits";
import { teamNetworkPolicies } from "./network";

export interface TeamsArgs {
  /** The teams, each with a namespace of its own. */
  readonly teams: readonly Team[];
  /** All GPU pools: every team gets a claim template for each tier that their GPUs have. */
  readonly pools: readonly GpuPool[];
  /** What the cluster's Kubernetes does: where pods can ask for devices without a claim, the quota has that at zero. */
  readonly kubernetes: Pick<KubernetesRules, "featureGates">;
}

/** A namespace per team with its claim templates, quota, limits, network policies and, where the team has a group, its members' rights. */
export class Teams extends pulumi.ComponentResource {
  /** Names of the namespaces, in the order of the configuration. */
  readonly namespaces: pulumi.Output<string[]>;

  constructor(name: string, args: TeamsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:Teams", name, {}, opts);
    this.namespaces = pulumi.all(args.teams.map((team) => this.addTeam(team, args).metadata.name));
    this.registerOutputs({ namespaces: this.namespaces });
  }

  private addTeam(team: Team, { pools, kubernetes }: TeamsArgs): Namespace {
    const ns = new Namespace(team.name, namespace(team.name, "restricted", { [TEAM_LABEL]: team.name }), { parent: this });
    const child = { parent: this, dependsOn: [ns] };

    new ResourceQuota(team.name, teamQuota(team, pools, kubernetes), child);
    new LimitRange(team.name, teamLimitRange(team, pools), child);
    for (const policy of teamNetworkPolicies(team.name)) {
      new NetworkPolicy(`${team.name}-${policy.metadata.name}`, policy, child);
    }
    for (const tier of tiersOf(pools.map(({ layout }) => layout.model))) {
      new ResourceClaimTemplate(`${team.name}-${tier.templateName}`, claimTemplate(tier, team.name), {
        ...child,
        // The API server refuses any change of the spec, and the name is fixed.
        replaceOnChanges: ["spec"],
        deleteBeforeReplace: true,
      });
    }
    if (team.group !== undefined) {
      const role = new Role(team.name, teamRole(team.name), child);
      new RoleBinding(team.name, teamRoleBinding(team.name, team.group), { parent: this, dependsOn: [ns, role] });
    }
    return ns;
  }
}
