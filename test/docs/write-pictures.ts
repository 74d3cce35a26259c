/** `npm run docs:pictures`: the picture of the rehearsal's page that README.md shows. */
import { join } from "node:path";
import { rehearse } from "../../src/rehearsal/rehearse";
import { formatHtml } from "../../src/rehearsal/report/html";
import { writePicture } from "../support/browser";
import { ROOT } from "../support/program";
import { projectPack } from "../support/project-pack";

async function write(): Promise<void> {
  const report = await rehearse({
    root: ROOT,
    stack: "dev",
    manifests: [],
    namespace: "mig-test",
    strict: false,
    policyPackConfig: undefined,
    loadPack: projectPack,
    today: new Date(),
  });
  writePicture(formatHtml(report), { scheme: "light", width: 1200, height: 1000 }, join(ROOT, "docs/rehearsal.png"));
}

void write();
