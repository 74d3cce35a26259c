/** What Helm makes of a chart's files if nothing in them is a template. */
import { isScalar, parseAllDocuments, visit } from "yaml";
import type { Document } from "yaml";
import { isRecord } from "../../evaluation/snapshot";
import { UnreadableChart } from "./files";
import type { ChartFile } from "./files";

export interface ChartObject {
  /** `templates/job.yaml`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whatever is there is installed, in the chart and in its dependencies, whatever its extension. */
const INSTALLED = /^(?:charts\/[^/]+\/)*(?:templates|crds)\//;

/** Files of `templates` that are not installed. They have an effect through other templates only. */
const NOT_INSTALLED = /\/(?:_[^/]*|NOTES\.txt)$/;

/**
 * The objects that Helm installs.
 * @throws UnreadableChart if one of the files is a template: what it makes depends on values, on the cluster and on whether the release exists, so what this
 *   process renders would not be what the provider installs.
 */
export function objectsOfFiles(files: readonly ChartFile[]): readonly ChartObject[] {
  const installed = files.filter(({ path }) => INSTALLED.test(path) && !NOT_INSTALLED.test(path));
  return installed.flatMap(({ path, content }) => {
    const text = content.toString("utf8").replace(/^\uFEFF/, "");
    if (text.includes("{{")) {
      throw new UnreadableChart(`has ${path} as a template, and only the provider knows what it renders`);
    }
    return documentsOf(path, text).map((body) => ({ path, body }));
  });
}

/** Where Helm splits a file (`releaseutil.SplitManifests`), which is not where YAML does. */
const SEPARATOR = /(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/;

function documentsOf(path: string, text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .trim()
    .split(SEPARATOR)
    .flatMap((part) => {
      const value = valueOf(path, part);
      if (value === undefined || value === null) {
        return [];
      }
      if (!isRecord(value) || typeof value["apiVersion"] !== "string" || typeof value["kind"] !== "string") {
        throw new UnreadableChart(`has ${path} with something that is no object of Kubernetes`);
      }
      return [value];
    });
}

/** Helm and the clients of the API server read YAML 1.1, in which `yes` and `on` are true. */
function valueOf(path: string, part: string): unknown {
  const documents = [...parseAllDocuments(part, { version: "1.1" })];
  const [document] = documents;
  if (document === undefined) {
    return undefined;
  }
  if (documents.length > 1 || [...document.errors, ...document.warnings].length > 0 || hasTypes(document)) {
    throw new UnreadableChart(`has ${path} with YAML that its readers understand in different ways`);
  }
  try {
    // Dates are texts in JSON, which is what the API server gets.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }))) as unknown;
  } catch {
    throw new UnreadableChart(`has ${path} with too many aliases`);
  }
}

/** Whether a document has keys that are no names, or says the types of its values (`!!binary`). */
function hasTypes(document: Document): boolean {
  let found = false;
  visit(document, {
    Value: (_, { tag }) => {
      found ||= tag !== undefined;
    },
    Pair: (_, { key }) => {
      found ||= !isScalar(key);
    },
  });
  return found;
}
