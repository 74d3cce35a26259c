/** Charts in a temporary folder, and archives of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Header } from "tar";

export type Files = Readonly<Record<string, string | Buffer>>;

export const CHART_FILE = { "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n" };

/** A folder that is removed by `close`. */
export class Charts {
  readonly folder = mkdtempSync(join(tmpdir(), "shared-gpu-charts-"));
  private count = 0;

  /** Writes a chart and answers its path. */
  write(files: Files): string {
    const chart = join(this.folder, `chart-${this.count++}`);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(chart, name)), { recursive: true });
      writeFileSync(join(chart, name), content);
    }
    return chart;
  }

  /** Writes an archive and answers its path. */
  writeFile(content: Buffer): string {
    const path = join(this.folder, `chart-${this.count++}.tgz`);
    writeFileSync(path, content);
    return path;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface TarEntry {
  readonly path: string;
  readonly content?: string | Buffer;
  readonly type?: "File" | "OldFile" | "Directory" | "SymbolicLink" | "Link" | "FIFO" | "GlobalExtendedHeader" | "ExtendedHeader";
}

/** A tar with exactly these entries, whatever they are. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = "", type = "File" }) => {
    const body = Buffer.from(content);
    const header = new Header({
      path,
      type,
      size: body.length,
      mode: 0o644,
      mtime: new Date(0),
      linkpath: type.endsWith("Link") ? "/etc/passwd" : "",
    });
    header.encode();
    return [header.block ?? Buffer.alloc(512), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function archiveOf(files: Files, top = "app"): Buffer {
  return gzipSync(tarOf(Object.entries(files).map(([path, content]) => ({ path: `${top}/${path}`, content }))));
}
