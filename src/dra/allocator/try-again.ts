/**
 * Tries over and over what waits for something else of the list, until nothing more comes of it: kube-scheduler takes up a pod again that wants to be near others,
 * or evenly spread, whenever a further pod runs. @param attempt whether something came of it that others may wait for.
 */
export function tryAgain<T>(waiting: readonly T[], attempt: (each: T) => boolean): void {
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const each of waiting) {
      if (attempt(each)) {
        isSettled = false;
      }
    }
  }
}
