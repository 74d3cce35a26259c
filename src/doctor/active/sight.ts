/** What a container sees of the GPUs of its node: the script that looks, and its report. */

export interface Sight {
  /** `/dev/nvidia0`, `/dev/nvidia-caps/nvidia-cap21`. */
  readonly devices: readonly string[];
  /** UUIDs of GPUs, as NVML lists them: those of the slices too. */
  readonly gpus: readonly string[];
  /** UUIDs of MIG slices. */
  readonly slices: readonly string[];
  /** Whether there is a driver to ask. */
  readonly nvidiaSmi: { readonly type: "absent" } | { readonly type: "ran"; readonly exitCode: number };
}

export type SightReading = { readonly type: "sight"; readonly sight: Sight } | { readonly type: "invalid"; readonly reason: string };

/** The kubelet keeps 4,096 bytes of a termination message. So many lines stay below, and one foreign device is one too many. */
const MAX_LINES = 70;

/**
 * For bash, with nothing but its builtins and what the driver brings. It writes a termination message, because the API server shows that without asking the kubelet.
 * `nvidia-smi -L` lists each GPU, and below it the slices that the process may use.
 */
export const LOOK = `count=0
say() { if [ "$count" -lt ${String(MAX_LINES)} ]; then echo "$1"; count=$((count + 1)); fi; }
{
  if command -v nvidia-smi > /dev/null; then
    listing=$(nvidia-smi -L 2>&1)
    say "nvidia-smi $?"
    while IFS= read -r line; do
      if [[ $line =~ UUID:\\ ((GPU|MIG)-[^\\)]+) ]]; then say "uuid \${BASH_REMATCH[1]}"; fi
    done <<< "$listing"
  else
    say "nvidia-smi absent"
  fi
  for path in /dev/nvidia* /dev/nvidia-caps/*; do
    if [ -c "$path" ]; then say "device $path"; fi
  done
} > /dev/termination-log
`;

/** Reads a report. What the script does not write is refused. */
export function readSight(report: string): SightReading {
  const [first = "", ...rest] = report.trim().split("\n");
  const smi = /^nvidia-smi (absent|\d+)$/.exec(first)?.[1];
  if (smi === undefined) {
    return { type: "invalid", reason: `the container reported "${first}" instead of what it sees` };
  }
  const sight = { devices: [] as string[], gpus: [] as string[], slices: [] as string[] };
  for (const line of rest) {
    const [, kind, value = ""] = /^(uuid|device) (\S+)$/.exec(line) ?? [];
    if (kind === undefined) {
      return { type: "invalid", reason: `the container reported "${line}", which is neither a device nor a UUID` };
    }
    const list = kind === "device" ? sight.devices : value.startsWith("MIG-") ? sight.slices : sight.gpus;
    list.push(value);
  }
  const nvidiaSmi = smi === "absent" ? ({ type: "absent" } as const) : ({ type: "ran", exitCode: Number(smi) } as const);
  return { type: "sight", sight: { ...sight, nvidiaSmi } };
}

export function describeSight({ devices, gpus, slices }: Sight): string {
  const parts = [
    ...(slices.length === 0 ? [] : [countText(slices, "slice")]),
    ...(gpus.length === 0 ? [] : [countText(gpus, "GPU")]),
    ...(devices.length === 0 ? [] : [countText(devices, "device file")]),
  ];
  return parts.length === 0 ? "no GPU" : parts.join(", ");
}

const MAX_NAMES = 3;

function countText(names: readonly string[], noun: string): string {
  const more = names.length > MAX_NAMES ? ", ..." : "";
  return `${String(names.length)} ${noun}${names.length === 1 ? "" : "s"} (${names.slice(0, MAX_NAMES).join(", ")}${more})`;
}
