/**
 * What has to be so for whatever a plugin of the platform's makes, whoever wrote the policy and whatever the case: a preview may leave a verdict to `up`
 * where something is unknown, and says so; what is known is judged at once; and `up` judges the resource like any other of the platform's.
 */
import { isDeepStrictEqual } from "node:util";
import { hasUnknown } from "../../src/rehearsal/monitor/wire";
import type { WireValue } from "../../src/rehearsal/monitor/wire";

/** What a policy says. */
export interface Verdict {
  /** At the policy's own level: these stop a run if the level is mandatory. */
  readonly refused: readonly string[];
  /** At the level advisory, whatever the policy's own is. */
  readonly warned: readonly string[];
}

const COMPONENT = "urn:pulumi:test::shared-gpu::shared-gpu:aws:ControlPlane";

/** URN of a resource that the eks component of the platform makes. */
export const childUrn = (type: string, name = "test") => `${COMPONENT}$eks:index:Cluster$${type}::${name}`;
/** URN of one that the platform's own component makes. */
export const ownUrn = (type: string, name = "test") => `${COMPONENT}$${type}::${name}`;

/** @param judge says what a policy says of the case under a URN. @param properties of the case. @throws when one of the three does not hold. */
export function checkAsChild(judge: (urn: (type: string) => string, isPreview: boolean) => Verdict, properties: unknown): void {
  const [own, atUp, inPreview] = [judge(ownUrn, false), judge(childUrn, false), judge(childUrn, true)];
  expectSame("a child of the component at `up`", atUp, own);
  // Most verdicts are the same, and then nobody need search the properties.
  if (!isDeepStrictEqual(inPreview, atUp) && !hasUnknown(properties as WireValue)) {
    expectSame("a child that is known, in a preview", inPreview, atUp);
  }
  const isSilent = inPreview.refused.length === 0 && inPreview.warned.length === 0;
  expectSame("a preview says nothing of what `up` refuses", isSilent && atUp.refused.length > 0, false);
}

/** `expect` takes longer than a policy does, so it is only called to show a difference. @throws when the two differ. */
export function expectSame(subject: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    expect({ [subject]: actual }).toStrictEqual({ [subject]: expected });
  }
}
