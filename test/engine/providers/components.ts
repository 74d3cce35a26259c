/** The stand-ins for the plugins of remote components, awsx and eks: they build what the rehearsal knows that the real ones build. */
import type * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { answer, toMap, toStruct } from "../../../src/rehearsal/monitor/service";
import { UNKNOWN, asMap, hasUnknown, unwrap } from "../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../src/rehearsal/monitor/wire";
import { kubeconfigOf } from "../../../src/rehearsal/outputs/eks-kubeconfig";
import { zonesOf } from "../../../src/rehearsal/outputs/invokes";
import type { Offers } from "../../../src/rehearsal/outputs/invokes";
import type { MakeChild } from "../../../src/rehearsal/outputs/component";
import { pluginOf } from "../../../src/rehearsal/outputs/plugins";
import type { Plugin } from "../../../src/rehearsal/outputs/plugins";
import { makeWorld } from "../../../src/rehearsal/outputs/world";
import type { World } from "../../../src/rehearsal/outputs/world";
import { Construction } from "./construct";

const DEFAULT_REGION = "us-east-1";

/** The provider's methods over gRPC. @param plugins components that the rehearsal does not know, by type. */
export function componentProvider(offers: Offers, plugins: Readonly<Record<string, Plugin>>): grpc.UntypedServiceImplementation {
  // For the methods of components: the cluster in each, by the component's URN.
  const clusters = new Map<string, WireMap>();
  return {
    checkConfig: answer((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(() => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: answer(() => new proto.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true)),
    construct: answer(async (request: proto.ConstructRequest) => {
      const { construct, versions } = plugins[request.getType()] ?? pluginOf(request.getType());
      const world = worldOf(request);
      const construction = new Construction(request, versions);
      try {
        const urn = await construction.registerComponent();
        const make: MakeChild = async (type, ...rest) => {
          const child = await construction.make(type, ...rest);
          if (type === "aws:eks/cluster:Cluster") {
            clusters.set(urn, child.outputs);
          }
          return child;
        };
        const inputs = unwrap(toMap(request.getInputs())).value as WireMap;
        const outputs = await construct(
          { urn, type: request.getType(), name: request.getName(), inputs },
          world,
          zonesOf(world, offers),
          make,
        );
        await construction.finish(outputs);
        const response = new proto.ConstructResponse().setUrn(urn).setState(toStruct(outputs));
        for (const [property, value] of Object.entries(outputs)) {
          const urns = [urn, ...construction.dependenciesOf(value)];
          response.getStatedependenciesMap().set(property, new proto.ConstructResponse.PropertyDependencies().setUrnsList(urns));
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
      const { roleArn } = unwrap(args).value as WireMap;
      const cluster = clusters.get(String(asMap(args.__self__).urn)) ?? {};
      const kubeconfig = kubeconfigOf(cluster, worldOf(request), typeof roleArn === "string" ? ["--role", roleArn] : []);
      return new proto.CallResponse().setReturn(toStruct({ result: hasUnknown(kubeconfig) ? UNKNOWN : JSON.stringify(kubeconfig) }));
    }),
  };
}

function worldOf(request: proto.ConstructRequest | proto.CallRequest): World {
  return makeWorld(request.getConfigMap().get("aws:region") ?? DEFAULT_REGION, request.getStack());
}
