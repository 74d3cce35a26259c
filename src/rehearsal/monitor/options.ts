/** Resource options on their way through the engine: as a program asks for them, as they are inherited, and as they are recorded. */
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import * as aliases from "@pulumi/pulumi/proto/alias_pb";
import type { ResourceOptions } from "./recording";
import { packageOf, urnOfProvider } from "./urn";

/** The options of a request, in the form in which transforms get them (source_eval.go, RegisterResource). */
export function askedOptions(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions()
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setReplacementTrigger(request.getReplacementTrigger())
    .setVersion(request.getVersion())
    .setAliasesList([...request.getAliasurnsList().map((urn) => new aliases.Alias().setUrn(urn)), ...request.getAliasesList()])
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setPluginDownloadUrl(request.getPlugindownloadurl())
    .setDeletedWith(request.getDeletedwith())
    .setReplaceWithList(request.getReplaceWithList())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setHideDiffList(request.getHidediffsList())
    .setImport(request.getImportid())
    .setHooks(request.getHooks());
  if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() ?? false);
  if (request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  for (const [name, reference] of request.getProvidersMap().toArray()) {
    options.getProvidersMap().set(name, reference);
  }
  return options;
}

/**
 * Fills in what a resource gets from its parent: protection, retention and `deletedWith`, and a provider where it is one for this type
 * (source_eval.go, inheritFromParent and resolveProvider).
 * @param isManaged whether a provider makes the resource, or the plugin of its package.
 */
export function inherit(options: TransformResourceOptions, parent: TransformResourceOptions, type: string, isManaged: boolean): void {
  const packageName = packageOf(type);
  if (!options.hasProtect() && parent.hasProtect()) options.setProtect(parent.getProtect() ?? false);
  if (!options.hasRetainOnDelete() && parent.hasRetainOnDelete()) options.setRetainOnDelete(parent.getRetainOnDelete() ?? false);
  if (options.getDeletedWith() === "") options.setDeletedWith(parent.getDeletedWith());
  if (options.getProvider() !== "") return;
  if (!isManaged || packageOfProvider(parent.getProvider()) === packageName) {
    options.setProvider(parent.getProvider());
  }
  if (isManaged && options.getProvider() === "") {
    options.setProvider(options.getProvidersMap().get(packageName) ?? parent.getProvidersMap().get(packageName) ?? "");
  }
}

/** Gives a component the providers of its parent, too: they are for everything below. */
export function inheritProviders(options: TransformResourceOptions, parent: TransformResourceOptions): void {
  const own = options.getProvidersMap();
  for (const [name, reference] of parent.getProvidersMap().toArray()) {
    if (!own.has(name)) own.set(name, reference);
  }
}

/**
 * The options that the engine hands to the plugin of a remote component, as far as the plugin's SDK hands them to the component (Pulumi's
 * provider/server.js, construct): neither `deleteBeforeReplace` nor `additionalSecretOutputs`, and hooks only since 3.200.
 * @throws Error for `deletedWith`: the SDK takes it for the reference to a provider and cuts it off, and the engine refuses what is left.
 */
export function constructOptions(
  goal: TransformResourceOptions,
  dependencies: readonly string[],
  hooks: boolean,
): TransformResourceOptions {
  if (goal.getDeletedWith() !== "") {
    throw new Error(`invalid DeletedWith URN: invalid URN "${urnOfProvider(goal.getDeletedWith())}"`);
  }
  const options = new TransformResourceOptions()
    .setDependsOnList([...dependencies])
    .setAliasesList(goal.getAliasesList())
    .setIgnoreChangesList(goal.getIgnoreChangesList())
    .setReplaceOnChangesList(goal.getReplaceOnChangesList())
    .setCustomTimeouts(goal.getCustomTimeouts())
    .setHooks(hooks ? goal.getHooks() : undefined);
  if (goal.hasProtect()) options.setProtect(goal.getProtect() ?? false);
  if (goal.hasRetainOnDelete()) options.setRetainOnDelete(goal.getRetainOnDelete() ?? false);
  for (const [name, reference] of goal.getProvidersMap().toArray()) {
    options.getProvidersMap().set(name, reference);
  }
  return options;
}

/** @param aliasUrn the URN that an alias stands for. */
export function recordedOptions(options: TransformResourceOptions, aliasUrn: (alias: Alias) => string): ResourceOptions {
  const timeouts = options.getCustomTimeouts();
  return {
    protect: options.getProtect() ?? false,
    retainOnDelete: options.getRetainOnDelete() ?? false,
    deletedWith: options.getDeletedWith() === "" ? undefined : options.getDeletedWith(),
    ignoreChanges: options.getIgnoreChangesList(),
    replaceOnChanges: options.getReplaceOnChangesList(),
    additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
    aliases: options.getAliasesList().map(aliasUrn),
    deleteBeforeReplace: options.hasDeleteBeforeReplace() ? (options.getDeleteBeforeReplace() ?? false) : undefined,
    importId: options.getImport() === "" ? undefined : options.getImport(),
    customTimeouts: { create: timeouts?.getCreate() ?? "", update: timeouts?.getUpdate() ?? "", delete: timeouts?.getDelete() ?? "" },
    version: options.getVersion(),
    pluginDownloadUrl: options.getPluginDownloadUrl(),
    hooks: hooksOf(options),
  };
}

function hooksOf(options: TransformResourceOptions): ResourceOptions["hooks"] {
  const binding = options.getHooks();
  const named: ResourceOptions["hooks"] = {
    beforeCreate: binding?.getBeforeCreateList() ?? [],
    afterCreate: binding?.getAfterCreateList() ?? [],
    beforeUpdate: binding?.getBeforeUpdateList() ?? [],
    afterUpdate: binding?.getAfterUpdateList() ?? [],
    beforeDelete: binding?.getBeforeDeleteList() ?? [],
    afterDelete: binding?.getAfterDeleteList() ?? [],
    onError: binding?.getOnErrorList() ?? [],
  };
  return Object.fromEntries(Object.entries(named).filter(([, names]) => names.length > 0));
}

/** The package of a provider reference, `<urn>::<id>`; empty for an empty one. */
function packageOfProvider(reference: string): string {
  const type = reference.split("::")[2]?.split("$").at(-1) ?? "";
  return type === "" ? "" : packageOf(type);
}
