/** Modules that Pulumi's runtime loads when it is imported, and uses only to serialize functions of a program, or where a program runs the pulumi CLI. */
import { Module, createRequire } from "node:module";

/** As @pulumi/pulumi names them in its `runtime/closure/parseFunction.js`, `runtime/closure/codePaths.js` and `index.js`. The first two alone are a third of the time in which the runtime loads. */
const NAMES = ["typescript", "@npmcli/arborist", "normalize-package-data", "./automation"];

/** Makes them load at their first use. Call it before Pulumi's runtime is imported. */
export function loadLate(): void {
  const pulumi = createRequire(require.resolve("@pulumi/pulumi"));
  for (const name of NAMES) {
    const path = pulumi.resolve(name);
    const placeholder = new Module(path);
    placeholder.loaded = true;
    placeholder.exports = late(() => {
      if (pulumi.cache[path] === placeholder) {
        Reflect.deleteProperty(pulumi.cache, path);
      }
      return pulumi(name) as object;
    });
    pulumi.cache[path] ??= placeholder;
  }
}

function late(load: () => object): object {
  return new Proxy(
    {},
    {
      // Compiled TypeScript copies the members of what it imports, except of ES modules.
      get: (_, member) => (member === "__esModule" ? true : member === "default" ? load() : Reflect.get(load(), member)),
    },
  );
}
