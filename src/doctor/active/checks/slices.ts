/** A pod with a claim of a tier sees the slice of its claim, and nothing else. */
import { tiersOf } from "../../../dra/tiers";
import type { Tier } from "../../../dra/tiers";
import type { Device } from "../../../dra/types";
import { findInstanceType } from "../../../hardware/instance-types";
import { askedPods } from "../../../planner/ask/pods";
import { tryOut } from "../../../planner/ask/trial";
import { restartPlugin } from "../../checks/plugin";
import type { Examined } from "../../check";
import { claimants } from "../../cluster";
import { unchecked } from "../attempt";
import type { Attempt, GivenDevice, Judgement, Outcome } from "../attempt";
import { probe } from "../pods";
import { describeSight, readSight } from "../sight";
import type { Sight } from "../sight";
import { imageOn } from "../situation";
import type { ActiveCheck, Situation } from "../situation";

export const checkSlicesOfTiers: ActiveCheck = (situation) => {
  const { cluster, declaration } = situation.examined;
  const models = declaration.gpuGroups.flatMap(({ instanceType }) => {
    const gpus = findInstanceType(instanceType)?.gpus;
    return gpus?.type === "mig" ? [gpus.model] : [];
  });
  const planned = tiersOf(models).map((tier) => {
    // The answer of the planner: what waits already comes first, and nobody is evicted.
    const asked = askedPods(
      cluster.planned,
      [{ count: 1, wanted: { type: "tier", tier: tier.name } }],
      situation.names.namespaces.team,
      "separate",
    );
    const { places, refused } = tryOut(cluster.planned, asked);
    const [place] = places;
    const node = cluster.gpuNodes.find(({ name }) => name === place?.node);
    const image =
      node === undefined
        ? ({ type: "invalid", reason: `no free slice (${refused[0]?.block.message ?? "none is published"})` } as const)
        : imageOn(node);
    return { tier, image };
  });
  return {
    attempts: planned.flatMap(({ tier, image }) => (image.type === "image" ? [attemptOf(tier, image.image, situation)] : [])),
    unchecked: planned.flatMap(({ tier, image }) =>
      image.type === "invalid"
        ? [
            {
              id: "slice-not-of-claim",
              what: `whether a pod with a claim of tier ${tier.name} sees its slice`,
              reason: image.reason,
            } as const,
          ]
        : [],
    ),
  };
};

function attemptOf(tier: Tier, image: string, { names, examined }: Situation): Attempt {
  return {
    id: "slice-not-of-claim",
    what: `a pod with a claim of tier ${tier.name}`,
    action: { type: "run", pod: probe({ names, place: "team", prefix: tier.name, image, template: tier.templateName }) },
    judge: (outcome) => judge(outcome, tier, examined),
  };
}

function judge(outcome: Outcome, tier: Tier, examined: Examined): Judgement {
  if (outcome.type !== "ended" || outcome.exitCode !== 0) {
    return unchecked(outcome);
  }
  const reading = readSight(outcome.message);
  if (reading.type === "invalid") {
    return { type: "unchecked", reason: reading.reason };
  }
  const [given, ...others] = outcome.devices;
  const device = given && published(given, examined);
  const uuid = device?.attributes["uuid"]?.string;
  if (given === undefined || others.length > 0 || device === undefined || uuid === undefined) {
    return {
      type: "unchecked",
      reason: `the claim got ${outcome.devices.map((each) => each.device).join(", ") || "no device"}, whose UUID nobody had published`,
    };
  }
  const { sight } = reading;
  if (sight.nvidiaSmi.type === "absent" && sight.devices.length > 0) {
    return { type: "unchecked", reason: `the container sees ${describeSight(sight)} and no nvidia-smi, which would name its slice` };
  }
  const seen = `a pod whose claim of tier ${tier.name} got ${given.device} (${uuid}) sees ${describeSight(sight)}`;
  if (seesOnly(sight, uuid, device)) {
    return { type: "holds", seen };
  }
  const node = examined.cluster.gpuNodes.find(({ name }) => name === outcome.nodeName);
  return {
    type: "broken",
    details: {
      subject: `node ${outcome.nodeName}`,
      seen,
      hurts: node === undefined ? [] : claimants(node),
      // A plugin lists the devices once, when it starts, and what it tells the container runtime comes from that list.
      commands: node === undefined ? [] : [restartPlugin(node, examined.command)],
    },
  };
}

/** NVML shows the GPU of a slice too. */
function seesOnly({ slices, gpus }: Sight, uuid: string, { attributes }: Device): boolean {
  const parent = attributes["parentUUID"]?.string;
  return slices.length === 1 && slices[0] === uuid && gpus.every((gpu) => gpu === parent);
}

function published({ pool, device }: GivenDevice, { cluster: { planned } }: Examined): Device | undefined {
  return planned.state.slices
    .filter(({ spec }) => spec.pool.name === pool)
    .flatMap(({ spec }) => spec.devices)
    .find(({ name }) => name === device);
}
