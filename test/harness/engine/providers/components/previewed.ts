/** The children of remote components in a preview of the real engine, in the form of the recordings: of the real plugins where they are installed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import type { EngineEvent, PulumiFn } from "@pulumi/pulumi/automation";
import { shortUrn } from "../../../../support/component-children";
import type { ComponentChild } from "../../../../support/component-children";
import { ENGINE_BINARIES, linkBinaries } from "../../../../support/go-binaries";
import { writeCommands } from "../../commands";
import { installedParts, linkComponents } from "../../parts";
import { environmentOf } from "../../project";
import { startStandIns } from "../stand-ins";

/** Previews a new stack of a program, in us-east-1. @throws Error in the CLI's words when it fails. */
export async function previewedChildren(program: PulumiFn): Promise<readonly ComponentChild[]> {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-preview-"));
  const standIns = await startStandIns();
  try {
    const commands = await linkBinaries(ENGINE_BINARIES, folder);
    writeCommands(commands, { token: "a token that no server knows" });
    const [workDir] = ["project", "state"].map((name) => join(folder, name));
    ["project", "state"].forEach((name) => mkdirSync(join(folder, name)));
    writeFileSync(join(folder, "project", "Pulumi.yaml"), "name: shared-gpu\nruntime: nodejs\n");
    const envVars = environmentOf(folder, commands, linkComponents(installedParts(), commands, standIns.attach));
    const pulumiCommand = await PulumiCommand.get({ root: folder });
    const stack = await Stack.create("dev", await LocalWorkspace.create({ workDir, program, envVars, pulumiCommand }));
    await stack.setConfig("aws:region", { value: "us-east-1" });
    const events: EngineEvent[] = [];
    await stack.preview({ color: "never", onEvent: (event) => events.push(event) });
    return events.flatMap(({ resourcePreEvent }) => childOf(resourcePreEvent) ?? []);
  } finally {
    standIns.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a step registers, where it is a remote component of ours or something in one. */
function childOf(event: EngineEvent["resourcePreEvent"]): ComponentChild | undefined {
  const { urn = "", type = "", new: made } = event?.metadata ?? {};
  if (made === undefined || !/[:$](awsx:ec2:Vpc|eks:index:Cluster)[$:]/.test(urn)) {
    return undefined;
  }
  return {
    urn: shortUrn(urn),
    type,
    custom: made.custom ?? false,
    parent: shortUrn(made.parent ?? ""),
    protect: made.protect ?? false,
    inputs: made.inputs as ComponentChild["inputs"],
  };
}
