/** Pages in a real browser. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import axe from "axe-core";
import { findProgram } from "../../src/control-plane/programs/executables";
import { pathFolders } from "./installed";

/** Names of Chromium in distributions, and of Chrome. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

export interface View {
  readonly scheme: "light" | "dark";
  /** Of the window, in pixels. Chromium makes none narrower than 500. */
  readonly width: number;
  readonly height: number;
}

/** One thing that is wrong with a page for somebody. */
export interface Barrier {
  /** Of axe: https://dequeuniversity.com/rules/axe/ */
  readonly rule: string;
  readonly help: string;
  readonly elements: readonly string[];
}

/**
 * What axe finds in a page: rules of WCAG 2.2 to level AA, and its own best practices. What axe cannot decide is not among it.
 * @throws Error where there is no browser.
 */
export function barriers(html: string, view: View): readonly Barrier[] {
  const script = `${axe.source};axe.run(document).then(({ violations }) => document.documentElement.setAttribute("data-answer", btoa(encodeURIComponent(JSON.stringify({ violations, isDark: matchMedia("(prefers-color-scheme: dark)").matches })))));`;
  const page = html.replace("</body>", () => `<script>${script.replaceAll("</script", "<\\/script")}</script></body>`);
  const encoded = / data-answer="([^"]+)"/.exec(browse(page, view, ["--dump-dom"]))?.[1];
  if (encoded === undefined) {
    throw new Error("axe gave no answer");
  }
  const answer = JSON.parse(decodeURIComponent(Buffer.from(encoded, "base64").toString())) as Answer;
  if (answer.isDark !== (view.scheme === "dark")) {
    throw new Error(`the browser does not show the ${view.scheme} page`);
  }
  return answer.violations.map(({ id, help, nodes }) => ({ rule: id, help, elements: nodes.map((node) => node.html.slice(0, 200)) }));
}

interface Answer {
  readonly violations: AxeResults["violations"];
  readonly isDark: boolean;
}

/** Writes a picture of the upper part of a page. @throws Error where there is no browser. */
export function writePicture(html: string, view: View, path: string): void {
  browse(html, view, [`--screenshot=${path}`, "--hide-scrollbars"]);
}

/** What the browser prints about a page. */
function browse(html: string, { scheme, width, height }: View, does: readonly string[]): string {
  const browser = BROWSERS.map((name) => findProgram(name, pathFolders())).find((path) => path !== undefined);
  if (browser === undefined) {
    throw new Error("there is no Chromium: install it (Debian: apt-get install chromium)");
  }
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-page-"));
  try {
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    const settings = [
      "--headless",
      // Containers have neither its own sandbox nor much shared memory.
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-gpu",
      `--user-data-dir=${join(folder, "profile")}`,
      `--window-size=${String(width)},${String(height)}`,
      `--blink-settings=preferredColorScheme=${scheme === "dark" ? "0" : "1"}`,
      "--virtual-time-budget=60000",
    ];
    const { status, stdout, stderr } = spawnSync(browser, [...settings, ...does, pathToFileURL(file).href], {
      encoding: "utf8",
      maxBuffer: 2 ** 27,
      timeout: 300_000,
    });
    if (status !== 0) {
      throw new Error(`${browser} ended with ${String(status)}: ${stderr.slice(-2000)}`);
    }
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
