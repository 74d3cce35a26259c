/** What a step of an `up` does to nodes, and so to pods that run. Pure. */
import { MIG_CONFIG_LABEL } from "../../well-known/labels";
import { EKS_ADDON, EKS_CLUSTER, EKS_NODE_GROUP, HELM_RELEASE } from "../../well-known/resource-types";
import { draDriverLine, draDriverPublication } from "../../releases/dra-driver-lines";
import type { DraDriverPublication } from "../../releases/dra-driver-lines";
import { asMap, unwrap } from "../monitor/wire";
import { isDraDriverChart } from "../recorded/release";
import { isChanged } from "./changes";
import type { Changes } from "./changes";
import { isGoneAlready, isKept, subjectOf } from "./plan";
import type { Step } from "./plan";
import { NAMESPACE, WORKLOADS, rolls } from "./stopped-pods";

/** One or two sentences; empty for a step that nodes and pods do not notice. */
export function consequenceOf(step: Step): string {
  if (isGoneAlready(step)) {
    const created = step.type === "replace" ? ofType({ type: "create", resource: step.resource }) : "Pulumi removes it from its state.";
    return ["An interrupted run has deleted it already.", created].filter((text) => text !== "").join(" ");
  }
  if (isKept(step)) {
    return "The one that is there stays, with everything in it: it is marked to be retained, and Pulumi forgets it.";
  }
  return ofType(step);
}

function ofType(step: Step): string {
  const { type } = subjectOf(step);
  switch (type) {
    case EKS_CLUSTER:
      return ofCluster(step);
    case EKS_NODE_GROUP:
      return ofNodeGroup(step);
    case EKS_ADDON:
      return step.type === "update" && step.changes.found.some(({ path }) => path === "addonVersion")
        ? "EKS replaces the add-on's pods. Other pods keep running."
        : "";
    case HELM_RELEASE:
      return ofRelease(step);
    case NAMESPACE:
      return step.type === "delete" || step.type === "replace" ? "Deletes everything in the namespace, its pods and volumes included." : "";
    default:
      return WORKLOADS.includes(type) ? ofWorkload(step) : "";
  }
}

/**
 * Whether the DRA driver names devices in another way after the step.
 *
 * The claims of running pods keep the old names. For the scheduler the new names are free devices, so it gives a slice away that is in use, and the plugin
 * compares names, too. Source: kubernetes-sigs/dra-driver-nvidia-gpu v0.4.1, cmd/gpu-kubelet-plugin/device_state.go, validateNoOverlappingPreparedDevices.
 * Nor can the plugin of 0.4 read what that of 25.8 wrote down of prepared slices: `info` of a MIG device became `concrete`, and the checksum is that of
 * the text with the fields that the reader knows (checkpoint.go and prepared.go of both versions). It ends when it starts, and pods stay `Terminating`.
 */
export function renamesDevices(step: Step): boolean {
  if (step.type !== "update" && step.type !== "replace") {
    return false;
  }
  const { chart, version } = step.resource.inputs;
  if (step.resource.type !== HELM_RELEASE || !isDraDriverChart(chart)) {
    return false;
  }
  const before = deviceNamesOf(String(step.deployed.inputs["version"]));
  const after = deviceNamesOf(String(version));
  return before === undefined || after === undefined ? step.deployed.inputs["version"] !== version : before !== after;
}

function deviceNamesOf(version: string): DraDriverPublication["deviceNames"] | undefined {
  const line = draDriverLine(version);
  return line && draDriverPublication(line).deviceNames;
}

function ofCluster(step: Step): string {
  switch (step.type) {
    case "update":
      return step.changes.found.some(({ path }) => path === "version")
        ? "EKS upgrades the control plane, which takes several minutes and cannot be stopped. Pods keep running. The nodes follow, because a kubelet must not be newer."
        : "";
    case "replace":
    case "delete":
      return "Deletes the cluster with everything in it.";
    default:
      return "";
  }
}

function ofNodeGroup(step: Step): string {
  switch (step.type) {
    case "create":
      return "Starts new nodes.";
    case "replace":
      return "EKS starts a new node group before it drains and deletes the old one, so the account needs capacity for both. Pods are evicted, and recreated on the new nodes.";
    case "delete":
      return "EKS drains and ends its nodes. Pods are evicted, and recreated where there is room.";
    case "update":
      return ofChangedGroup(step.changes, asMap(unwrap(step.resource.wire.inputs.updateConfig ?? null).value).updateStrategy);
    default:
      return "";
  }
}

function ofChangedGroup(changes: Changes, strategy: unknown): string {
  const texts = [
    rolls(changes)
      ? strategy === "MINIMAL"
        ? "EKS replaces every node: it drains and ends an old one before it starts a new one. Pods are evicted, and the slices of that node are away meanwhile."
        : "EKS replaces every node: it starts a new one, then drains and ends an old one. Pods are evicted, and recreated on the new nodes."
      : "",
    changes.found.some(({ path }) => path.includes(MIG_CONFIG_LABEL))
      ? "MIG Manager divides the GPUs of all nodes of the pool again, at once. Drain them first: it does not evict pods, and fails while slices are in use."
      : "",
    isChanged(changes, "scalingConfig") ? "EKS starts or drains nodes until there are as many as you want." : "",
  ];
  return texts.filter((text) => text !== "").join(" ");
}

function ofRelease(step: Step): string {
  if (step.type === "delete" || step.type === "replace") {
    return "Helm deletes what the chart has installed.";
  }
  if (step.type !== "update" || !isDraDriverChart(step.resource.inputs["chart"])) {
    return "";
  }
  return renamesDevices(step)
    ? "The driver's plugin restarts and names devices in another way. Drain the GPU nodes first: pods that hold slices would share them with others, or stay Terminating."
    : "The driver's plugin restarts. Pods with slices keep running.";
}

function ofWorkload(step: Step): string {
  switch (step.type) {
    case "replace":
      return "Its pods end, and new ones start.";
    case "delete":
      return "Its pods end.";
    case "create":
      return "Its pods start.";
    case "update":
      return isChanged(step.changes, "spec.template") ? "Kubernetes replaces its pods." : "";
    default:
      return "";
  }
}
