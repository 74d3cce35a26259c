/** Stack configurations that differ in which Kubernetes objects they make, as settings over those of the dev stack. */
import { INSTANCE_TYPES } from "../../src/hardware/instance-types";
import type { ProgramOptions } from "./program";

export type StackSettings = NonNullable<ProgramOptions["config"]>;

const none = { type: "none" };
const one = { desired: 1 };
const deployed = { type: "deployed", team: "mig-test" };

/** A small instance type of every GPU model that can be divided, each in a pool of its own. */
const EVERY_MODEL = [
  ...new Map(INSTANCE_TYPES.flatMap(({ name, gpus }) => (gpus.type === "mig" ? [[gpus.model.name, name] as const] : []))).values(),
].map((instanceType, index) => ({ name: `pool-${index}`, instanceType, size: one }));

export const STACK_CONFIGS: Readonly<Record<string, StackSettings>> = {
  "the dev stack": {},
  "workloads on one GPU": { fashionMnist: { ...deployed, colocate: true } },
  "scripts from the image and shared checkpoints": {
    teams: [{ name: "mig-test", slices: { small: 8, medium: 4, large: 4 }, storageGiB: 2048 }],
    fashionMnist: {
      ...deployed,
      image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/fashion-mnist:1",
      scripts: "image",
      checkpoints: { type: "shared", sizeGiB: 1024 },
    },
  },
  "workloads on one GPU with shared checkpoints": { fashionMnist: { ...deployed, colocate: true, checkpoints: { type: "shared" } } },
  "teams with groups and members": {
    fashionMnist: none,
    teams: [
      { name: "team-a", group: "team-a-members", principalArns: ["arn:aws:iam::123456789012:role/team-a"], slices: { small: 4 }, pods: 5 },
      { name: "team-b", group: "research:team-b", slices: { small: 2, medium: 1, large: 1 }, cpu: 1, memoryGiB: 2048 },
      { name: "team-c" },
    ],
  },
  "pools of other GPUs and layouts": {
    fashionMnist: none,
    gpuPools: [
      { name: "h100", instanceType: "p5.48xlarge", layout: "all-balanced", size: { desired: 2, min: 1, max: 4 } },
      { name: "a100", instanceType: "p4de.24xlarge", layout: "all-1g.10gb", size: one },
      {
        name: "mixed",
        instanceType: "p4d.24xlarge",
        size: one,
        layout: {
          name: "halves-and-whole",
          gpus: [
            { devices: [0, 1, 2, 3, 4, 5], profiles: { "3g.20gb": 2 } },
            { devices: [6, 7], profiles: "whole" },
          ],
        },
      },
    ],
    teams: [{ name: "mig-test", slices: { large: 8 } }],
  },
  "whole GPUs": {
    fashionMnist: none,
    gpuPools: [{ name: "whole", instanceType: "p4d.24xlarge", layout: "all-disabled", size: one }],
    teams: [{ name: "mig-test" }],
  },
  "every GPU of the catalogue": { fashionMnist: none, gpuPools: EVERY_MODEL, teams: [{ name: "mig-test", slices: { small: 1 } }] },
  "no GPU, no team": { fashionMnist: none, gpuPools: [], teams: [] },
};
