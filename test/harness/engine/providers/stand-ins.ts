/**
 * The providers that stand in for those of AWS, as gRPC servers of this process. The engine attaches to them where it would start
 * plugins: PULUMI_DEBUG_PROVIDERS names their ports (pulumi/pulumi sdk/go/common/resource/plugin/provider_plugin.go).
 */
import { readFileSync } from "node:fs";
import type * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { keepCallbacksInTheirRun } from "../../../../src/rehearsal/monitor/program-context";
import { answer, listen, makeServer, refuseAll } from "../../../../src/rehearsal/monitor/service";
import type { Offers } from "../../../../src/rehearsal/stand-ins/invokes";
import type { Plugin } from "../../../../src/rehearsal/stand-ins/plugins";
import { awsPackage } from "./aws/aws";
import type { ApiServer } from "./aws/aws";
import { Cloud } from "./cloud";
import { componentProvider } from "./components/components";
import { Controls } from "./controls";
import { managedProvider } from "./managed";
import { RANDOM } from "./random";

export interface StandInOptions {
  /** What AWS is assumed to offer. @default every zone offers every instance type */
  readonly offers?: Offers;
  /** The API server that EKS clusters turn out to be. @default an address that nobody answers */
  readonly apiServer?: ApiServer;
  /** Remote components besides those that the rehearsal knows, by type. @default none */
  readonly plugins?: Readonly<Record<string, Plugin>>;
}

export interface StandIns {
  readonly controls: Controls;
  readonly cloud: Cloud;
  /** For the engine's environment: `aws:40001,awsx:40002,...`. */
  readonly attach: string;
  close(): void;
}

export async function startStandIns({ offers = {}, apiServer, plugins = {} }: StandInOptions = {}): Promise<StandIns> {
  // The tests' programs run in this process, beside these servers.
  keepCallbacksInTheirRun();
  const controls = new Controls();
  const cloud = new Cloud();
  const providers: Readonly<Record<string, grpc.UntypedServiceImplementation>> = {
    aws: managedProvider(awsPackage({ offers, apiServer }), cloud, controls),
    awsx: componentProvider(offers, plugins),
    eks: componentProvider(offers, plugins),
    random: managedProvider(RANDOM, cloud, controls),
  };
  const servers = await Promise.all(
    Object.entries(providers).map(async ([name, methods]) => {
      const server = makeServer();
      const refused = refuseAll(ResourceProviderService, `the stand-in for the ${name} provider`);
      server.addService(ResourceProviderService, { ...refused, ...commonMethods(versionOf(name), "construct" in methods), ...methods });
      return { name, server, address: await listen(server) };
    }),
  );
  return {
    controls,
    cloud,
    attach: servers.map(({ name, address }) => `${name}:${address.split(":").at(-1) ?? ""}`).join(","),
    close: () => {
      servers.forEach(({ server }) => {
        server.forceShutdown();
      });
    },
  };
}

/** The SDK's version is the plugin's. */
function versionOf(name: string): string {
  const path = require.resolve(`@pulumi/${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

/** @param acceptsReferences whether references to resources stay what they are; ids stand for them otherwise. */
function commonMethods(version: string, acceptsReferences: boolean): grpc.UntypedServiceImplementation {
  return {
    handshake: answer(() =>
      new proto.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptResources(acceptsReferences)
        .setSupportsAutonamingConfiguration(true),
    ),
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion(version)),
    attach: answer(() => new Empty()),
    cancel: answer(() => new Empty()),
  };
}
