import fc from "fast-check";
import { enforceBalancedMigProfiles } from "../../../policy-pack/claims/enforce-balanced-mig-profiles";
import { UNKNOWN, violations } from "../verdict";

type Manifest = Readonly<Record<string, unknown>>;

const judge = (manifest: Manifest, config?: object): readonly string[] => violations(enforceBalancedMigProfiles, manifest, config);

const claim = (requests: unknown, apiVersion = "resource.k8s.io/v1"): Manifest => ({
  apiVersion,
  kind: "ResourceClaim",
  metadata: { name: "claim" },
  spec: { devices: { requests } },
});

const template = (requests: unknown, apiVersion = "resource.k8s.io/v1"): Manifest => ({
  apiVersion,
  kind: "ResourceClaimTemplate",
  metadata: { name: "template" },
  spec: { spec: { devices: { requests } } },
});

const selecting = (...expressions: string[]) => ({
  name: "gpu",
  exactly: { deviceClassName: "mig.nvidia.com", selectors: expressions.map((expression) => ({ cel: { expression } })) },
});

const PROFILE = 'device.attributes["gpu.nvidia.com"].profile';

describe("Should pass if", () => {
  test.each<[string, Manifest]>([
    ["a template names a tier's class", template([{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }])],
    ["a claim names a tier's class", claim([{ name: "gpu", exactly: { deviceClassName: "mig-large.nvidia.com", count: 1 } }])],
    [
      "the selector of the article names a balanced profile",
      template([selecting(`device.attributes["gpu.nvidia.com"].type == "mig" && ${PROFILE} == "1g.5gb"`)]),
    ],
    ["it is spelled with single quotes", claim([selecting(`device.attributes['gpu.nvidia.com'].profile == '3g.20gb'`)])],
    ["several selectors narrow to a balanced profile", claim([selecting(`${PROFILE}.startsWith("2g")`, `${PROFILE}.endsWith("10gb")`)])],
    [
      "every alternative is balanced",
      claim([
        {
          name: "gpu",
          firstAvailable: [
            { name: "large", deviceClassName: "mig-large.nvidia.com" },
            { name: "small", deviceClassName: "mig-small.nvidia.com" },
          ],
        },
      ]),
    ],
    [
      "three slices of one GPU are asked for",
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaim",
        metadata: { name: "shared" },
        spec: {
          devices: {
            requests: ["large", "medium", "small"].map((name) => ({ name, exactly: { deviceClassName: `mig-${name}.nvidia.com` } })),
            constraints: [{ requests: ["large", "medium", "small"], matchAttribute: "gpu.nvidia.com/parentUUID" }],
          },
        },
      },
    ],
    ["an older API version says the same", template([{ name: "gpu", deviceClassName: "mig-small.nvidia.com" }], "resource.k8s.io/v1beta1")],
    [
      "a balanced profile of one product is meant",
      claim([selecting(`${PROFILE} == "1g.10gb" && device.attributes["gpu.nvidia.com"].productName == "NVIDIA A100-SXM4-80GB"`)]),
    ],
    ["the resource is of another kind", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { profile: "7g.40gb" } }],
  ])("%s", (_, manifest) => {
    expect(judge(manifest)).toEqual([]);
  });

  test("the name of the object is unknown", () => {
    expect(
      judge({ ...template([{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }]), metadata: { name: UNKNOWN } }),
    ).toEqual([]);
  });

  test("the platform's own device classes", () => {
    const tier = {
      apiVersion: "resource.k8s.io/v1",
      kind: "DeviceClass",
      metadata: { name: "mig-small.nvidia.com" },
      spec: {
        selectors: [
          {
            cel: {
              expression: `device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig' && device.attributes['gpu.nvidia.com'].profile == '1g.5gb'`,
            },
          },
        ],
      },
    };
    expect(judge(tier)).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, Manifest, RegExp]>([
    [
      "a double-quoted profile is the whole GPU",
      template([selecting(`${PROFILE} == "7g.40gb"`)]),
      /request "gpu" could be given 7g\.40gb of A100-SXM4-40GB/,
    ],
    ["it is single-quoted", template([selecting(`device.attributes['gpu.nvidia.com'].profile == '7g.40gb'`)]), /7g\.40gb/],
    [
      "it is put together",
      template([selecting(`${PROFILE} == "7g" + ".40gb"`)]),
      /selector, column 53: "\+" is not allowed.*Write for example/,
    ],
    [
      "a later driver's attribute is looked for",
      claim([selecting(`"pciBusID" in device.attributes["resource.kubernetes.io"]`)]),
      /could be given/,
    ],
    [
      "a whole GPU of another product is meant",
      claim([
        {
          name: "gpu",
          exactly: {
            deviceClassName: "gpu.nvidia.com",
            selectors: [{ cel: { expression: `device.attributes["gpu.nvidia.com"].productName == "NVIDIA L4"` } }],
          },
        },
      ]),
      /could be given a GPU of a product that is not in the catalogue/,
    ],
    [
      "the selectors exclude every slice of the class",
      claim([
        {
          name: "gpu",
          exactly: { deviceClassName: "mig-small.nvidia.com", selectors: [{ cel: { expression: `${PROFILE} == "7g.40gb"` } }] },
        },
      ]),
      /request "gpu" matches no device that this policy knows.*Remove the selector/,
    ],
    [
      "it has too many selectors",
      claim([selecting(...Array.from({ length: 17 }, () => `${PROFILE} == "1g.5gb"`))]),
      /the claim has 17 selectors, and at most 16 are allowed/,
    ],
    [
      "its selectors are too long together",
      claim([selecting(...Array.from({ length: 3 }, () => `${PROFILE} == "1g.5gb"`.padEnd(1_000)))]),
      /the claim has 3000 bytes in its selectors, and at most 2048 are allowed/,
    ],
    [
      "its selectors have too many patterns together",
      claim([
        selecting(
          `${PROFILE}.matches("a") || ${PROFILE}.matches("b") || ${PROFILE}.matches("c")`,
          `${PROFILE}.matches("d") || ${PROFILE}.matches("e")`,
        ),
      ]),
      /the claim has 5 regular expressions in its selectors, and at most 4 are allowed/,
    ],
    [
      "a class is of no device, by a constant that is too large",
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "DeviceClass",
        metadata: { name: "c" },
        spec: { selectors: [{ cel: { expression: `device.driver == "other" && quantity("1e30").isLessThan(quantity("1"))` } }] },
      },
      /matches no device that this policy knows/,
    ],
    ["it is one of a list", template([selecting(`${PROFILE} in ["1g.5gb", "7g.40gb"]`)]), /7g\.40gb/],
    ["everything but something is meant", template([selecting(`${PROFILE} != "1g.5gb"`)]), /and \d+ more/],
    ["nothing is selected", template([selecting()]), /could be given/],
    ["the whole GPU's class is named", claim([{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }]), /a whole A100-SXM4-40GB/],
    [
      "the second request is too much",
      claim([
        { name: "ok", exactly: { deviceClassName: "mig-small.nvidia.com" } },
        { ...selecting(`${PROFILE} == "4g.20gb"`), name: "second" },
      ]),
      /request "second" could be given 4g\.20gb/,
    ],
    [
      "the second alternative is too much",
      claim([
        {
          name: "gpu",
          firstAvailable: [
            { name: "a", deviceClassName: "mig-small.nvidia.com" },
            { name: "b", deviceClassName: "gpu.nvidia.com" },
          ],
        },
      ]),
      /request "gpu\/b"/,
    ],
    ["memory is asked for", claim([selecting(`device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("30Gi")) > 0`)]), /7g\.40gb/],
    ["a device is named by its uuid", claim([selecting(`device.attributes["gpu.nvidia.com"].uuid == "MIG-1"`)]), /could be given/],
    [
      "a profile is hidden behind a uuid",
      claim([selecting(`device.attributes["gpu.nvidia.com"].uuid != "x" ? ${PROFILE} == "7g.40gb" : ${PROFILE} == "1g.5gb"`)]),
      /7g\.40gb/,
    ],
    [
      "an older API version asks for it",
      template([{ name: "gpu", deviceClassName: "gpu.nvidia.com" }], "resource.k8s.io/v1beta1"),
      /a whole/,
    ],
    ["the class is nobody's", claim([{ name: "gpu", exactly: { deviceClassName: "mine" } }]), /device class "mine" is not known/],
    ["the selector does not compile", claim([selecting("device.attributes[")]), /cannot read it.*selectors\[0\]/],
    [
      "the selector fails on a device it reaches",
      claim([selecting(`device.capacity["gpu.nvidia.com"].memorySlice3 == quantity("1")`)]),
      /cannot be evaluated.*no such key/,
    ],
    [
      "the API version is unknown",
      claim([{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }], "resource.k8s.io/v2"),
      /cannot read it/,
    ],
    ["a field is unknown", claim([{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com", everything: true } }]), /everything/],
    [
      "the spec is not an object",
      { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "x" }, spec: "all" },
      /cannot read it/,
    ],
    [
      "the class selects whole GPUs",
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "DeviceClass",
        metadata: { name: "mig-small.nvidia.com" },
        spec: { selectors: [{ cel: { expression: "device.driver == 'gpu.nvidia.com'" } }] },
      },
      /a whole/,
    ],
    [
      "the class selects everything",
      { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "any" }, spec: {} },
      /a whole/,
    ],
    [
      "the class is an extended resource",
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "DeviceClass",
        metadata: { name: "c" },
        spec: { selectors: [], extendedResourceName: "nvidia.com/gpu" },
      },
      /spec\.extendedResourceName/,
    ],
    [
      "it is a patch",
      { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplatePatch", metadata: { name: "x" }, spec: {} },
      /Patch is denied/,
    ],
    [
      "it is in a list",
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaimList",
        items: [claim([{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }])],
      },
      /a whole/,
    ],
    [
      "an item of a list is not understood",
      { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimList", items: [{ spec: 7 }] },
      /cannot read it/,
    ],
  ])("%s", (_, manifest, words) => {
    const reported = judge(manifest);
    expect(reported.join("\n")).toMatch(words);
  });

  test.each<[string, Manifest]>([
    ["the selector", claim([selecting(UNKNOWN)])],
    ["the class", claim([{ name: "gpu", exactly: { deviceClassName: UNKNOWN } }])],
    ["the requests", claim(UNKNOWN)],
    ["the whole spec", { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "x" }, spec: UNKNOWN }],
  ])("%s is not known at preview, instead of becoming an advisory", (_, manifest) => {
    expect(judge(manifest)).toEqual([expect.stringMatching(/"spec.*" is unknown until/)]);
  });

  test("a claim for 1g.10gb could be a double-memory slice of a 40 GB A100", () => {
    const manifest = claim([selecting(`${PROFILE} == "1g.10gb"`)]);
    expect(judge(manifest).join()).toMatch(/1g\.10gb of A100-SXM4-40GB/);
    expect(judge(manifest, { gpuModels: ["A100-SXM4-80GB"] })).toEqual([]);
  });

  test("the configured profiles are fewer", () => {
    const manifest = claim([{ name: "gpu", exactly: { deviceClassName: "mig-large.nvidia.com" } }]);
    expect(judge(manifest, { gpuModels: ["A100-SXM4-40GB"], profiles: ["1g.5gb"] }).join()).toMatch(/3g\.20gb/);
  });

  test.each([{ gpuModels: [] }, { gpuModels: ["A100"] }])("the configuration %j is not understood", (config) => {
    const manifest = claim([{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }]);
    expect(judge(manifest, config).join()).toMatch(/gpuModels.*must name/);
  });
});

describe("A device class", () => {
  const deviceClass = (...expressions: string[]): Manifest => ({
    ...{ apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "c" } },
    spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) },
  });
  /** No claim may be written so, and this pack's evaluator may differ from Kubernetes there. */
  const unproven = `quantity("1e30").isGreaterThan(quantity("1"))`;

  test("of another driver passes", () => {
    expect(judge(deviceClass(`device.driver == "other"`))).toEqual([]);
  });

  test("of slices passes, however it is written", () => {
    expect(judge(deviceClass(`device.attributes["gpu.nvidia.com"].type == "mig"`, `${PROFILE} == "1g.5gb"`, unproven))).toEqual([]);
  });

  test("of nothing is denied if one of its selectors is not understood", () => {
    expect(judge(deviceClass(`device.driver == "other"`, unproven))).toEqual([expect.stringContaining("matches no device")]);
  });

  test("that cannot be evaluated says where", () => {
    expect(judge(deviceClass(`${PROFILE} == "1g.5gb"`))).toEqual([
      expect.stringContaining("cannot be evaluated on a whole A100-SXM4-40GB, so this policy denies it: "),
    ]);
    expect(judge(claim([{ name: "gpu", exactly: { deviceClassName: "mine" } }]))).toEqual([
      expect.stringContaining('request "gpu" cannot be evaluated, so this policy denies it: device class "mine" is not known. Use one of'),
    ]);
  });
});

describe("However it is spelled", () => {
  const quoted = fc.constantFrom<(text: string) => string>(
    (text) => `"${text}"`,
    (text) => `'${text}'`,
    (text) => `r"${text}"`,
    (text) => `'''${text}'''`,
    (text) => `"${[...text].map((letter) => `\\u00${letter.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")}"`,
    (text) => `("${text.slice(0, 2)}" + "${text.slice(2)}")`,
    (text) => `["${text}"][0]`,
    (text) => `"${text.toUpperCase()}".lowerAscii()`,
    (text) => `"x${text}".substring(1)`,
  );
  const access = fc.constantFrom(
    PROFILE,
    "device.attributes['gpu.nvidia.com']['profile']",
    'device.attributes["gpu." + "nvidia.com"].profile',
  );
  const equality = fc.constantFrom<(left: string, right: string) => string>(
    (left, right) => `${left} == ${right}`,
    (left, right) => `${right} == ${left}`,
    (left, right) => `!(${left} != ${right})`,
    (left, right) => `${left} in [${right}]`,
    (left, right) => `[${right}].exists(p, p == ${left})`,
    (left, right) => `${left} == ${right} ? true : false`,
    (left, right) => `cel.bind(p, ${left}, p == ${right})`,
    (left, right) => `${left} == ${right} || ${left} == "1g.5gb"`,
    (left, right) => `${left}.contains(${right})`,
    (left, right) => `${left}.startsWith(${right}) && true`,
  );

  test("a selector that matches a forbidden profile is refused", () => {
    fc.assert(
      fc.property(fc.constantFrom("7g.40gb", "4g.20gb"), quoted, access, equality, (profile, quote, left, compare) => {
        const expression = compare(left, quote(profile));
        expect(judge(claim([selecting(expression)])).join()).toMatch(new RegExp(`could be given .*${profile}|Write for example`));
      }),
    );
  });

  test("nothing that arrives makes the policy throw", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("ResourceClaim", "ResourceClaimTemplate", "DeviceClass", "ResourceClaimList"),
        (spec, kind) => {
          expect(() => judge({ apiVersion: "resource.k8s.io/v1", kind, metadata: { name: "x" }, spec, items: spec })).not.toThrow();
        },
      ),
    );
  });
});
