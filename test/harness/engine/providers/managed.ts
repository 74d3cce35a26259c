/**
 * A provider of resources as the engine sees one (pulumi/pulumi proto/pulumi/provider.proto): check, diff, create, read, update,
 * delete and invoke, over things that exist in a {@link Cloud}. What is particular to a package is its {@link Package}.
 */
import type * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { differences } from "../../../../src/rehearsal/deployed/differences";
import type { Difference } from "../../../../src/rehearsal/deployed/differences";
import { computedIn, settled } from "../../../../src/rehearsal/deployed/outputs";
import type { PlainMap } from "../../../../src/rehearsal/monitor/recording";
import { answer, toMap, toStruct } from "../../../../src/rehearsal/monitor/service";
import { unwrap } from "../../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../../src/rehearsal/monitor/wire";
import type { Created, Registration } from "../../../../src/rehearsal/stand-ins/account";
import { foreseenOutputs } from "../../../../src/rehearsal/stand-ins/foreseen";
import type { Failure } from "./check";
import type { Cloud, Thing } from "./cloud";
import type { Attempt, Controls, Operation } from "./controls";
import { nameOf, typeOf } from "./urns";

/** What is asked of a resource before anything happens to it. */
export interface CheckedResource {
  readonly type: string;
  readonly name: string;
  readonly olds: WireMap;
  readonly news: WireMap;
  /** Where names are made up: the same for one creation, another for the next. */
  readonly seed: string;
  /** The name that the engine proposes; undefined where it leaves names to the provider. */
  readonly proposedName: string | undefined;
  readonly region: string;
}

export interface Package {
  check(resource: CheckedResource): { readonly inputs: WireMap; readonly failures: readonly Failure[] };
  /** Whether a difference means another resource. */
  replaces(type: string, difference: Difference): boolean;
  /** Whether the order of the list at a path does not matter. */
  isSet(path: string): boolean;
  /** Whether the old resource is in the way of its replacement. */
  deletesBeforeReplacing(olds: WireMap, news: WireMap, type: string): boolean;
  /** Outputs that the provider computes. */
  created(resource: Registration, region: string, cloud: Cloud): Created;
  /** Computed outputs that an update changes. @param outputs as they were. */
  changed(type: string, found: readonly Difference[], inputs: WireMap, outputs: WireMap, isPreview: boolean): WireMap;
  /** @throws Error when it cannot be created, because of what exists. */
  admit(thing: Thing, cloud: Cloud): void;
  /** @throws Error when it cannot become another in its place, because of what exists. @param before the thing as it is. */
  alter(thing: Thing, before: Thing, cloud: Cloud): void;
  /** @throws Error when it cannot be deleted, because of what exists. */
  release(thing: Thing, cloud: Cloud): void;
  /** Answers a data source. @throws Error for one that it does not know. */
  invoke(token: string, args: PlainMap, region: string, cloud: Cloud): WireMap;
}

/** Where a provider believes to be until it is configured. */
const DEFAULT_REGION = "us-east-1";

const plain = (map: WireMap): PlainMap => unwrap(map).value as PlainMap;

/** The provider's methods over gRPC. */
export function managedProvider(parts: Package, cloud: Cloud, controls: Controls): grpc.UntypedServiceImplementation {
  // The engine attaches once for every configuration and version of a provider; each attachment is a connection of its own.
  const regions = new Map<string, string>();
  const regionOf = (peer: string, inputs: WireMap): string =>
    typeof inputs.region === "string" ? inputs.region : (regions.get(peer) ?? DEFAULT_REGION);

  const attemptOf = (operation: Operation, urn: string, id: string, inputs: WireMap, isPreview: boolean): Attempt => ({
    operation,
    type: typeOf(urn),
    name: nameOf(urn),
    urn,
    id,
    inputs: plain(inputs),
    isPreview,
  });

  return {
    checkConfig: answer((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer((request: proto.DiffRequest) => {
      const found = differences(toMap(request.getOldInputs()), toMap(request.getNews()), () => false);
      return toDiff(
        found.filter(({ path }) => path !== "version"),
        () => false,
        false,
      );
    }),
    configure: answer((request: proto.ConfigureRequest, peer) => {
      const { region } = plain(toMap(request.getArgs()));
      regions.set(peer, typeof region === "string" ? region : DEFAULT_REGION);
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),

    check: answer((request: proto.CheckRequest, peer) => {
      const urn = request.getUrn();
      const news = toMap(request.getNews());
      const proposed = request.getAutonaming()?.getProposedName() ?? "";
      const { inputs, failures } = parts.check({
        type: typeOf(urn),
        name: nameOf(urn),
        olds: toMap(request.getOlds()),
        news,
        seed: urn + request.getRandomseed_asB64(),
        proposedName: proposed === "" ? undefined : proposed,
        region: regionOf(peer, news),
      });
      return new proto.CheckResponse()
        .setInputs(toStruct(inputs))
        .setFailuresList(failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason)));
    }),
    diff: answer((request: proto.DiffRequest) => {
      const type = typeOf(request.getUrn());
      const [olds, news] = [toMap(request.getOldInputs()), toMap(request.getNews())];
      const found = differences(unwrap(olds).value as WireMap, unwrap(news).value as WireMap, (path) => parts.isSet(path));
      const isReplaced = found.some((difference) => parts.replaces(type, difference));
      return toDiff(found, (difference) => parts.replaces(type, difference), isReplaced && parts.deletesBeforeReplacing(olds, news, type));
    }),

    create: answer((request: proto.CreateRequest, peer) => {
      const urn = request.getUrn();
      const inputs = toMap(request.getProperties());
      const [type, name, isPreview] = [typeOf(urn), nameOf(urn), request.getPreview()];
      return controls.perform(attemptOf("create", urn, "", inputs, isPreview), () => {
        if (isPreview) {
          const foreseen = foreseenOutputs({ urn, type, name, inputs: plain(inputs) }, inputs);
          return {
            result: new proto.CreateResponse().setProperties(toStruct(foreseen)),
            change: { id: "", outputs: plain(foreseen), inputsBefore: undefined },
          };
        }
        const resource = { urn: cloud.seedFor(urn), type, name, inputs: plain(inputs) };
        const { id, outputs: computed } = parts.created(resource, regionOf(peer, inputs), cloud);
        const outputs = settled(inputs, computed);
        const thing = { type, name, urn, id, inputs, outputs };
        parts.admit(thing, cloud);
        cloud.put(thing);
        return {
          result: new proto.CreateResponse().setId(id).setProperties(toStruct(outputs)),
          change: { id, outputs: plain(outputs), inputsBefore: undefined },
        };
      });
    }),
    update: answer((request: proto.UpdateRequest) => {
      const urn = request.getUrn();
      const [olds, oldInputs, news] = [toMap(request.getOlds()), toMap(request.getOldInputs()), toMap(request.getNews())];
      const [type, id, isPreview] = [typeOf(urn), request.getId(), request.getPreview()];
      return controls.perform(attemptOf("update", urn, id, news, isPreview), () => {
        if (cloud.isGone(urn, id)) {
          throw new Error(`${type} ${id} does not exist`);
        }
        const found = differences(unwrap(oldInputs).value as WireMap, unwrap(news).value as WireMap, (path) => parts.isSet(path));
        const kept = settled(news, computedIn(olds, oldInputs));
        const outputs = { ...kept, ...parts.changed(type, found, news, olds, isPreview) };
        if (!isPreview) {
          const thing = { type, name: nameOf(urn), urn, id, inputs: news, outputs };
          parts.alter(thing, { ...thing, inputs: oldInputs, outputs: olds }, cloud);
          cloud.put(thing);
        }
        return {
          result: new proto.UpdateResponse().setProperties(toStruct(outputs)),
          change: { id, outputs: plain(outputs), inputsBefore: plain(oldInputs) },
        };
      });
    }),
    delete: answer((request: proto.DeleteRequest) => {
      const urn = request.getUrn();
      const [id, inputs, outputs] = [request.getId(), toMap(request.getOldInputs()), toMap(request.getProperties())];
      return controls.perform(attemptOf("delete", urn, id, inputs, false), () => {
        const thing = cloud.find(urn, id);
        if (thing !== undefined) {
          parts.release(thing, cloud);
          cloud.remove(urn, id);
        }
        return { result: new Empty(), change: { id, outputs: plain(outputs), inputsBefore: plain(inputs) } };
      });
    }),

    read: answer((request: proto.ReadRequest) => {
      const id = request.getId();
      const thing = cloud.find(request.getUrn(), id);
      if (thing !== undefined) {
        return new proto.ReadResponse().setId(id).setProperties(toStruct(thing.outputs)).setInputs(toStruct(thing.inputs));
      }
      // An empty id says that it does not exist.
      return new proto.ReadResponse();
    }),
    invoke: answer((request: proto.InvokeRequest, peer) => {
      const args = toMap(request.getArgs());
      return new proto.InvokeResponse().setReturn(toStruct(parts.invoke(request.getTok(), plain(args), regionOf(peer, args), cloud)));
    }),
  };
}

const KINDS = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

function toDiff(found: readonly Difference[], isReplaced: (difference: Difference) => boolean, deleteFirst: boolean): proto.DiffResponse {
  const response = new proto.DiffResponse()
    .setChanges(found.length === 0 ? proto.DiffResponse.DiffChanges.DIFF_NONE : proto.DiffResponse.DiffChanges.DIFF_SOME)
    .setDiffsList(topLevel(found))
    .setReplacesList(topLevel(found.filter(isReplaced)))
    .setDeletebeforereplace(deleteFirst)
    .setHasdetaileddiff(true);
  for (const difference of found) {
    const [plainKind, replaceKind] = KINDS[difference.kind];
    const detail = new proto.PropertyDiff().setKind(isReplaced(difference) ? replaceKind : plainKind).setInputdiff(true);
    response.getDetaileddiffMap().set(difference.path, detail);
  }
  return response;
}

function topLevel(found: readonly Difference[]): string[] {
  return [...new Set(found.map(({ path }) => path.split(/[.[]/)[0] ?? path))];
}
