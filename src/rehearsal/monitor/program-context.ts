/** Keeps functions that a program serves to the engine, its transforms and hooks, in the run that they belong to. */
import { AsyncResource } from "node:async_hooks";
import { CallbackServer } from "@pulumi/pulumi/runtime/callbacks";

interface Served {
  invoke(...args: readonly unknown[]): unknown;
}

/**
 * The engine's calls come in on HTTP/2 streams, which have no asynchronous context in Node: by then the runtime has forgotten whose run it is and whether
 * that is a preview, and would take secrets for plain values. Under the pulumi CLI there is one run in a process, and nothing to forget.
 */
export function keepCallbacksInTheirRun(): void {
  const prototype = CallbackServer.prototype as unknown as Served;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, "invoke");
  if (typeof descriptor?.value === "function") {
    const invoke = descriptor.value as Served["invoke"];
    // A server reads its method once, when it is made, in the context of its run.
    Object.defineProperty(prototype, "invoke", { get: () => AsyncResource.bind(invoke) });
  }
}
