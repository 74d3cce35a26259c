/** Properties that policies share: each rule is told of the unknown values that it reads, as if it had read them alone. */
import { readProperties, shareProperties } from "../../../policy-pack/evaluation/shared-properties";
import { UNKNOWN, kept } from "../../../policy-pack/evaluation/snapshot";
import type { Snapshot } from "../../../policy-pack/evaluation/snapshot";
import { UNKNOWN as UNKNOWN_TEXT } from "../../../src/rehearsal/monitor/wire";

const properties = { kind: "Pod", spec: { nodeName: UNKNOWN_TEXT, containers: [] } };

/** What a rule reads of a ticket, and the unknown values that it is told of. */
function readBy(ticket: Snapshot, rule: (props: Snapshot) => unknown) {
  const unknown: string[] = [];
  const read = rule(readProperties(ticket, (path) => unknown.push(path)));
  return { read, unknown };
}

const nodeName = ({ spec }: Snapshot) => (spec as { readonly nodeName: unknown }).nodeName;

test("properties are unpacked once, when a rule first reads them", () => {
  const unpack = jest.fn(() => properties);
  const { ticket } = shareProperties(unpack);
  expect(unpack).not.toHaveBeenCalled();
  expect(readBy(ticket, ({ kind }) => kind)).toEqual({ read: "Pod", unknown: [] });
  expect(readBy(ticket, ({ kind }) => kind)).toEqual({ read: "Pod", unknown: [] });
  expect(unpack).toHaveBeenCalledTimes(1);
});

test("every rule is told of the unknown values that it reads, and of no others", () => {
  const { ticket } = shareProperties(() => properties);
  expect(readBy(ticket, nodeName)).toEqual({ read: UNKNOWN, unknown: ["spec.nodeName"] });
  expect(readBy(ticket, ({ kind }) => kind)).toEqual({ read: "Pod", unknown: [] });
  expect(readBy(ticket, nodeName)).toEqual({ read: UNKNOWN, unknown: ["spec.nodeName"] });
});

test("resources do not share with each other", () => {
  const [one, other] = ["Pod", "Job"].map((kind) => shareProperties(() => ({ kind })).ticket);
  expect(readBy(one ?? {}, ({ kind }) => kind).read).toBe("Pod");
  expect(readBy(other ?? {}, ({ kind }) => kind).read).toBe("Job");
});

test("what every object has is no property, whether something is unknown or not", () => {
  for (const content of [{}, properties]) {
    const { ticket } = shareProperties(() => content);
    expect(readBy(ticket, (props) => [props["constructor"], props["toString"]]).read).toEqual([undefined, undefined]);
  }
});

test("once every policy has been asked, the properties are gone", () => {
  const { ticket, end } = shareProperties(() => properties);
  end();
  expect(readBy(ticket, ({ kind }) => kind).read).toBeUndefined();
});

test("what is read of properties is kept, but not what is read of an unknown value", () => {
  const { ticket } = shareProperties(() => properties);
  const readKind = jest.fn(({ kind }: Snapshot) => ({ kind }));
  const readNodeName = jest.fn((props: Snapshot) => ({ name: nodeName(props) }));
  const keptKind = kept((props: Snapshot) => props, readKind);
  const keptNodeName = kept((props: Snapshot) => props, readNodeName);
  for (const unknown of [["spec.nodeName"], ["spec.nodeName"]]) {
    expect(readBy(ticket, (props) => keptKind(props))).toEqual({ read: { kind: "Pod" }, unknown: [] });
    expect(readBy(ticket, (props) => keptNodeName(props))).toEqual({ read: { name: UNKNOWN }, unknown });
  }
  expect(readKind).toHaveBeenCalledTimes(1);
  expect(readNodeName).toHaveBeenCalledTimes(2);
});
