/** Fifth link: the node publishes exactly the slices of its layout. And slices that no plugin published. */
import { listAt, nameOf } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { beyond, currentPool } from "../../cluster/readiness";
import type { GpuSlice } from "../../cluster/readiness";
import { WHOLE_GPU } from "../../hardware/node-devices";
import { valueAt } from "../../json/value-at";
import { DRIVER } from "../../well-known/attributes";
import { HOLDS, broken, finding, notYet, subjectOf } from "../check";
import type { ClusterCheck, NodeCheck } from "../check";
import { claimants, isForeignSlice, podsOf } from "../cluster";
import { PATIENCE_MS } from "../patience";
import { restartPlugin } from "./plugin";

export const checkSlices: NodeCheck = (node, { cluster: { now }, command }) => {
  const { group } = node;
  if (group === undefined) {
    return { holds: false };
  }
  const { devices, share } = currentPool(node.slices as unknown as readonly GpuSlice[]);
  const details = { subject: subjectOf(node), hurts: claimants(node), commands: [restartPlugin(node, command)] };
  const [missing, surplus] = devices === undefined ? ["", ""] : [beyond(group.devices, devices), beyond(devices, group.devices)];
  if (devices !== undefined && missing === "" && surplus === "") {
    return HOLDS;
  }
  const [plugin] = podsOf("draPlugin", node.pods);
  if (plugin?.startedAt !== undefined && now - plugin.startedAt < PATIENCE_MS.publication) {
    return notYet(node, "the DRA driver's plugin publishes its slices");
  }
  if (devices === undefined) {
    return node.slices.length === 0
      ? broken("slices-none", { ...details, seen: "the plugin runs and publishes nothing" })
      : broken("slices-in-part", { ...details, seen: `${share} of the pool are published` });
  }
  const seen = [missing && `missing ${missing}`, surplus && `unexpected ${surplus}`].filter((part) => part !== "").join(", ");
  return broken(devices[WHOLE_GPU] !== undefined && group.devices[WHOLE_GPU] === undefined ? "slices-whole-gpus" : "slices-differ", {
    ...details,
    seen,
  });
};

export const checkForeignSlices: ClusterCheck = ({ cluster: { observation, nodeNames }, command }) => {
  // The planner's files do not say who owns a slice.
  const listed = observation.names === "numbered" ? [] : observation.objects.ResourceSlice;
  const slices = listed.filter((slice) => valueAt(slice, "spec", "driver") === DRIVER);
  const remove = (slice: JsonObject) => command.kubectl("delete", "resourceslice", nameOf(slice));
  const describe = (slice: JsonObject) => ({
    subject: `ResourceSlice ${nameOf(slice)}`,
    commands: [remove(slice)],
  });
  const count = (slice: JsonObject) => String(listAt(slice, "spec", "devices").length);
  return {
    findings: slices.filter(isForeignSlice).map((slice) => {
      const node = String(valueAt(slice, "spec", "nodeName"));
      return nodeNames.has(node)
        ? finding("slices-foreign", { ...describe(slice), seen: `${count(slice)} devices for node ${node}, which does not own it` })
        : finding("slices-of-gone-node", { ...describe(slice), seen: `${count(slice)} devices of node ${node}, which does not exist` });
    }),
  };
};
