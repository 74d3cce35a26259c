import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as region from "@pulumi/aws/types/enums/index";
import { parse } from "yaml";
import { parseConfig } from "../../src/config/parse";
import { isSecretKey } from "../../src/config/secret-keys";
import { REGIONS } from "../../src/config/regions";
import { KEYS } from "../../src/config/schema";
import { PLATFORM_NAMESPACES } from "../../src/well-known/namespaces";
import { readYaml, STACK } from "./stacks";

interface Declaration {
  readonly type: string;
  readonly items?: { readonly type: string };
  readonly description: string;
  readonly default?: unknown;
}

const project = readYaml("Pulumi.yaml") as { readonly name: string; readonly config: Readonly<Record<string, Declaration>> };
const documentation = readFileSync(join(__dirname, "../../docs/configuration.md"), "utf8");

describe("Pulumi.yaml and the schema in code agree", () => {
  it("on the keys, in the same order", () => {
    expect(Object.keys(project.config)).toEqual(Object.keys(KEYS));
  });

  it.each(Object.entries(KEYS))("on type and default of %s", (key, spec) => {
    const { type, default: value } = project.config[key] ?? {};
    expect({ type, default: value }).toEqual({ type: spec.type, default: "default" in spec ? spec.default : undefined });
  });

  it.each(Object.entries(project.config))("and %s is described, as Pulumi wants it", (_key, declaration) => {
    expect(declaration.description).toMatch(/\.$/);
    expect(declaration.type === "array").toBe(declaration.items !== undefined);
  });
});

describe("docs/configuration.md", () => {
  it.each([...Object.keys(KEYS), "aws:region"])("has a section on %s", (key) => {
    expect(documentation).toMatch(new RegExp(`^#+ .*\`${key}\``, "m"));
  });

  it("has no section on a key that is gone", () => {
    const sections = [...documentation.matchAll(/^## `([^`]+)`/gm)].map(([, key]) => key);
    expect(sections.filter((key) => key !== "aws:region")).toEqual(Object.keys(KEYS));
  });

  it("has no example that is refused", () => {
    const examples = [...documentation.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml ?? "");
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) {
      const entries = Object.entries(parse(example) as object).map(([key, value]: [string, unknown]) => [
        key.replace(/^shared-gpu:/, ""),
        isSecretKey(key) ? "https://hooks.example.com/decrypted" : value,
      ]);
      expect({ example, result: parseConfig({ ...STACK, ...Object.fromEntries(entries) }) }).toMatchObject({
        example,
        result: { type: "config" },
      });
    }
  });
});

describe("tables agree with where they come from", () => {
  it("regions with the AWS provider's, without isolated partitions and the European Sovereign Cloud", () => {
    const provider = Object.values(region.Region).filter((name) => !/^(\w+-iso|eusc-)/.test(name));
    expect([...REGIONS].sort()).toEqual([...new Set(provider)].sort());
  });

  it.each(PLATFORM_NAMESPACES)("namespace %s of the platform is none that a team can have", (name) => {
    const result = parseConfig({ ...STACK, teams: [{ name }], fashionMnist: { type: "none" } });
    expect(result).toMatchObject({ type: "invalid", problems: [{ key: "teams[0].name" }] });
  });
});
