/** Objects that have no pods now: scaled to 0, paused, suspended, or a template for others. */
import { isPaused } from "../workloads";
import type { Advise } from "./types";

export const adviseOnIdle: Advise = ({ groups, tryMore }) =>
  groups
    .filter(({ pods }) => pods.count === 0)
    .flatMap((group) => {
      const { object } = group;
      const { reason } = tryMore(group, 1);
      return [
        ...(isPaused(object)
          ? [{ object, message: "it is paused, and Kubernetes makes no pods of it before somebody resumes it. Remove spec.paused" }]
          : []),
        ...(reason === undefined ? [] : [{ object, message: `as soon as it has pods, they stay pending: ${reason}` }]),
      ];
    });
