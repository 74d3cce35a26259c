/** Starts the policy pack inside this process: the real pack, on the port that it opens itself. */
import { Server } from "@grpc/grpc-js";
import { join } from "node:path";

export interface ServedPack {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  close(): void;
}

/**
 * Loads a pack's entry point. `new PolicyPack(...)` in it starts a gRPC server and tells its port on standard output, as
 * the pulumi CLI expects it of a child process; here the server is taken at the moment it binds, and that line is kept back.
 * A process can serve one pack, once (@pulumi/policy server.js).
 * @param folder absolute path of the pack.
 * @param main entry point in it. @default "main.js"
 */
export async function loadPack(folder: string, main = "main.js"): Promise<ServedPack> {
  const bound = interceptBinding();
  const { log } = console;
  const cwd = process.cwd();
  // The pack reads its version from the package.json of the working directory.
  process.chdir(folder);
  console.log = (...words: unknown[]) => {
    // The port is a line of digits. Anything else a pack prints is for the user.
    if (words.length !== 1 || !/^\d+$/.test(String(words[0]))) {
      console.error(...words);
    }
  };
  try {
    await import(join(folder, main));
    const { server, port } = await bound.promise;
    return {
      address: `127.0.0.1:${port}`,
      close: () => {
        server.forceShutdown();
      },
    };
  } finally {
    process.chdir(cwd);
    console.log = log;
    bound.restore();
  }
}

interface Binding {
  readonly server: Server;
  readonly port: number;
}

/** Watches for the next server of this process that binds. */
function interceptBinding(): { readonly promise: Promise<Binding>; restore(): void } {
  const prototype = Server.prototype;
  const original = prototype.bindAsync;
  const promise = new Promise<Binding>((resolve, reject) => {
    prototype.bindAsync = function (this: Server, address, credentials, callback) {
      original.call(this, address, credentials, (error, port) => {
        callback(error, port);
        if (error === null) {
          resolve({ server: this, port });
        } else {
          reject(error);
        }
      });
    };
  });
  return {
    promise,
    restore: () => {
      prototype.bindAsync = original;
    },
  };
}
