/** Leaves out the stack traces that Pulumi's runtime makes of promises and of resources, and that nobody here reads. */
import { Resource } from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

/** What Pulumi keeps out of its type declarations (runtime/debuggable.js of @pulumi/pulumi 3.248.0). */
interface Debuggable {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise(promise: Promise<unknown>, context?: unknown): Promise<unknown>;
}

/** The same (resource.js): where a program makes a resource, for the engine to show. */
interface Traced {
  stackTrace(): readonly object[];
}

let isLeftOut = false;

/**
 * The runtime makes several promises for each resource and keeps a stack trace of each, which it prints only with PULUMI_DEBUG_PROMISE_LEAKS.
 * It also sends the engine one of each resource, and the monitor takes none. Traces take half of the time of a run, and more where they are mapped to sources.
 * Traces of errors stay as they are.
 */
export function leaveOutStackTraces(): void {
  const runtime = debuggable as unknown as Debuggable;
  if (isLeftOut || runtime.debugPromiseLeaks) {
    return;
  }
  isLeftOut = true;
  (Resource as unknown as Traced).stackTrace = () => [];
  const original = runtime.debuggablePromise;
  runtime.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return original(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
