/** The commands of README.md and docs/rehearsal.md that rehearse on a control plane, run as a reader runs them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CONTROL_PLANE_PROGRAMS } from "../../../src/control-plane/programs/kubernetes";
import { runCommand } from "../../support/child";
import { COMMANDS } from "../../support/documented-commands";
import { documentedManifests } from "../../support/documented-manifests";
import { makeFolder } from "../../support/folder";
import { linkBinaries } from "../../support/go-binaries";
import { ROOT } from "../../support/program";

const commands = Object.entries(COMMANDS).flatMap(([command, how]) => (how.by === "cluster tier" ? [{ command, ...how }] : []));

test.each(commands)("$command", async ({ command, code, prints }) => {
  const pod = documentedManifests().find(({ place }) => place.startsWith("README.md"))?.text ?? "";
  const folder = makeFolder({ "train.yaml": pod });
  const line = command.replace("team-a/", `${folder}/`).replace("difference.yaml", join(folder, "difference.yaml"));
  const KUBEBUILDER_ASSETS = await linkBinaries(CONTROL_PLANE_PROGRAMS, makeFolder({}));
  const run = await runCommand("bash", ["--norc", "-c", line], { cwd: ROOT, env: { KUBEBUILDER_ASSETS } });
  expect(run.stdout).toMatch(prints);
  expect(run.code).toBe(code);
  expect(existsSync(join(folder, "difference.yaml"))).toBe(false);
});
