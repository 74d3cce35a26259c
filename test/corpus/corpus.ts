/** The corpus of Kubernetes manifests, good and bad side by side for each policy. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseAllDocuments } from "yaml";
import type { Document } from "yaml";

/** A manifest and what the guardrails say to it. */
export interface CorpusCase {
  /** The policy that the case is about: that of its folder. */
  readonly policy: string;
  /** `bad`: that policy denies it. `good`: the whole pack lets it pass. */
  readonly verdict: "bad" | "good";
  /** `metadata.name`, unique in its file. */
  readonly name: string;
  /** The way in, or why the manifest is fine: the comment before the document. */
  readonly comment: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Every case of `test/corpus/<policy>/{bad,good}.yaml`. @throws Error for a case without comment or name, or with one that is there already. */
export function corpusCases(): readonly CorpusCase[] {
  if (cases === undefined) {
    const policies = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    cases = policies.flatMap(({ name: policy }) => (["bad", "good"] as const).flatMap((verdict) => readCases(policy, verdict)));
  }
  return cases;
}

/** Reading takes half a second, and several tests of a process ask. */
let cases: readonly CorpusCase[] | undefined;

function readCases(policy: string, verdict: CorpusCase["verdict"]): readonly CorpusCase[] {
  const file = `${policy}/${verdict}.yaml`;
  const names = new Set<string>();
  return readManifests(join(__dirname, file)).map((each) => {
    if (names.has(each.name)) {
      throw new Error(`${file}: ${each.name}: needs a metadata.name of its own`);
    }
    names.add(each.name);
    return { policy, verdict, ...each };
  });
}

/** The manifests of a file, each with the comment before it. @throws Error for one without comment or name. */
export function readManifests(file: string): readonly Omit<CorpusCase, "policy" | "verdict">[] {
  return parseAllDocuments(readFileSync(file, "utf8"), { merge: true }).map((document, index) => {
    if (document.errors.length > 0) {
      throw new Error(`${file}: ${String(document.errors[0])}`);
    }
    const manifest = document.toJS() as CorpusCase["manifest"];
    const { name = "" } = (manifest["metadata"] ?? {}) as { readonly name?: string };
    const comment = commentOf(document).trim();
    if (name === "" || comment === "") {
      throw new Error(`${file}: document ${index + 1} (${name}): needs a comment and a metadata.name`);
    }
    return { name, comment, manifest };
  });
}

/** The parser gives a comment before a document to the document, to its content or to the first key, as it stands. */
function commentOf({ commentBefore, contents }: Document): string {
  const first = isMap(contents) ? contents.items[0]?.key : undefined;
  return commentBefore ?? contents?.commentBefore ?? (isScalar(first) ? first.commentBefore : undefined) ?? "";
}
