/** The dashboard of the GPUs: where slices are, how busy each is, and how each physical GPU does. */
import { ALLOCATED_DEVICES, GPU_INFO } from "../rules/accounting";
import { DEVICE_SERIES } from "../rules/devices";
import { dashboard } from "./layout";
import { lines, rows, states } from "./panels";
import type { PanelArgs } from "./panels";
import { someOf } from "./variables";

const CHOSEN = '{node=~"$node", gpu_uuid=~"$gpu"}';
const OF_GPU = '{gpu_uuid=~"$gpu"}';
const SLICE = "node, gpu_uuid, device, profile, tier";
const HELD = `group by (team, ${SLICE}) (${ALLOCATED_DEVICES}${CHOSEN})`;
const PUBLISHED = `group by (${SLICE}) (shared_gpu_slice_published${CHOSEN})`;

/** A series of each MIG instance, with its node. */
const ofInstance = (series: string) => `${series}${OF_GPU} * on (gpu_uuid) group_left (node) ${GPU_INFO}${CHOSEN}`;
const instances = (expr: string): PanelArgs["questions"] => [{ expr, legend: "{{node}} {{gpu_uuid}} {{profile}} {{gpu_instance}}" }];
/** A series of each physical GPU, with its node. */
const gpus = (series: string): PanelArgs["questions"] => [{ expr: ofInstance(series), legend: "{{node}} {{gpu_uuid}}" }];

export const GPU_DASHBOARD = dashboard({
  uid: "shared-gpu-gpus",
  title: "Shared GPU: GPUs",
  description: "Where the slices are and who has them, what each MIG instance does, and how each physical GPU is.",
  variables: [
    someOf({ name: "node", label: "Node", series: GPU_INFO, of: "node" }),
    someOf({ name: "gpu", label: "GPU", series: `${GPU_INFO}{node=~"$node"}`, of: "gpu_uuid" }),
  ],
  sections: [
    {
      title: "Map of slices",
      width: 12,
      height: 12,
      panels: [
        rows(
          {
            title: "Slices and who has them",
            description: "A slice without a team is free. A slice that several teams share has a row for each.",
            unit: "none",
            questions: [{ expr: `${HELD} or on (node, device) ${PUBLISHED}` }],
          },
          [
            { from: "node", title: "Node" },
            { from: "gpu_uuid", title: "GPU" },
            { from: "device", title: "Device" },
            { from: "profile", title: "Profile" },
            { from: "tier", title: "Tier" },
            { from: "team", title: "Team" },
          ],
        ),
        states(
          {
            title: "Held or free, over time",
            description: "A row for each slice. The name of a device has the number of the GPU and the profile.",
            unit: "none",
            questions: [
              { expr: `group by (node, device) (${HELD}) or group by (node, device) (${PUBLISHED}) * 0`, legend: "{{node}} {{device}}" },
            ],
          },
          { "0": { text: "free", color: "green" }, "1": { text: "held", color: "blue" } },
        ),
      ],
    },
    {
      title: "MIG instances",
      width: 12,
      height: 8,
      panels: [
        lines({
          title: "Activity",
          description: "Part of the time in which the compute engines of the instance work. The number is NVML's of the GPU instance.",
          unit: "percentunit",
          questions: instances(ofInstance(DEVICE_SERIES.activity)),
        }),
        lines({
          title: "Activity of tensor cores",
          description: "Part of the time in which they work.",
          unit: "percentunit",
          questions: instances(ofInstance(DEVICE_SERIES.tensorActivity)),
        }),
        lines({
          title: "Activity of memory",
          description: "Part of the time in which memory is read or written.",
          unit: "percentunit",
          questions: instances(ofInstance(DEVICE_SERIES.memoryActivity)),
        }),
        lines({
          title: "Memory used",
          description: "Of each instance.",
          unit: "bytes",
          questions: instances(ofInstance(DEVICE_SERIES.memoryUsed)),
        }),
        lines({
          title: "Memory used, of what there is",
          description: "A program that needs more than its instance has fails: it gets nothing of its neighbours'.",
          unit: "percentunit",
          questions: instances(
            `(${DEVICE_SERIES.memoryUsed}${OF_GPU} / (${DEVICE_SERIES.memoryUsed}${OF_GPU} + ${DEVICE_SERIES.memoryFree}${OF_GPU})) * on (gpu_uuid) group_left (node) ${GPU_INFO}${CHOSEN}`,
          ),
        }),
      ],
    },
    {
      title: "Physical GPUs",
      width: 8,
      height: 8,
      panels: [
        lines({ title: "Power", description: "Of the board, once for each GPU.", unit: "watt", questions: gpus(DEVICE_SERIES.power) }),
        lines({ title: "Temperature", description: "Once for each GPU.", unit: "celsius", questions: gpus(DEVICE_SERIES.temperature) }),
        lines({
          title: "Clock",
          description: "Of the multiprocessors, once for each GPU. All instances of a GPU have it in common.",
          unit: "hertz",
          questions: gpus(DEVICE_SERIES.smClock),
        }),
        rows(
          {
            title: "Errors",
            description:
              "The last XID that the driver reported, rows of memory that it had to replace because of errors that ECC cannot correct, and whether it could not.",
            unit: "none",
            questions: [
              { expr: ofInstance(DEVICE_SERIES.xid) },
              { expr: ofInstance(DEVICE_SERIES.uncorrectableRemappedRows) },
              { expr: ofInstance(DEVICE_SERIES.rowRemapFailed) },
            ],
          },
          [
            { from: "node", title: "Node" },
            { from: "gpu_uuid", title: "GPU" },
            { from: "Value #A", title: "Last XID" },
            { from: "Value #B", title: "Rows replaced" },
            { from: "Value #C", title: "Replacing failed" },
          ],
        ),
      ],
    },
  ],
});
