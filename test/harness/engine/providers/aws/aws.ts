/** The AWS provider's stand-in: arguments as the SDK declares them, outputs as the rehearsal believes them, replacements as Terraform's provider has them. */
import { changed, isSet, replaces, tagsAll } from "../../../../../src/rehearsal/deployed/aws";
import { asMap, unwrap } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../../../src/rehearsal/monitor/wire";
import { answerInvoke } from "../../../../../src/rehearsal/stand-ins/invokes";
import type { Offers } from "../../../../../src/rehearsal/stand-ins/invokes";
import { createdOutputs } from "../../../../../src/rehearsal/stand-ins/outputs";
import { makeAccount } from "../../../../../src/rehearsal/stand-ins/account";
import type { Registration } from "../../../../../src/rehearsal/stand-ins/account";
import { admit, alter, release, vpcOf } from "./admission";
import { checkArguments } from "../check";
import type { Cloud } from "../cloud";
import { declarationOf } from "../../../../../src/rehearsal/stand-ins/declarations";
import type { Kind } from "../../../../../src/rehearsal/stand-ins/declarations";
import { limitFailures } from "./limits";
import { lookUp } from "./lookups";
import type { CheckedResource, Package } from "../managed";
import { madeUpName, nameArgument, wasMadeUp, withDefaults } from "./names";

/** The API server that an EKS cluster turns out to be. */
export interface ApiServer {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Base64, as in a kubeconfig. */
  readonly certificateAuthorityData: string;
}

export interface AwsOptions {
  readonly offers: Offers;
  /** Undefined: an address that nobody answers. */
  readonly apiServer: ApiServer | undefined;
}

export function awsPackage({ offers, apiServer }: AwsOptions): Package {
  return {
    check,
    replaces: (type, { path, kind }) => replaces(type, path, kind === "delete"),
    isSet,
    deletesBeforeReplacing,
    created: (resource, region, cloud) => {
      const { id, outputs } = createdOutputs(resource, makeAccount(region, ""));
      const more = { ...tagsAll(resource.inputs as WireMap), ...endpoint(resource, apiServer), ...network(resource, outputs, cloud) };
      return { id, outputs: { ...declaredOutputs(resource), ...outputs, ...more } };
    },
    changed,
    admit,
    alter,
    release,
    invoke: (token, args, region, cloud) =>
      lookUp(token, args, region, cloud) ?? (answerInvoke(token, args, makeAccount(region, ""), offers) as WireMap),
  };
}

function check(resource: CheckedResource): ReturnType<Package["check"]> {
  const { type, news, region } = resource;
  const declaration = declarationOf(type);
  if (declaration === undefined) {
    return { inputs: news, failures: [{ property: "", reason: `the AWS provider has no resource type ${type}` }] };
  }
  const fields = declaration.arguments;
  const argument = nameArgument(type, fields);
  const name = argument === undefined ? undefined : madeUpName(argument, resource);
  const filled: Record<string, string> = {
    ...(argument === undefined || name === undefined ? {} : { [argument]: name }),
    ...(fields.has("region") && (news.region ?? null) === null ? { region } : {}),
  };
  const inputs = { ...news, ...filled };
  const plain = unwrap(inputs).value as WireMap;
  return {
    inputs: withDefaults(inputs, Object.keys(filled), fields),
    failures: [...checkArguments(plain, fields), ...limitFailures(type, plain)],
  };
}

/** A name that the program fixes is taken until the old resource is gone (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace). */
function deletesBeforeReplacing(olds: WireMap, news: WireMap, type: string): boolean {
  const argument = nameArgument(type, declarationOf(type)?.arguments ?? new Map());
  return argument !== undefined && news[argument] !== undefined && !wasMadeUp(news, argument) && news[argument] === olds[argument];
}

/** Outputs without a believable value: what Terraform's provider has for an attribute that is computed and turns out to be nothing. */
function declaredOutputs({ type, inputs }: Registration): WireMap {
  const outputs = [...(declarationOf(type)?.outputs ?? [])].filter(([name, { required }]) => required && inputs[name] === undefined);
  return Object.fromEntries(outputs.map(([name, { kind }]) => [name, nothingOf(kind)]));
}

/** Null: something of which nobody here knows what it looks like. It is left out. */
function nothingOf({ type }: Kind): WireValue {
  switch (type) {
    case "string":
      return "";
    case "number":
      return 0;
    case "boolean":
      return false;
    case "list":
      return [];
    case "map":
      return {};
    default:
      return null;
  }
}

function endpoint({ type }: Registration, apiServer: ApiServer | undefined): WireMap {
  if (type !== "aws:eks/cluster:Cluster" || apiServer === undefined) {
    return {};
  }
  const authority = { data: apiServer.certificateAuthorityData };
  return { endpoint: apiServer.server, certificateAuthority: authority, certificateAuthorities: [authority] };
}

/** A cluster is in the VPC of its subnets. */
function network(resource: Registration, outputs: WireMap, cloud: Cloud): WireMap {
  const vpcId =
    resource.type === "aws:eks/cluster:Cluster" ? vpcOf({ ...resource, id: "", outputs, inputs: resource.inputs }, cloud) : undefined;
  return vpcId === undefined ? {} : { vpcConfig: { ...asMap(outputs.vpcConfig), vpcId } };
}
