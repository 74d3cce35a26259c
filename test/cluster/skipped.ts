/** Tests that cannot run everywhere: where they cannot, they are skipped, with the reason in their title. */
import { liveContext } from "../harness/control-plane/context";

/** What stands in a test's way; undefined: nothing. */
export type Obstacle = string | undefined;

/** @param reason "whose processes are not the tests' to restart" */
export function liveCluster(reason: string): Obstacle {
  return liveContext() === undefined ? undefined : `not on a live cluster, ${reason}`;
}

export function describeUnless(obstacle: Obstacle, title: string, body: () => void): void {
  if (obstacle === undefined) {
    describe(title, body);
  } else {
    describe.skip(`${title} (${obstacle})`, body);
  }
}

export function testUnless(obstacle: Obstacle, title: string, body: () => Promise<void>): void {
  if (obstacle === undefined) {
    test(title, body);
  } else {
    test.skip(`${title} (${obstacle})`, body);
  }
}
