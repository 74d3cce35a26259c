/** Starts the policy pack inside this process: the real pack on Pulumi's own SDK, without the wire between them and us. */
import { Server } from "@grpc/grpc-js";
import type { UntypedServiceImplementation, sendUnaryData } from "@grpc/grpc-js";
import { join } from "node:path";
import { answerOf } from "./served-pack";
import type { ServedPack } from "./served-pack";

/**
 * Loads a pack's entry point. `new PolicyPack(...)` in it hands the methods of the analyzer protocol to a gRPC server, and tells its port on standard
 * output, as the pulumi CLI expects it of a child process. Here the methods are taken as they are handed over, the server does not listen, and that line
 * is kept back. A process can serve one pack, once (@pulumi/policy server.js).
 * @param folder absolute path of the pack.
 * @param main entry point in it. @default "main.js"
 */
export async function loadPack(folder: string, main = "main.js"): Promise<ServedPack> {
  const server = interceptServer();
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
    return inProcess(await server.methods);
  } finally {
    process.chdir(cwd);
    console.log = log;
    server.restore();
  }
}

/** Watches for the next server of this process: takes its methods, and keeps it from listening. */
function interceptServer(): { readonly methods: Promise<UntypedServiceImplementation>; restore(): void } {
  const prototype = Server.prototype;
  const { addService, bindAsync } = prototype;
  const methods = new Promise<UntypedServiceImplementation>((resolve) => {
    prototype.addService = (_service, implementation) => {
      resolve(implementation);
    };
  });
  prototype.bindAsync = (_address, _credentials, callback) => {
    callback(null, 0);
  };
  return {
    methods,
    restore: () => {
      Object.assign(prototype, { addService, bindAsync });
    },
  };
}

function inProcess(methods: UntypedServiceImplementation): ServedPack {
  const method =
    <Request, Response>(name: keyof ServedPack) =>
    (request: Request): Promise<Response> =>
      answerOf((answer) => {
        // Of a call the SDK and the pack read the request.
        (methods[name] as unknown as (call: { readonly request: Request }, callback: sendUnaryData<Response>) => void)({ request }, answer);
      });
  return {
    analyze: method("analyze"),
    analyzeStack: method("analyzeStack"),
    configure: method("configure"),
    configureStack: method("configureStack"),
    getAnalyzerInfo: method("getAnalyzerInfo"),
  };
}
