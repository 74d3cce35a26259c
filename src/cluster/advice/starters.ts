/** Pods that another scheduler places, or another controller makes. */
import type { ObjectProblem } from "../judgement/checks";
import { objectAt } from "../objects";
import type { ClusterObject } from "../objects";
import { otherController, otherScheduler } from "../starters";
import type { Advise } from "./types";

export const adviseOnStarters: Advise = ({ groups }) =>
  groups.flatMap(({ object, pods: { template } }): readonly ObjectProblem[] => {
    const scheduler = otherScheduler(template.spec);
    const controller = controllerOf(object);
    return [
      ...(scheduler === undefined
        ? []
        : [
            {
              object,
              message: `its pods are for the scheduler "${scheduler}", which is not part of the stack. If no chart installs it, they stay pending. Here they are placed as kube-scheduler places pods. To leave them to kube-scheduler, remove schedulerName`,
            },
          ]),
      ...(controller === undefined
        ? []
        : [
            {
              object,
              message: `spec.managedBy is "${controller}": Kubernetes makes no pods of this Job, and none are placed here. To have them made in this cluster, remove managedBy`,
            },
          ]),
    ];
  });

function controllerOf({ apiVersion, kind, body }: ClusterObject): string | undefined {
  switch (`${apiVersion} ${kind}`) {
    case "batch/v1 Job":
      return otherController(objectAt(body, "spec"));
    case "batch/v1 CronJob":
      return otherController(objectAt(body, "spec", "jobTemplate", "spec"));
    default:
      return undefined;
  }
}
