/** Jobs whose pods another controller makes. */
import { objectAt } from "../objects";
import type { ClusterObject } from "../objects";
import { otherController } from "../managed-by";
import type { Advise } from "./types";

export const adviseOnManagedBy: Advise = ({ groups }) =>
  groups.flatMap(({ object }) => {
    const controller = controllerOf(object);
    return controller === undefined
      ? []
      : [
          {
            object,
            message: `spec.managedBy is "${controller}": Kubernetes makes no pods of this Job, and none are placed here. To have them made in this cluster, remove managedBy`,
          },
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
