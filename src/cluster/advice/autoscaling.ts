/** Autoscalers that ask for more pods than have places, and numbers of pods that they override. */
import { textOf } from "../../json/text-of";
import { isObject } from "../../dra/manifest/fields";
import type { Scaling } from "../autoscalers";
import type { ObjectProblem } from "../judgement/checks";
import { objectAt } from "../objects";
import { placedOf, podsInWords } from "./types";
import type { Advise, PodGroup, Situation } from "./types";

export const adviseOnAutoscaling: Advise = (situation) => [
  ...situation.groups.flatMap((group) => {
    const scaling = group.pods.role === "" ? situation.autoscalers.of(group.object) : undefined;
    return scaling === undefined
      ? ofOwnScale(group, situation)
      : [
          ...overridden(group, scaling),
          ...tooMany(group, scaling.least, scaling.fields.least, situation, scaling),
          ...(scaling.most > scaling.least ? tooMany(group, scaling.most, scaling.fields.most, situation, scaling) : []),
        ];
  }),
  ...withoutTarget(situation),
];

/** An autoscaler inside of the object: that of a model server, of a Ray cluster. */
function ofOwnScale(group: PodGroup, situation: Situation): readonly ObjectProblem[] {
  const most = group.pods.most;
  return most === undefined || most <= group.pods.count ? [] : tooMany(group, most, "its largest number", situation);
}

function overridden({ object }: PodGroup, { object: scaler, least, most }: Scaling): readonly ObjectProblem[] {
  const { replicas } = objectAt(object.body, "spec");
  return typeof replicas === "number" && replicas > 0
    ? [
        {
          object,
          message: `spec.replicas: ${String(replicas)}: ${scaler.kind} "${scaler.name}" decides how many pods there are (${String(least)} to ${String(most)}), and each time that you apply the object it starts again from ${String(replicas)}. Leave replicas out`,
        },
      ]
    : [];
}

/** How many of a number of pods have places; nothing where all have. @param scaling undefined: the object's own. */
function tooMany(group: PodGroup, wanted: number, field: string, { tryMore }: Situation, scaling?: Scaling): readonly ObjectProblem[] {
  const placed = placedOf(group).length;
  const pending = group.outcomes.find((outcome) => outcome.type === "pending");
  if (wanted <= placed || (pending !== undefined && pending.type !== "pending")) {
    return [];
  }
  const trial = pending === undefined ? tryMore(group, wanted - group.pods.count) : { placed: 0, reason: pending.reason };
  const fits = placed + trial.placed;
  return trial.reason === undefined || fits >= wanted
    ? []
    : [
        {
          object: scaling?.object ?? group.object,
          message: `${field}: ${String(wanted)}: ${podsInWords(fits)} of ${group.object.kind} "${group.object.name}"${group.pods.role === "" ? "" : ` (${group.pods.role})`} ${fits === 1 ? "has a place" : "have places"} beside everything else, and the next one stays pending: ${trial.reason}. Set it to at most ${String(fits)}, or make room`,
        },
      ];
}

const SCALABLE: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

function withoutTarget({ objects }: Situation): readonly ObjectProblem[] {
  const known = new Set(objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`));
  return objects
    .filter(({ kind }) => kind === "HorizontalPodAutoscaler")
    .flatMap((object) => {
      const target = objectAt(object.body, "spec")["scaleTargetRef"];
      const { kind, name } = isObject(target) ? target : {};
      return SCALABLE.includes(textOf(kind)) && !known.has(`${textOf(kind)}/${object.namespace}/${textOf(name)}`)
        ? [
            {
              object,
              message: `spec.scaleTargetRef: there is no ${textOf(kind)} "${textOf(name)}" in namespace "${object.namespace}" in the stack or in the manifests`,
            },
          ]
        : [];
    });
}
