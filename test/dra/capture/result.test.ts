import { readCapture } from "../../../src/dra/capture/read";
import type { CapturedNode } from "../../../src/dra/capture/read";
import { compareCapture } from "../../../src/dra/capture/result";
import { formatCaptureResult } from "../../../src/dra/capture/text";
import { RECORDINGS, recordedDocument, recordedNode } from "../recorded-slices/recorded-slices";

const EQUAL = recordedNode("v0.4.1-80-9728");
const DIFFERENT = recordedNode("v0.4.1-80");
const UNKNOWN: CapturedNode = { ...EQUAL, devices: [] };

describe("the result", () => {
  it.each([
    ["equal", [EQUAL]],
    ["differs", [EQUAL, UNKNOWN, DIFFERENT]],
    ["unknown", [EQUAL, UNKNOWN]],
  ] as const)("is %s by the worst of its nodes", (result, nodes) => {
    expect(compareCapture(nodes).result).toBe(result);
  });

  it("numbers nodes, and says once what several have alike", () => {
    const { nodes } = compareCapture([EQUAL, DIFFERENT, { ...EQUAL, devices: [...EQUAL.devices].reverse() }]);
    expect(nodes.map((entry) => entry.nodes)).toEqual([[1, 3], [2]]);
  });

  it("is printed in words", () => {
    const result = compareCapture([EQUAL, DIFFERENT, UNKNOWN, recordedNode("v25.8.1-mixed")]);
    expect(formatCaptureResult(result, 3)).toMatchInlineSnapshot(`
      "Node 1: equal
        NVIDIA A100-SXM4-80GB, NVIDIA driver 580.159.3, DRA driver 0.4.x, 32 devices: 8 of 3g.40gb x1, 2g.20gb x1, 1g.10gb x2

      Node 2: differs
        NVIDIA A100-SXM4-80GB, NVIDIA driver 580.159.3, DRA driver 0.4.x, 32 devices: 8 of 3g.40gb x1, 2g.20gb x1, 1g.10gb x2
        capacity memory of 16 x 1g.10gb: published 9856Mi, the model says 9728Mi
        The model assumes: the memory of 1g.10gb is that of NVIDIA driver 560.35.03
        The model assumes: the 9728 MiB of 1g.10gb with drivers from 560 on were captured on the PCIe board
        The model assumes: the MiB of the larger slices come from listings that do not show their driver

      Node 3: cannot tell
        The node published no device, so its slices do not say what it is

      Node 4: differs
        NVIDIA A100-SXM4-40GB, NVIDIA driver 580.159.3, DRA driver 25.8.x, 28 devices: 2 of a whole GPU; 2 of 4g.20gb x1, 2g.10gb x1, 1g.5gb+me x1; 4 of 3g.20gb x1, 1g.5gb x4
        capacity memory of 2 x 2g.10gb: published 9856Mi, the model says 9984Mi
        capacity memory of 4 x 3g.20gb: published 19968Mi, the model says 20096Mi
        capacity memory of 2 x 4g.20gb: published 19968Mi, the model says 20096Mi
        The model assumes: the memory of 2g.10gb is that of NVIDIA driver 560.35.03
        The model assumes: the memory of 3g.20gb is that of NVIDIA driver 560.35.03
        The model assumes: the memory of 4g.20gb is that of NVIDIA driver 560.35.03

      Slices of other drivers, which were left out: 3

      Nodes that are equal: 1, differs: 2, cannot tell: 1
      "
    `);
  });

  it("names no node, UUID, address or account of any recording", () => {
    for (const name of RECORDINGS) {
      const capture = readCapture([JSON.parse(JSON.stringify(recordedDocument(name)).replaceAll("node-1", "ip-10-0-1-2.internal"))]);
      if (capture.type === "unreadable") throw new Error(capture.reason);
      const result = compareCapture(capture.nodes);
      const texts = [JSON.stringify(result), formatCaptureResult(result, 0)];
      for (const text of texts) expect(text).not.toMatch(/ip-10|internal|[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{4}:[0-9a-f]{2}:/);
    }
  });

  it("names no text that only one machine has, wherever it is", () => {
    const secret = "arn:aws:iam::123456789012:role/x";
    const { attributes, capacity, ...device } = EQUAL.devices[0] ??
      EQUAL.devices[1] ?? { name: "", attributes: {}, capacity: {}, otherFields: [] };
    const leaking: CapturedNode = {
      ...EQUAL,
      name: secret,
      pool: secret,
      devices: [
        {
          ...device,
          attributes: {
            ...Object.fromEntries(
              Object.entries(attributes).map(([name, value]) => [
                name,
                name === "productName" || name.endsWith("Version") ? value : { string: secret },
              ]),
            ),
            pciBusID: { string: secret },
            "resource.kubernetes.io/pciBusID": { string: secret },
            clusterUUID: { string: secret },
            build: { version: secret },
            owner: { version: "1.0.0-123456789012" },
            account: { int: 123456789012 },
            "123456789012.example.com/rack": { string: "a" },
            list: { strings: [secret] },
          },
          capacity: { ...capacity, memory: { value: secret }, "123456789012.example.com/size": { value: "1" } },
          otherFields: ["123456789012"],
        },
      ],
    };
    const result = compareCapture([leaking]);
    expect(result.result).toBe("differs");
    expect(JSON.stringify(result)).not.toContain("123456789012");
    const product = leaking.devices.map((leak) => ({ ...leak, attributes: { ...leak.attributes, productName: { string: secret } } }));
    expect(JSON.stringify(compareCapture([{ ...leaking, devices: product }]))).not.toContain("123456789012");
  });
});
