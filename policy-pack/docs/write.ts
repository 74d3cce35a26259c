/** `npm run docs:policies`: writes docs/policies.md. With `--check` it fails instead if the file is not up to date. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { PAGE, pageOfPack } from "./pack-page";

const page = pageOfPack();

if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, page);
} else if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page) {
  console.error("docs/policies.md is not up to date: run `npm run docs:policies`");
  process.exitCode = 1;
}
