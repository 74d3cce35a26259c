import type { Policies } from "@pulumi/policy";
import { awsPolicies } from "./aws/aws";
import { enforceBalancedMigProfiles, forbidClaimPrivileges, forbidGpuFromSlices } from "./claims/claims";
import { hourlyListPrice } from "./aws/hourly-list-price";
import { helmPolicies } from "./helm/helm";
import { reserveClusterRights, reservePlatformObjects } from "./platform/reserved-objects";
import { forbidGpusWithoutClaim, forbidNodeAccess } from "./pods/pods";
import { forbidServicesBeyondCluster } from "./platform/services";
import { kubernetesVersionSupported } from "./aws/kubernetes-version";

/** Every policy of the pack. */
export const policies: Policies = [
  enforceBalancedMigProfiles,
  forbidGpuFromSlices,
  forbidClaimPrivileges,
  forbidGpusWithoutClaim,
  forbidNodeAccess,
  forbidServicesBeyondCluster,
  reservePlatformObjects,
  reserveClusterRights,
  ...awsPolicies,
  ...helmPolicies,
  hourlyListPrice,
  kubernetesVersionSupported,
];
