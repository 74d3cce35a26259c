import type { Policies } from "@pulumi/policy";
import { awsPolicies } from "./aws";
import { enforceBalancedMigProfiles, forbidClaimPrivileges, forbidGpuFromSlices } from "./claims";
import { hourlyListPrice } from "./cost";
import { helmPolicies } from "./helm";
import { reserveClusterRights, reservePlatformObjects } from "./platform-only";
import { forbidGpusWithoutClaim, forbidNodeAccess } from "./pods";
import { forbidServicesBeyondCluster } from "./services";
import { kubernetesVersionSupported } from "./support";

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
