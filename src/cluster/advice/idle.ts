/** Objects that have no pods now: scaled to 0, suspended, or a template for others. */
import type { Advise } from "./types";

export const adviseOnIdle: Advise = ({ groups, tryMore }) =>
  groups
    .filter(({ pods }) => pods.count === 0)
    .flatMap((group) => {
      const { reason } = tryMore(group, 1);
      return reason === undefined ? [] : [{ object: group.object, message: `as soon as it has pods, they stay pending: ${reason}` }];
    });
