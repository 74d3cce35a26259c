/** What a URN says about who registered a resource. Anybody who writes a program can imitate it. Each caller says why that is no risk. */
import { EKS_CLUSTER_COMPONENT, HELM_CHART, VPC_COMPONENT } from "../../src/well-known/resource-types";

/** Prefix of the types of the platform's components. */
const COMPONENT = "shared-gpu:";
/** Components of other packages, whose plugins create resources of their own. */
const REMOTE_COMPONENTS: readonly string[] = [VPC_COMPONENT, EKS_CLUSTER_COMPONENT];

/** Components that a plugin registers, and perhaps without inputs: the Kubernetes provider does that with its charts, eks 4.3.0 as released with its cluster. */
const WITHOUT_INPUTS: readonly string[] = [...REMOTE_COMPONENTS, HELM_CHART];

/** Whether the resource is a component of which a rule can read nothing. It checks the resources that the component creates. */
export function registersNoInputs(type: string, props: object): boolean {
  return WITHOUT_INPUTS.includes(type) && Object.keys(props).length === 0;
}

interface Origin {
  readonly project: string;
  /** Types of the resources around it, outermost first. */
  readonly around: readonly string[];
}

function originOf(urn: string): Origin {
  const [, project = "", types = ""] = urn.split("::");
  return { project, around: types.split("$").slice(0, -1) };
}

/** The Pulumi project that registers the resource. */
export function projectOf(urn: string): string {
  return originOf(urn).project;
}

/** Whether a component of the platform is around the resource, in one of the platform's projects. */
export function isOfPlatform(urn: string, projects: readonly string[]): boolean {
  const { project, around } = originOf(urn);
  return projects.includes(project) && around[0]?.startsWith(COMPONENT) === true;
}

/** Whether the plugin of a remote component made the resource, which computes most of its inputs from other resources' outputs. */
export function isOfRemoteComponent(urn: string): boolean {
  return originOf(urn).around.some((type) => REMOTE_COMPONENTS.includes(type));
}
