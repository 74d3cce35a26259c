/** The AWS role by which Prometheus writes to Amazon Managed Prometheus. */
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../config/regions";
import type { RemoteWrite } from "../config/types";
import { PROMETHEUS_SERVICE_ACCOUNT } from "../well-known/service-accounts";
import type { ControlPlane } from "./control-plane";
import { PodIdentityRole } from "./pod-identity";

export interface RemoteWriteRoleArgs {
  /**
   * Name of the cluster, as configured.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * The cluster.
   * @default none: required
   */
  readonly controlPlane: ControlPlane;
  /**
   * The workspace, which is in the stack's own account.
   * @default none: required
   */
  readonly workspace: RemoteWrite["auth"] & { readonly type: "sigv4" };
  /**
   * Tags of the role and of the association.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** A role that can write to one workspace and read nothing, for the service account of Prometheus. Pods get it when they start, so Prometheus comes after it. */
export class RemoteWriteRole extends pulumi.ComponentResource {
  constructor(name: string, args: RemoteWriteRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:RemoteWriteRole", name, {}, opts);
    const { clusterName, controlPlane, workspace, tags } = args;
    const { accountId } = getCallerIdentityOutput({}, { parent: this });
    const role = new PodIdentityRole(
      name,
      {
        clusterName,
        ...PROMETHEUS_SERVICE_ACCOUNT,
        policy: { type: "inline", document: accountId.apply((account) => JSON.stringify(remoteWritePolicy(workspace, account))) },
        tags,
      },
      { parent: this },
    );
    new PodIdentityAssociation(
      name,
      { clusterName: controlPlane.clusterName, ...PROMETHEUS_SERVICE_ACCOUNT, roleArn: role.arn, tags },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** The right to write to a workspace. Pure. Source: service authorization reference, "Actions defined by Amazon Managed Service for Prometheus" (read 2026-11-28). */
export function remoteWritePolicy({ region, workspaceId }: RemoteWriteRoleArgs["workspace"], accountId: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "aps:RemoteWrite",
        Resource: `arn:${partitionOf(region)}:aps:${region}:${accountId}:workspace/${workspaceId}`,
      },
    ],
  };
}
