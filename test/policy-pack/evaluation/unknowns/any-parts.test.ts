/** Any parts of what the stacks register can be unknown together: apart from previews.test.ts, because it is another one for every seed. */
import fc from "fast-check";
import { asChildren, firstPreviews } from "./first-previews";
import { refused } from "./refusals";
import { pathsOf, withUnknown } from "./values";

let children: ReturnType<typeof asChildren>;
beforeAll(async () => {
  children = asChildren(await firstPreviews());
}, 1_800_000);

test("a preview passes whatever a component's plugin makes, with any of its parts unknown", () => {
  fc.assert(
    fc.property(fc.constantFrom(...children), fc.infiniteStream(fc.boolean()), (child, coins) => {
      const paths = pathsOf(child.inputs).filter(() => coins.next().value);
      expect(refused([{ ...child, inputs: withUnknown(child.inputs, paths) }])).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
