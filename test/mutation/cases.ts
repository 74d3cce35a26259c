/** What a change of a rule must be noticed by: the corpus, each manifest a case of its own, and every bad manifest once more with parts that are unknown. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy-pack/policies";
import { corpusCases } from "../corpus/corpus";
import type { CorpusCase } from "../corpus/corpus";
import { UNKNOWN, verdictOf } from "../policy-pack/verdict";

export interface Case {
  readonly id: string;
  /** Why it fails; undefined if it passes. */
  readonly run: () => string | undefined;
}

const TENANT = "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::manifest";
const resourcePolicies = policies.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const mandatory = resourcePolicies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");

type Manifest = CorpusCase["manifest"];

function denials(manifest: Manifest, props: unknown, of: readonly ResourceValidationPolicy[]): readonly string[] {
  const apiVersion = String(manifest["apiVersion"]);
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
  return of.flatMap((policy) => verdictOf(policy, { type, props: props as Manifest, urn: TENANT }).refused);
}

/** Every case. The titles are unique. */
export function mutationCases(): readonly Case[] {
  return corpusCases().flatMap(({ policy, verdict, name, manifest }): readonly Case[] => {
    const id = `${policy}: ${name}`;
    const own = resourcePolicies.filter((candidate) => candidate.name === policy);
    if (verdict === "good") {
      return [{ id, run: () => denials(manifest, manifest, mandatory)[0] }];
    }
    return [
      { id, run: () => (denials(manifest, manifest, own).length > 0 ? undefined : "a bad manifest passes") },
      {
        id: `${id}, with any one part unknown`,
        run: () => {
          const passing = withUnknownParts(manifest).find(({ props }) => denials(manifest, props, mandatory).length === 0);
          return passing && `a bad manifest passes where ${passing.path} is unknown`;
        },
      },
    ];
  });
}

/** The manifest with each of its parts unknown in turn. What it is must be known: another kind is another manifest. */
function withUnknownParts(manifest: Manifest): readonly { readonly path: string; readonly props: unknown }[] {
  return pathsOf(manifest)
    .filter(([first, ...rest]) => first !== undefined && !(rest.length === 0 && ["apiVersion", "kind"].includes(String(first))))
    .map((path) => ({ path: path.join("."), props: replaced(manifest, path) }));
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const children = Array.isArray(value)
    ? value.map((_, index) => index)
    : typeof value === "object" && value !== null
      ? Object.keys(value)
      : [];
  return [path, ...children.flatMap((key) => pathsOf((value as Readonly<Record<string | number, unknown>>)[key], [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === key ? replaced(item, rest) : item));
  }
  const record = value as Readonly<Record<string, unknown>>;
  return { ...record, [key]: replaced(record[key], rest) };
}
