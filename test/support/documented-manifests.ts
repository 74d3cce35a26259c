/** The Kubernetes manifests that the documents show, and the files of docs/examples that users apply. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ROOT } from "./program";

export interface DocumentedManifest {
  /** `README.md, block 1`, or the path of a file. */
  readonly place: string;
  readonly text: string;
}

/** Blocks of YAML that have the kind of an object, and manifests in docs/examples. */
export function documentedManifests(): readonly DocumentedManifest[] {
  const documents = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((path) => `docs/${path}`);
  const blocks = ["README.md", ...documents.filter((path) => path.endsWith(".md"))].flatMap((document) =>
    [...readFileSync(join(ROOT, document), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""], index) => ({
      place: `${document}, block ${String(index + 1)}`,
      text,
    })),
  );
  const files = documents
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => ({ place: path, text: readFileSync(join(ROOT, path), "utf8") }));
  return [...blocks, ...files].filter(({ text }) => /^kind:/m.test(text));
}

/** The objects of a manifest. */
export function objectsOfManifest({ text }: DocumentedManifest): readonly Readonly<Record<string, unknown>>[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Readonly<Record<string, unknown>>);
}
