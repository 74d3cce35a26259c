import fc from "fast-check";
import { mergeValues } from "../../../src/releases/helm/merge";
import type { HelmValues } from "../../../src/releases/helm/merge";

const values = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<HelmValues>;

describe("values laid over values", () => {
  it.each<[what: string, base: HelmValues, extra: HelmValues, merged: HelmValues]>([
    ["merge at every depth", { a: { b: { c: 1, d: 2 } } }, { a: { b: { d: 3 }, e: 4 } }, { a: { b: { c: 1, d: 3 }, e: 4 } }],
    ["replace lists", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["replace a map by a scalar and the other way round", { a: { b: 1 }, c: 1 }, { a: 1, c: { d: 1 } }, { a: 1, c: { d: 1 } }],
    ["keep null, with which Helm removes a default", { a: { b: 1 } }, { a: null }, { a: null }],
    ["treat inherited names as keys like any other", { a: 1 }, { toString: { b: 1 } }, { a: 1, toString: { b: 1 } }],
  ])("%s", (_what, base, extra, merged) => {
    expect(mergeValues(base, extra)).toEqual(merged);
  });

  it("say everything the upper ones say", () => {
    fc.assert(
      fc.property(values, values, (base, extra) => {
        const merged = mergeValues(base, extra);
        expect(mergeValues(merged, extra)).toEqual(merged);
        expect(Object.keys(merged).sort()).toEqual([...new Set([...Object.keys(base), ...Object.keys(extra)])].sort());
      }),
    );
  });

  it("leave what they were made of as it was, and add nothing of their own", () => {
    fc.assert(
      fc.property(values, values, (base, extra) => {
        const before = JSON.stringify([base, extra]);
        mergeValues(base, extra);
        expect(JSON.stringify([base, extra])).toBe(before);
        expect(mergeValues(base, {})).toEqual(base);
        expect(mergeValues({}, extra)).toEqual(extra);
      }),
    );
  });
});
