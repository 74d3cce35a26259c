/** Resource hooks: functions of the program that the engine calls around what it does to a resource (pulumi/pulumi pkg/resource/deploy/resource_hooks.go). */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";
import type { Mode, RecordedResource } from "./recording";
import { decoded } from "../deployed/secrets";
import { toStruct } from "./service";
import type { WireMap } from "./wire";

interface Hook {
  readonly callback: Callback;
  /** Whether it is called in a preview, too. */
  readonly onDryRun: boolean;
  /** Whether its failure is a warning only. */
  readonly ignoreErrors: boolean;
}

/** The moments that come in a rehearsal, updates only where something is deployed already. The others never do: nothing is deleted, and no provider fails. */
export type Moment = "beforeCreate" | "afterCreate" | "beforeUpdate" | "afterUpdate";

/** A resource as it was before an update. */
export interface Before {
  readonly id: string;
  readonly inputs: object;
  readonly outputs: object;
}

export class Hooks {
  private readonly hooks = new Map<string, Hook>();
  private readonly errorHooks = new Set<string>();

  constructor(
    private readonly callbacks: Callbacks,
    private readonly mode: Mode,
    /** Hears of the failures that a hook is allowed. */
    private readonly warn: (message: string, urn: string) => void,
  ) {}

  /** @throws Error for an empty name, and for one that is taken. */
  register(request: proto.RegisterResourceHookRequest): void {
    const callback = request.getCallback();
    if (callback === undefined) {
      throw new Error(`resource hook "${request.getName()}" has no callback`);
    }
    this.take(request.getName());
    this.hooks.set(request.getName(), { callback, onDryRun: request.getOnDryRun(), ignoreErrors: request.getIgnoreErrors() });
  }

  /** @throws Error for an empty name, and for one that is taken. */
  registerErrorHook(name: string): void {
    this.take(name);
    this.errorHooks.add(name);
  }

  /** Calls the hooks of a moment, one after the other. @throws Error when one fails or was never registered. */
  async run(moment: Moment, resource: RecordedResource, before?: Before): Promise<void> {
    for (const name of resource.options.hooks[moment] ?? []) {
      const hook = this.hooks.get(name);
      if (hook === undefined) {
        throw new Error(`hook "${name}" was not registered`);
      }
      if (this.mode === "preview" && !hook.onDryRun) {
        continue;
      }
      try {
        await this.call(hook, moment, resource, before);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!hook.ignoreErrors) {
          throw new Error(`${moment.startsWith("before") ? "before" : "after"} hook "${name}" failed: ${reason}`, { cause: error });
        }
        this.warn(`${moment} hook "${name}" failed: ${reason}`, resource.urn);
      }
    }
  }

  private async call(hook: Hook, moment: Moment, resource: RecordedResource, before: Before | undefined): Promise<void> {
    const request = new proto.ResourceHookRequest()
      .setUrn(resource.urn)
      .setId(before?.id ?? resource.id ?? "")
      .setName(resource.name)
      .setType(resource.type)
      .setNewInputs(toStruct(resource.wire.inputs));
    if (before !== undefined) {
      request.setOldInputs(toStruct(decoded(before.inputs as WireMap) as WireMap));
      request.setOldOutputs(toStruct(decoded(before.outputs as WireMap) as WireMap));
    }
    if (moment.startsWith("after")) {
      request.setNewOutputs(toStruct(resource.wire.outputs));
    }
    const response = await this.callbacks.call(hook.callback, request.serializeBinary());
    const failure = proto.ResourceHookResponse.deserializeBinary(response).getError();
    if (failure !== "") {
      throw new Error(failure);
    }
  }

  private take(name: string): void {
    if (name === "") {
      throw new Error("resource hook name cannot be empty");
    }
    if (this.hooks.has(name) || this.errorHooks.has(name)) {
      throw new Error(`resource hook already registered for name "${name}"`);
    }
  }
}
