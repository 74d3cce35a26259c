/** Asks Prometheus' own tool about rules. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ruleFile, ruleGroups } from "../../../src/monitoring/rules/groups";
import type { MonitoredStack } from "../../../src/monitoring/stack";
import { ensureBinaries } from "../../support/go-binaries";

/** One test of promtool, in its own words. */
export interface PromtoolTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test?: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts: readonly {
      readonly exp_labels: Readonly<Record<string, string>>;
      readonly exp_annotations: Readonly<Record<string, string>>;
    }[];
  }[];
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly eval_time: string;
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
}

export interface Verdict {
  readonly status: number | null;
  readonly output: string;
}

/** `promtool check rules` of a stack's rules. */
export function checkRules(stack: MonitoredStack): Promise<Verdict> {
  return withRules(stack, (promtool, folder) =>
    spawnSync(promtool, ["check", "rules", "--lint=all", "--lint-fatal", join(folder, "rules.yaml")]),
  );
}

/** `promtool test rules` of a stack's rules. */
export function testRules(stack: MonitoredStack, tests: readonly PromtoolTest[]): Promise<Verdict> {
  return withRules(stack, (promtool, folder) => {
    writeFileSync(
      join(folder, "tests.yaml"),
      JSON.stringify({ rule_files: ["rules.yaml"], evaluation_interval: "30s", fuzzy_compare: true, tests }),
    );
    return spawnSync(promtool, ["test", "rules", join(folder, "tests.yaml")], { maxBuffer: 2 ** 26 });
  });
}

interface Run {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

async function withRules(stack: MonitoredStack, run: (promtool: string, folder: string) => Run): Promise<Verdict> {
  const { promtool } = await ensureBinaries(["promtool"]);
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-rules-"));
  try {
    // JSON is YAML.
    writeFileSync(join(folder, "rules.yaml"), JSON.stringify(ruleFile(ruleGroups(stack))));
    const { status, stdout, stderr } = run(promtool, folder);
    return { status, output: `${stdout.toString()}${stderr.toString()}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
