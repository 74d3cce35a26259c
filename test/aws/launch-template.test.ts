import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { NodeTemplate } from "../../src/aws/launch-template";
import { launchTemplateArgs } from "../../src/aws/launch-template";

const NODE: NodeTemplate = {
  clusterName: "shared-gpu",
  poolName: "a100",
  volumeGiB: 200,
  nvmeGB: 8000,
  image: "nvidia",
  capacity: { type: "onDemand" },
  instanceType: "p4d.24xlarge",
  tags: { Team: "platform" },
};

describe("launchTemplateArgs", () => {
  test("names no image, so that EKS keeps choosing it by AMI type and release", () => {
    expect(launchTemplateArgs(NODE)).not.toHaveProperty("imageId");
  });

  test("tags instances and volumes, which is where the money goes", () => {
    const tags = { Team: "platform", Name: "shared-gpu-a100" };
    expect(launchTemplateArgs(NODE).tagSpecifications).toEqual([
      { resourceType: "instance", tags },
      { resourceType: "volume", tags },
    ]);
  });

  test("leaves instance type and purchase to the node group on demand", () => {
    const args = launchTemplateArgs(NODE);
    expect([args.instanceType, args.instanceMarketOptions, args.capacityReservationSpecification]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("binds to a capacity block with instance type, market and reservation", () => {
    const capacity = { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate: undefined } as const;
    expect(launchTemplateArgs({ ...NODE, capacity })).toMatchObject({
      instanceType: "p4d.24xlarge",
      instanceMarketOptions: { marketType: "capacity-block" },
      capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: "cr-0123456789abcdef0" } },
    });
  });

  test("has no user data without local disks and without GPUs", () => {
    expect(launchTemplateArgs({ ...NODE, nvmeGB: 0, image: "standard" }).userData).toBeUndefined();
  });
});

/** The parts of a node's user data as a MIME reader sees them. */
function partsOf(node: NodeTemplate): readonly { readonly type: string; readonly text: string }[] {
  const document = Buffer.from(launchTemplateArgs(node).userData as string, "base64").toString();
  const [header, ...sections] = document.split("--BOUNDARY");
  expect(header).toBe('MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="BOUNDARY"\n\n');
  expect(sections.pop()).toBe("--\n");
  return sections.map((section) => {
    const [, type = "", text = ""] = /^\nContent-Type: (.*)\n\n([^]*)\n$/.exec(section) ?? [];
    return { type, text };
  });
}

describe("the user data of a node with local disks", () => {
  test("asks nodeadm for one RAID 0 array and for nothing else", () => {
    const [part, ...others] = partsOf({ ...NODE, image: "standard" });
    expect(others).toEqual([]);
    expect(part?.type).toBe("application/node.eks.aws");
    expect(parse(part?.text.replace("---\n", "") ?? "")).toEqual({
      apiVersion: "node.eks.aws/v1alpha1",
      kind: "NodeConfig",
      spec: { instance: { localStorage: { strategy: "RAID0" } } },
    });
  });
});

describe("the user data of a node with GPUs", () => {
  const [script, ...others] = partsOf({ ...NODE, nvmeGB: 0 });

  test("comes after that for local disks", () => {
    expect(others).toEqual([]);
    expect(partsOf(NODE).map(({ type }) => type)).toEqual(["application/node.eks.aws", 'text/x-shellscript; charset="us-ascii"']);
  });

  test("is a script for cloud-init, which knows one by its first line", () => {
    expect(script?.type).toMatch(/^text\/x-shellscript/);
    expect(script?.text).toMatch(/^#!\/bin\/bash\nset -euo pipefail\n/);
  });

  /** Runs the script with stand-ins for the node's commands. What nvidia-ctk would write goes to a file of the test's. */
  function run(written: string): { readonly status: number | null; readonly commands: string } {
    const folder = mkdtempSync(join(tmpdir(), "user-data-"));
    try {
      const command = (name: string, action: string) => {
        writeFileSync(join(folder, name), `#!/bin/bash\necho "${name} $*" >> ${folder}/commands\n${action}\n`, { mode: 0o755 });
      };
      command("nvidia-ctk", written === "" ? "exit 1" : `printf '%s' '${written}' > ${folder}/config.toml`);
      command("systemctl", "");
      const text = script?.text.replaceAll("/etc/nvidia-container-runtime/config.toml", `${folder}/config.toml`) ?? "";
      const { status } = spawnSync("bash", ["--norc", "-c", text], { env: { PATH: `${folder}:${process.env.PATH ?? ""}` } });
      return { status, commands: readFileSync(join(folder, "commands"), "utf8").replaceAll(folder, "/etc/nvidia-container-runtime") };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const [VARIABLE, MOUNTS] = ["accept-nvidia-visible-devices-envvar-when-unprivileged", "accept-nvidia-visible-devices-as-volume-mounts"];

  test("keeps unprivileged containers from choosing their GPUs by variable or mount", () => {
    expect(run(`${VARIABLE} = false\n${MOUNTS} = false\n\n[nvidia-container-cli]\n`)).toEqual({
      status: 0,
      commands: `nvidia-ctk config --config-file=/etc/nvidia-container-runtime/config.toml --in-place --set ${VARIABLE}=false --set ${MOUNTS}=false\n`,
    });
  });

  test.each([
    ["nvidia-ctk fails", ""],
    ["a setting is not there afterwards", `${VARIABLE} = false\n`],
    ["a setting is another one afterwards", `${VARIABLE} = true\n${MOUNTS} = false\n`],
  ])("keeps a node out of the cluster when %s", (_, written) => {
    const { status, commands } = run(written);
    expect(status).not.toBe(0);
    expect(commands).toMatch(/\nsystemctl disable --now --no-block nodeadm-run\.service\n$/);
  });
});
