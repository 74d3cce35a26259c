import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { MONITORING_NAMESPACE } from "../../../well-known/namespaces";
import {
  SLICE_EXPORTER,
  sliceExporterClusterRole,
  sliceExporterConfigMap,
  sliceExporterDeployment,
  sliceExporterMonitor,
  sliceExporterService,
} from "./objects";

export interface SliceExporterArgs {
  /** Image with Node.js. */
  readonly image: string;
}

/** Slices, claims and GPU nodes as metrics. kube-state-metrics cannot read them (src/monitoring/sources/slices.ts). */
export class SliceExporter extends pulumi.ComponentResource {
  constructor(name: string, { image }: SliceExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:SliceExporter", name, {}, opts);
    const child = { parent: this };
    const account = { name: SLICE_EXPORTER, namespace: MONITORING_NAMESPACE };

    new ServiceAccount(name, { metadata: account }, child);
    const role = new ClusterRole(name, sliceExporterClusterRole(), child);
    new ClusterRoleBinding(
      name,
      {
        metadata: { name: SLICE_EXPORTER },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", ...account }],
      },
      child,
    );
    const configMapArgs = sliceExporterConfigMap();
    const configMap = new ConfigMap(name, configMapArgs, child);
    new Deployment(name, sliceExporterDeployment(configMapArgs.metadata.name, image), { parent: this, dependsOn: [configMap] });
    new Service(name, sliceExporterService(), child);
    new CustomResource(name, sliceExporterMonitor(), child);
    this.registerOutputs({});
  }
}
