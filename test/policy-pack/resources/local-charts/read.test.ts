import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { readLocalChart } from "../../../../policy-pack/resources/local-charts/read";
import { ROOT } from "../../../support/program";
import { CHART_FILE, Charts, archiveOf, tarOf } from "./charts";
import type { TarEntry } from "./charts";

let charts: Charts;
beforeAll(() => {
  charts = new Charts();
});
afterAll(() => {
  charts.close();
});

const JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\n";
const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: y}\n";

/** What a chart has, as `path: kind`; or why it cannot be read. */
function reading(path: string, project = "shared-gpu"): string {
  const chart = readLocalChart(path, project);
  switch (chart.type) {
    case "remote":
      return "remote";
    case "unreadable":
      return `the chart ${chart.reason}`;
    case "objects":
      return chart.objects.map(({ path: of, body }) => `${of}: ${String(body["kind"])}`).join(", ");
  }
}

describe("A chart has", () => {
  test("what is in templates, whatever the extension, and in crds", () => {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": JOB, "templates/sub/b.txt": POD, "crds/c.yaml": POD });
    expect(reading(chart)).toBe("crds/c.yaml: Pod, templates/a.yaml: Job, templates/sub/b.txt: Pod");
  });
  test("what its dependencies have, in folders and archives", () => {
    const packed = archiveOf({
      ...CHART_FILE,
      "templates/p.yaml": POD,
      "charts/inner.tgz": archiveOf({ ...CHART_FILE, "crds/q.yaml": JOB }),
    });
    const chart = charts.write({
      ...{ ...CHART_FILE, "charts/one/Chart.yaml": CHART_FILE["Chart.yaml"], "charts/one/templates/o.yaml": JOB },
      "charts/two.tgz": packed,
    });
    expect(reading(chart)).toBe(
      "charts/one/templates/o.yaml: Job, charts/two.tgz/templates/p.yaml: Pod, charts/two.tgz/charts/inner.tgz/crds/q.yaml: Job",
    );
  });
  test("what a packed dependency of a dependency in a folder has", () => {
    const packed = archiveOf({ ...CHART_FILE, "templates/p.yaml": POD });
    const chart = charts.write({ ...CHART_FILE, "charts/one/charts/two.tgz": packed });
    expect(reading(chart)).toBe("charts/one/charts/two.tgz/templates/p.yaml: Pod");
  });
  test("nothing of archives that are no dependencies", () => {
    const chart = charts.write({
      ...CHART_FILE,
      "files/charts/a.tgz": "no archive",
      "charts/a.tgz.old": "no archive",
      "charts/README": "x",
    });
    expect(reading(chart)).toBe("");
  });
  test("as much as it may have", () => {
    const full = 2 * 1024 * 1024 - CHART_FILE["Chart.yaml"].length;
    expect(reading(charts.write({ ...CHART_FILE, "values.yaml": "x".repeat(full) }))).toBe("");
    expect(reading(charts.write({ ...CHART_FILE, "values.yaml": "x".repeat(full + 1) }))).toContain("is larger than");
    const files = Object.fromEntries(Array.from({ length: 999 }, (_, index) => [String(index), ""]));
    expect(reading(charts.write({ ...CHART_FILE, ...files }))).toBe("");
    expect(reading(charts.write({ ...CHART_FILE, [`${"a/".repeat(12)}x`]: "" }))).toBe("");
  });
  test("what is behind a mark of the order of bytes, which is a letter elsewhere", () => {
    expect(reading(charts.write({ ...CHART_FILE, "templates/a.yaml": `\uFEFF${JOB}` }))).toBe("templates/a.yaml: Job");
    expect(readLocalChart(charts.write({ ...CHART_FILE, "templates/a.yaml": `${POD}data: a\uFEFFb\n` }), "shared-gpu")).toMatchObject({
      objects: [{ body: { data: "a\uFEFFb" } }],
    });
  });
  test("nothing where a file says so, and the rest of the file", () => {
    expect(reading(charts.write({ ...CHART_FILE, "templates/a.yaml": ` ---\n${JOB}---\n~\n---\n${POD}` }))).toBe(
      "templates/a.yaml: Job, templates/a.yaml: Pod",
    );
  });
  test("what it merges", () => {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": `${POD}x: &x {hostPID: true}\nspec: {<<: *x, a: b}\n` });
    expect(readLocalChart(chart, "shared-gpu")).toMatchObject({ objects: [{ body: { spec: { hostPID: true, a: "b" } } }] });
  });
  test("files of old archives", () => {
    const old: TarEntry = { path: "app/templates/a.yaml", content: JOB, type: "OldFile" };
    const chart = gzipSync(tarOf([{ path: "app/Chart.yaml", content: CHART_FILE["Chart.yaml"] }, old]));
    expect(reading(charts.writeFile(chart))).toBe("templates/a.yaml: Job");
  });
  test("no file that stays open", () => {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": JOB });
    const open = readdirSync("/proc/self/fd").length;
    expect(reading(chart)).toContain("Job");
    expect(readdirSync("/proc/self/fd")).toHaveLength(open);
  });
  test("nothing of partials, notes, values and other files", () => {
    const chart = charts.write({
      ...CHART_FILE,
      "templates/_a.tpl": "{{ x }}",
      "templates/NOTES.txt": "{{ y }}",
      "values.yaml": POD,
      "README.md": POD,
    });
    expect(reading(chart)).toBe("");
  });
  test("each part of a file where Helm splits it", () => {
    const text = `# nothing\n---\n${JOB}---\n\n---\n${JOB}---kind: Pod\napiVersion: v1\n--- # more\n${POD}`;
    expect(reading(charts.write({ ...CHART_FILE, "templates/a.yaml": text }))).toBe(
      ["Job", "Job", "Pod", "Pod"].map((kind) => `templates/a.yaml: ${kind}`).join(", "),
    );
  });
  test("the values of YAML 1.1", () => {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": `${POD}spec: {hostPID: yes, hostIPC: on, date: 2026-01-01}\n` });
    expect(readLocalChart(chart, "shared-gpu")).toMatchObject({
      objects: [{ body: { spec: { hostPID: true, hostIPC: true, date: "2026-01-01T00:00:00.000Z" } } }],
    });
  });
  test("the same in an archive, whatever its first folder is called", () => {
    expect(reading(charts.writeFile(archiveOf({ ...CHART_FILE, "templates/a.yaml": JOB }, "other")))).toBe("templates/a.yaml: Job");
  });
  test("the same in an archive that tar makes", () => {
    const chart = charts.write({ ...CHART_FILE, [`templates/${"long-".repeat(30)}.yaml`]: JOB });
    const archive = join(charts.folder, "made.tgz");
    execFileSync("tar", ["-czf", archive, "-C", charts.folder, relative(charts.folder, chart)]);
    expect(reading(archive)).toMatch(/^templates\/(long-){30}\.yaml: Job$/);
  });
  test("what it has now, and not what it had", () => {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": JOB });
    expect(reading(chart)).toContain("Job");
    execFileSync("sh", ["-c", `printf '${POD.replaceAll("\n", "\\n")}' > ${join(chart, "templates/a.yaml")}`]);
    expect(reading(chart)).toContain("Pod");
  });
});

describe("A relative path is of the program's folder", () => {
  test("if that is known", () => {
    const path = relative(ROOT, charts.write({ ...CHART_FILE, "templates/a.yaml": JOB }));
    expect(reading(path)).toBe("templates/a.yaml: Job");
    expect(reading(` ${path} `)).toBe("templates/a.yaml: Job");
    expect(reading(path, "another-project")).toContain("does not know that folder");
  });
  /** What a path is, to a pack that works in another folder than the program. The tests are started in the folder of a program. */
  function readingFrom(folder: string, path: string, project: string): string {
    const { cwd } = process;
    try {
      process.cwd = () => folder;
      return reading(path, project);
    } finally {
      process.cwd = cwd;
    }
  }
  test("if it is that of the process which has started this one", () => {
    expect(readingFrom("/", "test/harness/engine/charts/README.md", "shared-gpu")).toBe(
      "the chart is neither a folder nor an archive of a chart",
    );
    expect(readingFrom("/", "./x", "another-project")).toContain("does not know that folder");
  });
  test("if its project can be read, and not if its file is no longer one that people write", () => {
    const folder = mkdtempSync(join(charts.folder, "program-"));
    const chart = relative(folder, charts.write({ ...CHART_FILE, "templates/a.yaml": JOB }));
    const said = (project: string) => {
      writeFileSync(join(folder, "Pulumi.yaml"), project);
      return readingFrom(folder, chart, "mine");
    };
    const named = "name: mine\n#";
    expect(said(named + "x".repeat(100_000 - named.length))).toBe("templates/a.yaml: Job");
    expect(said(named + "x".repeat(100_001 - named.length))).toContain("does not know that folder");
    for (const other of ["name: other", "[]", "a: ["]) {
      expect(said(other)).toContain("does not know that folder");
    }
  });
  test.each(["nginx", "stable/nginx", "oci://registry.example.com/nginx"])("%s is none", (name) => {
    expect(reading(name)).toBe("remote");
  });
  test("if it looks like one, where the folder is not known", () => {
    const read = (path: string) => reading(path, "another-project") !== "remote";
    const paths = [".", "..", "./x", "../x", "x.tgz", "x./y", "x../y", ".x", "x.tgz.old", "x"];
    expect(paths.filter(read)).toEqual([".", "..", "./x", "../x", "x.tgz"]);
  });
  test.each(["./nothing", "../nothing", "/nothing/at/all"])("%s is not there", (name) => {
    expect(reading(name)).toContain("is not there");
  });
});

describe("A chart is not read if it has", () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["a template", { "templates/a.yaml": "kind: {{ .Values.kind }}" }, "templates/a.yaml as a template"],
    ["a template in a dependency", { "charts/x/templates/a.txt": "{{- if true }}" }, "charts/x/templates/a.txt as a template"],
    ["text", { "templates/a.yaml": "hello" }, "no object"],
    ["a list", { "templates/a.yaml": `- ${JOB.replaceAll("\n", "\n  ")}` }, "no object"],
    ["no kind", { "templates/a.yaml": "apiVersion: v1" }, "no object"],
    ["no version", { "templates/a.yaml": "kind: Pod" }, "no object"],
    ["the same key twice", { "templates/a.yaml": `${JOB}kind: Pod\n` }, "different ways"],
    ["two documents where Helm sees one", { "templates/a.yaml": `${JOB}...\n${POD}` }, "different ways"],
    [
      "objects of JSON behind each other",
      { "templates/a.yaml": '{"kind":"A","apiVersion":"v1"}{"kind":"B","apiVersion":"v1"}' },
      "different ways",
    ],
    ["types of its own", { "templates/a.yaml": `${JOB}spec: !!binary aGVsbG8=\n` }, "different ways"],
    ["keys that are lists", { "templates/a.yaml": `${JOB}? [a]\n: b\n` }, "different ways"],
    ["keys that are records", { "templates/a.yaml": `${JOB}? {a: b}\n: c\n` }, "different ways"],
    ["keys that are written elsewhere", { "templates/a.yaml": `${JOB}a: &a [x]\n? *a\n: c\n` }, "different ways"],
    ["broken YAML", { "templates/a.yaml": "a: [" }, "different ways"],
    ["a bomb of aliases", { "templates/a.yaml": bomb() }, "too many aliases"],
    ["no Chart.yaml", { "Chart.yml": "" }, "no Chart.yaml"],
    ["too much", { "templates/a.yaml": `${JOB}# ${"x".repeat(3 * 1024 * 1024)}` }, "is larger than"],
    ["too many files", Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`f/${index}`, ""])), "is larger than"],
    ["too many folders in each other", { [`${"a/".repeat(13)}x`]: "" }, "more than 12 folders"],
  ])("%s", (title, files, reason) => {
    const all: Readonly<Record<string, string>> = title === "no Chart.yaml" ? files : { ...CHART_FILE, ...files };
    expect(reading(charts.write(all))).toContain(reason);
    if (!title.startsWith("too many")) {
      expect(reading(charts.writeFile(archiveOf(all)))).toContain(reason);
    }
  });

  test("a link, to a file, to a folder, or as a whole", () => {
    const [one, two] = [charts.write(CHART_FILE), charts.write(CHART_FILE)];
    symlinkSync("/etc/hostname", join(one, "values.yaml"));
    symlinkSync("/etc", join(two, "templates"));
    symlinkSync(two, join(charts.folder, "link"));
    const asLink = (name: string) => `the chart has ${name} as a link, or as a file that cannot be opened (ELOOP)`;
    expect(reading(one)).toBe(asLink("values.yaml"));
    expect(reading(two)).toBe(asLink("templates"));
    expect(reading(join(charts.folder, "link"))).toBe(asLink("itself"));
  });
  test("a pipe, for which nobody waits", () => {
    const chart = charts.write(CHART_FILE);
    execFileSync("mkfifo", [join(chart, "pipe")]);
    expect(reading(chart)).toContain("something else than a file");
    expect(reading(join(chart, "pipe"))).toContain("something else than a file");
  });
  test.each([
    ["/dev/zero", "has itself as something else than a file"],
    ["/proc/self/mem", "cannot be read (EIO)"],
    ["/etc", ""],
  ])("it is %s", (path, reason) => {
    expect(reading(path)).toContain(`the chart ${reason}`);
  });
});

describe("An archive is not read if it has", () => {
  const entries = (...more: readonly TarEntry[]) =>
    reading(charts.writeFile(gzipSync(tarOf([{ path: "app/Chart.yaml", content: CHART_FILE["Chart.yaml"] }, ...more]))));
  test.each<[string, TarEntry]>([
    ["a symbolic link", { path: "app/templates/a.yaml", type: "SymbolicLink" }],
    ["a hard link", { path: "app/templates/a.yaml", type: "Link" }],
    ["a pipe", { path: "app/templates/a.yaml", type: "FIFO" }],
    ["a path out of it", { path: "app/../../etc/x", content: POD }],
    ["an absolute path", { path: "/app/templates/a.yaml", content: POD }],
    ["a path with nothing in it", { path: "app//templates/a.yaml", content: POD }],
    ["a path with a dot", { path: "app/./templates/a.yaml", content: POD }],
    ["a path of Windows", { path: "app\\templates\\a.yaml", content: POD }],
    ["a file beside its folder", { path: "Chart.yaml", content: POD }],
  ])("%s", (_, entry) => {
    expect(entries(entry)).toMatch(/something else than a file|leads elsewhere/);
  });
  test("names that hold for all that follow", () => {
    const record = "27 path=app/README.md/../x\n";
    expect(entries({ path: "pax", type: "GlobalExtendedHeader", content: record }, { path: "app/templates/a.yaml", content: POD })).toMatch(
      /^the chart /,
    );
  });
  test("sparse files", () => {
    const record = "38 GNU.sparse.name=app/templates/a.yaml\n";
    expect(entries({ path: "pax", type: "ExtendedHeader", content: record }, { path: "app/x", content: POD })).toContain("sparse files");
  });
  test("more than it says", () => {
    const bombed = archiveOf({ ...CHART_FILE, "values.yaml": Buffer.alloc(40 * 1024 * 1024) });
    expect(bombed.length).toBeLessThan(60_000);
    expect(reading(charts.writeFile(bombed))).toContain("when it is unpacked");
  });
  test("archives in each other without an end", () => {
    let archive = archiveOf(CHART_FILE);
    const readings: string[] = [];
    for (let depth = 0; depth < 6; depth++) {
      readings.push(reading(charts.writeFile(archive)));
      archive = archiveOf({ ...CHART_FILE, "charts/x.tgz": archive });
    }
    expect(readings).toEqual(["", "", "", "", ...[1, 2].map(() => "the chart has more than 3 archives in each other")]);
  });
  test.each<[string, Buffer, string]>([
    ["nothing", Buffer.alloc(0), "is neither a folder nor an archive of a chart"],
    ["no compression", tarOf([]), "is neither a folder nor an archive of a chart"],
    ["no tar", gzipSync(Buffer.from("x".repeat(2000))), "is not an archive of a chart"],
    ["no end", gzipSync(tarOf([{ path: "app/Chart.yaml", content: "x".repeat(2000) }]).subarray(0, 1500)), "is not an archive of a chart"],
  ])("%s", (_, archive, reason) => {
    expect(reading(charts.writeFile(archive))).toBe(`the chart ${reason}`);
  });
});

function bomb(): string {
  const lists = Array.from({ length: 9 }, (_, index) => `  l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`);
  return `${JOB}spec:\n  l0: &l0 [x,x]\n${lists.join("\n")}\n`;
}
