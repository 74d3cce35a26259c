/** The stand-ins for the plugins of remote components, awsx and eks: they build what the rehearsal knows that the real ones build. */
import type * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { answer, toMap, toStruct } from "../../../../../src/rehearsal/monitor/service";
import { apply, serialized } from "../../../../../src/rehearsal/monitor/output-values";
import { asMap } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../../../src/rehearsal/monitor/wire";
import { kubeconfigOf } from "../../../../../src/rehearsal/stand-ins/eks/kubeconfig";
import { zonesOf } from "../../../../../src/rehearsal/stand-ins/invokes";
import type { Offers } from "../../../../../src/rehearsal/stand-ins/invokes";
import { outputsOf, sourcesOf } from "../../../../../src/rehearsal/stand-ins/component";
import type { Child, MakeChild } from "../../../../../src/rehearsal/stand-ins/component";
import { pluginOf } from "../../../../../src/rehearsal/stand-ins/plugins";
import type { Plugin } from "../../../../../src/rehearsal/stand-ins/plugins";
import { makeAccount } from "../../../../../src/rehearsal/stand-ins/account";
import type { Account } from "../../../../../src/rehearsal/stand-ins/account";
import { Construction } from "./construct";

const DEFAULT_REGION = "us-east-1";

/** The provider's methods over gRPC. @param plugins components that the rehearsal does not know, by type. */
export function componentProvider(offers: Offers, plugins: Readonly<Record<string, Plugin>>): grpc.UntypedServiceImplementation {
  // For the methods of components: the outputs of the cluster in each, by the component's URN.
  const clusters = new Map<string, Child["output"]>();
  return {
    checkConfig: answer((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(() => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: answer(() => new proto.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true)),
    construct: answer(async (request: proto.ConstructRequest) => {
      const [type, name] = [request.getType(), request.getName()];
      const plugin = plugins[type] ?? pluginOf(type);
      const account = accountOf(request);
      const construction = new Construction(request, plugin);
      try {
        const urn = await construction.registerComponent();
        const make: MakeChild = async (childType, ...rest) => {
          const child = await construction.make(childType, ...rest);
          if (childType === "aws:eks/cluster:Cluster") {
            clusters.set(urn, child.output);
          }
          return child;
        };
        const outputs = await plugin.construct({ type, name, inputs: construction.inputs }, account, zonesOf(account, offers), make);
        await construction.finish(outputs);
        const response = new proto.ConstructResponse().setUrn(urn).setState(toStruct(serialized(outputs) as WireMap));
        for (const [property, value] of Object.entries(outputs)) {
          const urns = new proto.ConstructResponse.PropertyDependencies().setUrnsList([...sourcesOf(value)]);
          response.getStatedependenciesMap().set(property, urns);
        }
        return response;
      } finally {
        construction.close();
      }
    }),
    call: answer((request: proto.CallRequest) => {
      if (request.getTok() !== "eks:index:Cluster/getKubeconfig") {
        throw new Error(`the stand-in has no answer for the method ${request.getTok()}`);
      }
      const args = toMap(request.getArgs());
      const output = clusters.get(String(asMap(args.__self__).urn)) ?? outputsOf("", {}, true);
      const result = apply([kubeconfigOf(output, args.roleArn)], (kubeconfig) => JSON.stringify(kubeconfig));
      return new proto.CallResponse().setReturn(toStruct({ result: serialized(result ?? null) }));
    }),
  };
}

function accountOf(request: proto.ConstructRequest): Account {
  return makeAccount(request.getConfigMap().get("aws:region") ?? DEFAULT_REGION, request.getStack());
}
