/** Leaves out the stack traces that Pulumi's runtime keeps of its promises. */
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

/** What Pulumi keeps out of its type declarations (runtime/debuggable.js of @pulumi/pulumi 3.248.0). */
interface Debuggable {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise(promise: Promise<unknown>, context?: unknown): Promise<unknown>;
}

let isLeftOut = false;

/**
 * The runtime makes several promises for each resource and keeps a stack trace of each, which it prints only with PULUMI_DEBUG_PROMISE_LEAKS.
 * The traces take half of the time of a run, and more where they are mapped to sources. Traces of errors stay as they are.
 */
export function leaveOutPromiseTraces(): void {
  const runtime = debuggable as unknown as Debuggable;
  if (isLeftOut || runtime.debugPromiseLeaks) {
    return;
  }
  isLeftOut = true;
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
