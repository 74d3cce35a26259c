import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import { ruleFile, ruleGroups } from "../../monitoring/rules/groups";
import type { MonitoredStack } from "../../monitoring/stack";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";

/** The rules of a stack as the object that the Prometheus operator hands to Prometheus. */
export function prometheusRule(stack: MonitoredStack): CustomResourceArgs {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "shared-gpu", namespace: MONITORING_NAMESPACE },
    spec: ruleFile(ruleGroups(stack)),
  };
}
