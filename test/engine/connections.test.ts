/** Runs of programs in one process: what is left of one does not reach the next. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Client } from "@grpc/grpc-js";
import { runtime } from "@pulumi/pulumi";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { SupportsFeatureRequest, SupportsFeatureResponse } from "@pulumi/pulumi/proto/resource_pb";
import { answer, refuseAll } from "../../src/rehearsal/monitor/service";
import { separateConnections } from "../harness/engine/connections";

/** A monitor that answers one question. @param port 0: any. */
async function listen(port: number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = new Server();
  server.addService(ResourceMonitorService, {
    ...refuseAll(ResourceMonitorService, "the monitor"),
    supportsFeature: answer(() => new SupportsFeatureResponse().setHassupport(true)),
  });
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolve({ server, port: bound });
      } else {
        reject(error);
      }
    });
  });
}

interface Run {
  /** Asks the engine something. @returns the error's words, or none. */
  readonly ask: () => Promise<string | undefined>;
  readonly close: () => void;
}

/** A run of its own, as the Automation API starts one. */
async function startRun(port: number): Promise<Run> {
  const { withLocalStorage } = (await import("@pulumi/pulumi/runtime/state")) as unknown as { withLocalStorage<R>(callback: () => R): R };
  const monitor = withLocalStorage(() => {
    runtime.resetOptions("project", "stack", 1, "", `127.0.0.1:${port}`, false, "organization");
    return runtime.getMonitor();
  });
  if (monitor === undefined) {
    throw new Error("the runtime has no monitor");
  }
  return {
    ask: () =>
      new Promise((resolve) => {
        monitor.supportsFeature(new SupportsFeatureRequest(), (error) => {
          resolve(error?.message);
        });
      }),
    close: () => {
      (monitor as unknown as Client).close();
    },
  };
}

test("an engine on the port of one that has ended is reached, while a failed program still calls the former one", async () => {
  separateConnections();
  const former = await listen(0);
  const failed = await startRun(former.port);
  expect(await failed.ask()).toBeUndefined();
  former.server.forceShutdown();
  expect(await failed.ask()).toContain("UNAVAILABLE");
  const next = await listen(former.port);
  const run = await startRun(next.port);
  const answered = await run.ask();
  run.close();
  failed.close();
  next.server.forceShutdown();
  expect(answered).toBeUndefined();
});
