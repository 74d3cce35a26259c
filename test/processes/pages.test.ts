/** The rehearsal's page in Chromium, for people who see little, use no mouse, or read on a phone. */
import { join } from "node:path";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { rehearse } from "../../src/rehearsal/rehearse";
import { formatHtml } from "../../src/rehearsal/report/html";
import { barriers } from "../support/browser";
import { ROOT } from "../support/program";

let pack: ServedPack;
beforeAll(async () => {
  pack = await loadPack(join(ROOT, "policy-pack"));
});

const pageOf = async (...manifests: readonly string[]): Promise<string> =>
  formatHtml(
    await rehearse({
      root: ROOT,
      stack: "dev",
      manifests: manifests.map((file) => join(ROOT, file)),
      namespace: "mig-test",
      strict: false,
      policyPackConfig: undefined,
      loadPack: () => Promise.resolve(pack),
      today: new Date("2026-11-23T12:00:00Z"),
    }),
  );

const VIEWS = [
  { scheme: "light", width: 1200, height: 900 },
  { scheme: "dark", width: 500, height: 900 },
] as const;

describe.each<[string, readonly string[]]>([
  ["without a finding", []],
  ["with violations and pods that wait", ["docs/examples/whole-gpu.yaml"]],
])("a page %s", (_, manifests) => {
  let html: string;
  beforeAll(async () => {
    html = await pageOf(...manifests);
  });

  test.each(VIEWS)("has no barrier on a $scheme screen of $width pixels", (view) => {
    expect(barriers(html, view)).toEqual([]);
  });
});

test.each(VIEWS)("what is a barrier is found on a $scheme screen", (view) => {
  const html = `<!doctype html><html><head><title>x</title></head><body style="background:#777"><main><p style="color:#888">pale</p><img src="data:,"><table><tr><th></th></tr></table></main></body></html>`;
  const rules = barriers(html, view).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang", "image-alt", "empty-table-header"]));
});
