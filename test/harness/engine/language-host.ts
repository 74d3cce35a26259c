/**
 * Stands in for Pulumi's Node language host, which no package registry has: starts the program and the policy pack in the very processes that the real one
 * starts, `cmd/run` and `cmd/run-policy-pack` of @pulumi/pulumi, with the same arguments. It does not install dependencies, generate code or attach debuggers.
 * Source: pulumi/pulumi sdk/nodejs/cmd/pulumi-language-nodejs/main.go.
 *
 *   node language-host.ts ENGINE_ADDRESS
 */
import { spawn } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { answer, listen, makeServer, refuseAll, toMap } from "../../../src/rehearsal/monitor/service";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** `cmd/run` ends with it when it has told the engine what was wrong. */
const HAS_REPORTED = 32;

const [, , engine = ""] = process.argv;

async function main(): Promise<void> {
  const server = makeServer();
  server.addService(LanguageRuntimeService, {
    ...refuseAll(LanguageRuntimeService, "the stand-in for the language host"),
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion("3.248.0")),
    getRequiredPackages: answer(() => new language.GetRequiredPackagesResponse()),
    cancel: answer(() => new Empty()),
    run: answer(runProgram),
    runPlugin: (call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>) => {
      runPlugin(call);
    },
  });
  const address = await listen(server);
  process.stdout.write(`${address.split(":").at(-1) ?? ""}\n`);
}

function runProgram(request: language.RunRequest): Promise<language.RunResponse> {
  const options = toMap(request.getInfo()?.getOptions());
  const nodeArgs = typeof options["nodeargs"] === "string" ? options["nodeargs"].split(" ") : [];
  const flags = {
    monitor: request.getMonitorAddress(),
    engine,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const child = spawn(
    process.execPath,
    [
      ...nodeArgs,
      require.resolve("@pulumi/pulumi/cmd/run"),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      request.getInfo()?.getEntryPoint() ?? ".",
    ],
    {
      cwd: request.getPwd(),
      env: {
        ...process.env,
        PULUMI_NODEJS_TYPESCRIPT: options["typescript"] === false ? "false" : "true",
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const response = new language.RunResponse();
      if (code === HAS_REPORTED) {
        response.setBail(true);
      } else if (code !== 0) {
        response.setError(`the program ended with code ${code ?? "?"}`);
      }
      resolve(response);
    });
  });
}

/** The engine hears what the plugin prints, its port first, and stops it by ending the call. */
function runPlugin(call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>): void {
  const request = call.request;
  if (request.getKind() !== "analyzer") {
    call.destroy(new Error(`the stand-in for the language host runs policy packs only, not ${request.getKind()}`));
    return;
  }
  const child = spawn(process.execPath, [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), ...request.getArgsList(), "."], {
    cwd: request.getInfo()?.getProgramDirectory() ?? request.getPwd(),
    env: { ...process.env, ...Object.fromEntries(request.getEnvList().map((entry) => entry.split(/=(.*)/s, 2))) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(new Uint8Array(chunk))));
  child.stderr.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(new Uint8Array(chunk))));
  child.on("close", (code) => {
    call.write(new language.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill("SIGINT"));
}

void main();
