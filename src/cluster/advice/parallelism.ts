/**
 * Programs that divide a model over several GPUs. A process sees one MIG slice at most, whatever its container has, so that they stop at their start.
 * Sources (read 2026-11-28): NVIDIA, "MIG User Guide", sections "Application Considerations" and "Device Nodes and Capabilities"; the command lines of vLLM, SGLang, Text Generation Inference,
 * TensorRT-LLM, torchrun, DeepSpeed and Accelerate; NVIDIA, "NIM for LLMs: Configuration".
 */
import { textOf } from "../../json/text-of";
import { listAt } from "../objects";
import { valueAt } from "../../json/value-at";
import { placedOf } from "./types";
import type { Advise, PodGroup } from "./types";

/** Arguments that say over how many devices one model goes, or how many processes of one there are. */
const ARGUMENTS =
  /(?:^|[\s"'])(-tp|--tp|--tp[-_]size|--tensor[-_]parallel[-_]size|--tensor[-_]model[-_]parallel[-_]size|-pp|--pp[-_]size|--pipeline[-_]parallel[-_]size|--num[-_]shard|--nproc[-_]per[-_]node|--num[-_]gpus|--num[-_]processes)(?:\s*=\s*|\s+)["']?(\d+)/g;

/** The same as variables. */
const VARIABLES: readonly string[] = [
  ...["TENSOR_PARALLEL_SIZE", "VLLM_TENSOR_PARALLEL_SIZE", "TP_SIZE", "PIPELINE_PARALLEL_SIZE", "NUM_SHARD"],
  ...["NIM_TENSOR_PARALLEL_SIZE", "NIM_PIPELINE_PARALLEL_SIZE", "NPROC_PER_NODE", "PET_NPROC_PER_NODE"],
];

/** What a container sets, and to how many devices. */
interface Setting {
  readonly name: string;
  readonly devices: number;
}

export const adviseOnParallelism: Advise = ({ groups }) =>
  groups.flatMap((group) => {
    const [first] = placedOf(group);
    return first === undefined
      ? []
      : listAt(group.pods.template.spec, "containers").flatMap((container) => {
          const name = textOf(valueAt(container, "name"));
          const slices = slicesOf(group, name);
          const largest = settingsOf(container).find(({ devices }) => devices > 1);
          return slices === 0 || largest === undefined
            ? []
            : [
                {
                  object: group.object,
                  message: `container ${name} sets ${largest.name} to ${String(largest.devices)} and has ${slices === 1 ? "1 MIG slice" : `${String(slices)} MIG slices`}: a process sees one MIG slice at most, and slices do not exchange data over NVLink or NCCL, so that the program stops at its start. Set it to 1, and claim one larger slice for a larger model`,
                },
              ];
        });
  });

/** MIG slices that a container sees. A request that it names is one of the claim's. */
function slicesOf(group: PodGroup, container: string): number {
  const [outcome] = placedOf(group);
  const uses = outcome?.planned.pod.uses.filter((use) => use.container === container) ?? [];
  const devices = uses.flatMap(({ claim, request }) => {
    const placement = outcome?.claims.find(({ podClaim }) => podClaim.name === claim);
    return (placement?.devices ?? []).filter((device) => request === undefined || device.request.split("/")[0] === request);
  });
  return new Set(devices.map(({ pool, device }) => `${pool}/${device}`).filter((device) => device.includes("-mig-"))).size;
}

function settingsOf(container: unknown): readonly Setting[] {
  const line = [...listAt(container, "command"), ...listAt(container, "args")].map(String).join(" ");
  const ofArguments = [...line.matchAll(ARGUMENTS)].map(([, name = "", value]) => ({ name, devices: Number(value) }));
  const ofVariables = listAt(container, "env").flatMap((variable) => {
    const name = textOf(valueAt(variable, "name"));
    const devices = Number(valueAt(variable, "value"));
    return VARIABLES.includes(name) && Number.isInteger(devices) ? [{ name, devices }] : [];
  });
  return [...ofArguments, ...ofVariables];
}
