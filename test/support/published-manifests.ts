/** The manifests of `test/published`, which a cluster takes and whose pods it gives a place. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./program";

const FOLDER = join(ROOT, "test/published");

/** Absolute paths. */
export const publishedManifests: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(FOLDER, name)).map((file) => join(FOLDER, name, file)));
