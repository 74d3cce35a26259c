/** A policy of the rehearsal's own process reads the properties that it would read off a wire. */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import fc from "fast-check";
import { forAnalyzer, asMap } from "../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../src/rehearsal/monitor/wire";
import { PlainStruct } from "../../src/rehearsal/policy/plain-struct";

const here = (properties: WireMap) => new PlainStruct(() => asMap(forAnalyzer(properties))).toJavaScript();
const offTheWire = (properties: WireMap) =>
  Struct.deserializeBinary(new PlainStruct(() => asMap(forAnalyzer(properties))).serializeBinary()).toJavaScript();

/** With the order of the names, which policies can see. */
const written = (value: unknown): string => JSON.stringify(value);

const keys = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "10", "9", "01", "", "é", "\u{1f600}"),
);
const properties = fc.dictionary(
  keys,
  fc.letrec<{ value: WireValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(keys, tie("value")),
    ),
  })).value,
);

test("properties are the same, with their names in the same order", () => {
  fc.assert(
    fc.property(properties, (map) => {
      expect(written(here(map))).toBe(written(offTheWire(map)));
      expect(here(map)).toEqual(offTheWire(map));
    }),
  );
});
