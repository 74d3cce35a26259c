/** A pod without a claim sees no GPU of its node, whatever it asks the container runtime for. */
import { DEVICE_LIST_DIRECTORY, VISIBLE_DEVICES_VARIABLE } from "../../../well-known/device-requests";
import { HOSTNAME_LABEL } from "../../../well-known/labels";
import { subjectOf } from "../../check";
import { claimants } from "../../cluster";
import type { ObservedNode } from "../../cluster";
import { unchecked } from "../attempt";
import type { Attempt, Judgement, Outcome } from "../attempt";
import { probe } from "../pods";
import type { ProbeOptions } from "../pods";
import { describeSight, readSight } from "../sight";
import { imageOn } from "../situation";
import type { ActiveCheck, Situation } from "../situation";

/**
 * The ways past a claim that the node itself must close ("The node line" of docs/security.md). Source: NVIDIA/nvidia-container-toolkit v1.19.1, `internal/config/image/cuda_image.go`:
 * only mounts of `/dev/null` count.
 */
const WAYS: readonly (Pick<ProbeOptions, "place" | "env" | "nullMount" | "prefix"> & { readonly how: string })[] = [
  {
    ...{ how: `with ${VISIBLE_DEVICES_VARIABLE}=all`, prefix: "variable", place: "open" },
    env: [{ name: VISIBLE_DEVICES_VARIABLE, value: "all" }],
  },
  { how: `with ${VISIBLE_DEVICES_VARIABLE}=all from its image`, prefix: "image", place: "open" },
  { how: "with a list of devices as mounts", prefix: "mount", place: "host", nullMount: `/var/run/${DEVICE_LIST_DIRECTORY}/all` },
];

export const checkWithoutClaim: ActiveCheck = (situation) => {
  const nodes = situation.examined.cluster.gpuNodes.filter(({ group }) => group !== undefined);
  const images = nodes.map((node) => ({ node, reading: imageOn(node) }));
  return {
    attempts: images.flatMap(({ node, reading }) =>
      reading.type === "image" ? WAYS.map((way) => attemptOf(node, reading.image, way, situation)) : [],
    ),
    unchecked: images.flatMap(({ node, reading }) =>
      reading.type === "invalid"
        ? [
            {
              id: "gpu-without-claim",
              what: `whether a pod without a claim sees GPUs of ${subjectOf(node)}`,
              reason: reading.reason,
            } as const,
          ]
        : [],
    ),
  };
};

function attemptOf(node: ObservedNode, image: string, { how, ...options }: (typeof WAYS)[number], { names, examined }: Situation): Attempt {
  const { command } = examined;
  return {
    id: "gpu-without-claim",
    what: `a pod without a claim on ${subjectOf(node)}, ${how}`,
    action: {
      type: "run",
      pod: probe({ ...options, names, image, nodeSelector: { [HOSTNAME_LABEL]: node.labels[HOSTNAME_LABEL] ?? node.name } }),
    },
    judge: (outcome: Outcome): Judgement => {
      if (outcome.type !== "ended" || outcome.exitCode !== 0) {
        return unchecked(outcome);
      }
      const reading = readSight(outcome.message);
      if (reading.type === "invalid") {
        return { type: "unchecked", reason: reading.reason };
      }
      const { sight } = reading;
      const seen = `a pod without a claim, ${how}, sees ${describeSight(sight)}`;
      return sight.devices.length + sight.gpus.length + sight.slices.length === 0
        ? { type: "holds", seen }
        : {
            type: "broken",
            details: {
              ...{ subject: subjectOf(node), seen, hurts: claimants(node) },
              // A new node gets its settings from the launch template. They are read once, when a node starts.
              commands: [
                command.kubectl("drain", node.name, "--ignore-daemonsets", "--delete-emptydir-data"),
                command.aws("ec2", "terminate-instances", "--instance-ids", node.instance),
              ],
            },
          };
    },
  };
}
